using System.Text;

namespace AgentMonitor.Bench;

/// <summary>A table for the console or for a Markdown page. The first <paramref name="words"/> columns are words, the rest numbers.</summary>
internal sealed class Table(int words, params string[] columns)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells)
    {
        if (cells.Length != columns.Length) throw new ArgumentException($"{cells.Length} cells for {columns.Length} columns", nameof(cells));
        _rows.Add(cells);
    }

    public string ToString(bool markdown)
    {
        var text = new StringBuilder();
        if (markdown)
        {
            Line(text, columns, "| ", " | ", " |", null);
            Line(text, [.. columns.Select((_, i) => i < words ? "---" : "---:")], "|", "|", "|", null);
            foreach (var row in _rows) Line(text, row, "| ", " | ", " |", null);
            return text.ToString();
        }
        var widths = columns.Select((column, i) => _rows.Select(row => row[i].Length).Append(column.Length).Max()).ToArray();
        Line(text, columns, "", "  ", "", widths);
        Line(text, [.. widths.Select(width => new string('-', width))], "", "  ", "", widths);
        foreach (var row in _rows) Line(text, row, "", "  ", "", widths);
        return text.ToString();
    }

    private void Line(StringBuilder text, string[] cells, string before, string between, string after, int[]? widths)
    {
        text.Append(before);
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0) text.Append(between);
            text.Append(widths is null ? cells[i] : i < words ? cells[i].PadRight(widths[i]) : cells[i].PadLeft(widths[i]));
        }
        text.Append(after).Append('\n');
    }
}
