using System.Text;

namespace AgentMonitor.Core.Origins;

/// <summary>
/// Reads YAML in the block form that serialisers write: mappings and lists by indentation, plain, quoted and folded scalars. Not a YAML
/// reader: what it is not sure of is no YAML.
/// </summary>
internal static class YamlText
{
    private const int MaxKeyLength = 64;

    /// <summary>A mapping that is open: the column of its keys, and which it has.</summary>
    private sealed class Level(int column, string parent)
    {
        public int Column => column;
        public string Parent => parent;
        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);
        public string Key { get; set; } = "";
    }

    public static bool TryRead(string text, List<ResultField> fields)
    {
        var levels = new Stack<Level>();
        var lines = text.Split('\n');
        var some = false;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].AsSpan().TrimEnd();
            if (line.TrimStart().IsEmpty) continue;
            var column = line.Length - line.TrimStart().Length;
            var rest = line[column..];

            // "- " opens an item; several can stand on one line.
            var item = false;
            while (rest.StartsWith("- ", StringComparison.Ordinal) || rest is "-")
            {
                item = true;
                while (levels.Count > 0 && levels.Peek().Column > column) levels.Pop();
                var width = rest.Length - rest[1..].TrimStart().Length;
                column += width;
                rest = rest[width..];
            }
            while (levels.Count > 0 && (levels.Peek().Column > column || item && levels.Peek().Column >= column)) levels.Pop();

            if (KeyEnd(rest) is not { } keyEnd)
            {
                // A scalar as an item of a list.
                if (!item) return false;
                if (!Scalar(lines, ref i, rest, column - 1, levels.Count > 0 ? levels.Peek().Key : "", fields)) return false;
                some = true;
                continue;
            }
            if (levels.Count > 0 && levels.Peek().Column < column && !item && levels.Peek().Key is "") return false;
            if (levels.Count == 0 || levels.Peek().Column < column) levels.Push(new(column, levels.Count > 0 ? levels.Peek().Key : ""));
            var key = Unquoted(rest[..keyEnd]);
            var level = levels.Peek();
            // A member twice: a text that pretends to be a field, or no YAML at all.
            if (!level.Names.Add(key)) return false;
            level.Key = key;
            fields.Add(new(level.Parent, key, true));
            some = true;
            var value = rest[(keyEnd + 1)..].TrimStart();
            if (!value.IsEmpty && !Scalar(lines, ref i, value, level.Column, key, fields)) return false;
            if (fields.Count >= ResultFields.MaxFields) return false;
        }
        return some;
    }

    /// <summary>Reads a scalar that begins with <paramref name="value"/> on line <paramref name="i"/>; lines indented more than <paramref name="column"/> go on with it.</summary>
    private static bool Scalar(string[] lines, ref int i, ReadOnlySpan<char> value, int column, string field, List<ResultField> fields)
    {
        if (value is "[]" or "{}" or "null" or "~") return true;
        if (value[0] is '{' or '[')
            return PythonLiteral.TryRead(value.ToString(), fields, field);
        var text = new StringBuilder();
        if (value[0] is '\'' or '"')
        {
            var quote = value[0];
            var body = value[1..].ToString();
            while (true)
            {
                if (Closed(body, quote, text, out var after))
                {
                    if (!body.AsSpan(after).Trim().IsEmpty) return false;
                    fields.Add(new(field, text.ToString(), false));
                    return true;
                }
                text.Append('\n');
                if (++i >= lines.Length) return false;
                body = lines[i].Trim();
            }
        }
        var block = value[0] is '|' or '>' && value.Length <= 3;
        if (!block) text.Append(value);
        while (i + 1 < lines.Length)
        {
            var next = lines[i + 1].AsSpan();
            if (next.Trim().IsEmpty)
            {
                // An empty line goes on with the scalar only when something indented follows.
                var further = i + 2;
                while (further < lines.Length && lines[further].AsSpan().Trim().IsEmpty) further++;
                if (further >= lines.Length || Indent(lines[further]) <= column) break;
                text.Append('\n');
                i++;
                continue;
            }
            if (Indent(next) <= column) break;
            if (text.Length > 0) text.Append(block ? '\n' : ' ');
            text.Append(next.Trim());
            i++;
        }
        fields.Add(new(field, text.ToString(), false));
        return true;
    }

    private static bool Closed(string body, char quote, StringBuilder into, out int after)
    {
        for (var i = 0; i < body.Length; i++)
        {
            if (quote == '"' && body[i] == '\\' && i + 1 < body.Length)
            {
                i++;
                into.Append(body[i] switch { 'n' => '\n', 't' => '\t', _ => body[i] });
            }
            else if (body[i] == quote)
            {
                if (quote == '\'' && i + 1 < body.Length && body[i + 1] == '\'')
                {
                    into.Append('\'');
                    i++;
                    continue;
                }
                after = i + 1;
                return true;
            }
            else into.Append(body[i]);
        }
        after = body.Length;
        return false;
    }

    private static int Indent(ReadOnlySpan<char> line) => line.Length - line.TrimStart(' ').Length;

    private static string Unquoted(ReadOnlySpan<char> key) => key.Length > 1 && key[0] is '\'' or '"' && key[^1] == key[0] ? key[1..^1].ToString() : key.ToString();

    // "key:" at the end of the line or "key: value".
    private static int? KeyEnd(ReadOnlySpan<char> line)
    {
        if (line.IsEmpty || line[0] is '-' or '#') return null;
        int at;
        if (line[0] is '\'' or '"')
        {
            var close = line[1..].IndexOf(line[0]);
            if (close < 0) return null;
            at = close + 2;
        }
        else
        {
            // The colon that ends a key stands before a blank or the line's end; one in "http://" does not.
            at = line.IndexOf(": ", StringComparison.Ordinal);
            if (at < 0) at = line[^1] == ':' ? line.Length - 1 : -1;
        }
        if (at <= 0 || at > MaxKeyLength || at >= line.Length || line[at] != ':' || at + 1 < line.Length && line[at + 1] != ' ') return null;
        if (line[0] is '\'' or '"') return at;
        foreach (var c in line[..at])
            if (!char.IsLetterOrDigit(c) && c is not ('_' or '-' or ' ' or '.' or '@' or '+' or '/' or '#' or '(' or ')' or '&' or '%' or ':')) return null;
        return at;
    }
}
