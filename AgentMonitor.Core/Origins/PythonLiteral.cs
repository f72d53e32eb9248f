using System.Text;

namespace AgentMonitor.Core.Origins;

/// <summary>Reads the text that Python prints for dictionaries, lists and tuples of plain values (<c>repr</c>): quotes inside a text are escaped there, so its fields can be told apart.</summary>
internal static class PythonLiteral
{
    private const int MaxDepth = 32;
    private const int MaxOpaque = 200;

    public static bool TryRead(string text, List<ResultField> fields, string field = "")
    {
        var at = 0;
        if (!Value(text, ref at, field, fields, 0)) return false;
        Space(text, ref at);
        return at == text.Length;
    }

    private static bool Value(string text, ref int at, string field, List<ResultField> fields, int depth)
    {
        Space(text, ref at);
        if (at >= text.Length || depth > MaxDepth || fields.Count >= ResultFields.MaxFields) return false;
        switch (text[at])
        {
            case '{': return Braces(text, ref at, field, fields, depth);
            case '[': return Items(text, ref at, ']', field, fields, depth);
            case '(': return Items(text, ref at, ')', field, fields, depth);
            case '\'' or '"':
                if (Quoted(text, ref at) is not { } quoted) return false;
                fields.Add(new(field, quoted, false));
                return true;
            case '<':
                // <Status.confirmed: 'confirmed'>, as values without a literal are printed; it says nothing that is not in its quotes.
                var close = text.IndexOf('>', at, Math.Min(MaxOpaque, text.Length - at));
                if (close < 0 || text.AsSpan(at, close - at).Contains('\n')) return false;
                fields.Add(new(field, text[(at + 1)..close], false));
                at = close + 1;
                return true;
            default:
                var start = at;
                while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '.' or '-' or '+' or '_')) at++;
                if (at == start) return false;
                var word = text[start..at];
                if (at < text.Length && text[at] == '(') return Constructed(text, ref at, start, field, fields);
                if (word is "None" or "True" or "False" or "null" or "true" or "false" or "nan" or "inf") return true;
                if (!char.IsDigit(word[^1])) return false;
                fields.Add(new(field, word, false));
                return true;
        }
    }

    // datetime.datetime(2024, 5, 13, 9, 0) and the like: kept as it is printed.
    private static bool Constructed(string text, ref int at, int start, string field, List<ResultField> fields)
    {
        while (at < text.Length && text[at] != ')')
            if (text[at++] is '\'' or '"' or '{' or '[') return false;
        if (at >= text.Length) return false;
        at++;
        fields.Add(new(field, text[start..at], false));
        return true;
    }

    private static bool Braces(string text, ref int at, string field, List<ResultField> fields, int depth)
    {
        at++;
        HashSet<string>? names = null;
        while (true)
        {
            Space(text, ref at);
            if (at >= text.Length) return false;
            if (text[at] == '}')
            {
                at++;
                return true;
            }
            string key;
            if (text[at] is '\'' or '"')
            {
                if (Quoted(text, ref at) is not { } quoted) return false;
                key = quoted;
            }
            else
            {
                var start = at;
                while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '.' or '-' or '_')) at++;
                if (at == start) return false;
                key = text[start..at];
            }
            Space(text, ref at);
            if (at < text.Length && text[at] == ':')
            {
                at++;
                if (!(names ??= new(StringComparer.Ordinal)).Add(key)) return false;
                fields.Add(new(field, key, true));
                if (!Value(text, ref at, key, fields, depth + 1)) return false;
            }
            else fields.Add(new(field, key, false));
            if (!Comma(text, ref at, '}')) return false;
        }
    }

    private static bool Items(string text, ref int at, char close, string field, List<ResultField> fields, int depth)
    {
        at++;
        while (true)
        {
            Space(text, ref at);
            if (at >= text.Length) return false;
            if (text[at] == close)
            {
                at++;
                return true;
            }
            if (!Value(text, ref at, field, fields, depth + 1) || !Comma(text, ref at, close)) return false;
        }
    }

    private static bool Comma(string text, ref int at, char close)
    {
        Space(text, ref at);
        if (at >= text.Length) return false;
        if (text[at] == ',')
        {
            at++;
            return true;
        }
        return text[at] == close;
    }

    private static string? Quoted(string text, ref int at)
    {
        var quote = text[at++];
        var value = new StringBuilder();
        while (at < text.Length)
        {
            var c = text[at++];
            if (c == quote) return value.ToString();
            if (c == '\n') return null;
            if (c != '\\')
            {
                value.Append(c);
                continue;
            }
            if (at >= text.Length) return null;
            var escaped = text[at++];
            value.Append(escaped switch { 'n' => '\n', 't' => '\t', 'r' => '\r', _ => escaped });
        }
        return null;
    }

    private static void Space(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
    }
}
