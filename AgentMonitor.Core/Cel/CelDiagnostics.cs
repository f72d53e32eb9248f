using System.Globalization;
using System.Text;

namespace AgentMonitor.Core.Cel;

/// <summary>Shows issues to people.</summary>
public static class CelDiagnostics
{
    /// <summary>Columns of a source line that are shown around an issue.</summary>
    private const int Width = 100;

    /// <summary>Line and column of a position, both from 1; a column is one character (code point).</summary>
    public static (int Line, int Column) Locate(string source, int position)
    {
        position = Math.Clamp(position, 0, source.Length);
        int line = 1, start = 0;
        for (var i = 0; i < position; i++)
        {
            if (source[i] == '\r' && i + 1 < source.Length && source[i + 1] == '\n') continue;
            if (source[i] is '\r' or '\n') (line, start) = (line + 1, i + 1);
        }
        var column = 1;
        for (var i = start; i < position; i++)
            if (!char.IsLowSurrogate(source[i])) column++;
        return (line, column);
    }

    /// <summary>
    /// The issue in three lines: where it is and what is wrong, the line of the source (cut around the place when it is long), and a caret below
    /// the place.
    /// </summary>
    public static string Format(string source, CelIssue issue)
    {
        var (line, column) = Locate(source, issue.Position);
        var position = Math.Clamp(issue.Position, 0, source.Length);
        int start = position, end = position;
        while (start > 0 && source[start - 1] is not ('\r' or '\n')) start--;
        while (end < source.Length && source[end] is not ('\r' or '\n')) end++;
        bool cutLeft = position - start > Width * 2 / 3, cutRight;
        if (cutLeft) start = Boundary(source, position - (Width / 2));
        cutRight = end - start > Width;
        if (cutRight) end = Boundary(source, start + Width);
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{line}:{column}: {issue.Message}\n  ");
        var caret = new StringBuilder("  ");
        if (cutLeft) { text.Append('…'); caret.Append(' '); }
        for (var i = start; i < end; i++)
        {
            // A control character would move what is below it; half a character takes no column.
            text.Append(char.IsControl(source[i]) ? ' ' : source[i]);
            if (i < position && !char.IsLowSurrogate(source[i])) caret.Append(' ');
        }
        if (cutRight) text.Append('…');
        return text.Append('\n').Append(caret).Append('^').ToString();
    }

    /// <summary>The name of a type as people know it: <c>timestamp</c> and not its name in protocol buffers.</summary>
    public static string Name(CelType type) => Name(type, 0);

    private static string Name(CelType type, int depth) => type switch
    {
        CelType.Simple { Name: "google.protobuf.Timestamp" } => "timestamp",
        CelType.Simple { Name: "google.protobuf.Duration" } => "duration",
        CelType.Simple { Name: "null_type" } => "null",
        CelType.Simple { Name: "net.IP" } => "ip",
        CelType.Simple { Name: "net.CIDR" } => "cidr",
        CelType.Param => "any",
        CelType.List { Element: CelType.Param or CelType.Simple { Name: "dyn" } } => "list",
        CelType.Map { Key: CelType.Param or CelType.Simple { Name: "dyn" }, Value: CelType.Param or CelType.Simple { Name: "dyn" } } => "map",
        CelType.Optional { Of: CelType.Param or CelType.Simple { Name: "dyn" } } => "optional",
        // Deeper than this nobody reads, and the name of a type can be exponentially long.
        CelType.List or CelType.Map or CelType.Optional or CelType.Abstract when depth > 3 => "...",
        CelType.List list => $"list({Name(list.Element, depth + 1)})",
        CelType.Map map => $"map({Name(map.Key, depth + 1)}, {Name(map.Value, depth + 1)})",
        CelType.Optional optional => $"optional({Name(optional.Of, depth + 1)})",
        CelType.Type => "type",
        CelType.Abstract { Parameters.IsDefaultOrEmpty: false } host => $"{host.Name}({string.Join(", ", host.Parameters.Select(parameter => Name(parameter, depth + 1)))})",
        _ => type.ToString(),
    };

    private static int Boundary(string source, int at) => at > 0 && at < source.Length && char.IsLowSurrogate(source[at]) ? at - 1 : at;
}
