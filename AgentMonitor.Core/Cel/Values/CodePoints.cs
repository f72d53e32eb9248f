using System.Text;

namespace AgentMonitor.Core.Cel;

/// <summary>The language counts code points where .NET counts UTF-16 units. For a text without surrogates they are the same.</summary>
internal static class CodePoints
{
    public static bool AreUnits(string text) => text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0;

    public static int Count(string text)
    {
        if (AreUnits(text)) return text.Length;
        var count = 0;
        for (var i = 0; i < text.Length; i++, count++)
            if (IsPair(text, i)) i++;
        return count;
    }

    /// <summary>The unit at which a code point starts; the text's length for the one behind the last; -1 beyond it.</summary>
    public static int UnitOf(string text, long codePoint)
    {
        if (codePoint < 0) return -1;
        if (AreUnits(text)) return codePoint <= text.Length ? (int)codePoint : -1;
        var at = 0;
        while (codePoint > 0)
        {
            if (at >= text.Length) return -1;
            at += IsPair(text, at) ? 2 : 1;
            codePoint--;
        }
        return at;
    }

    /// <summary>The number of code points before a unit.</summary>
    public static int Before(string text, int unit) => Count(text[..unit]);

    public static bool IsPair(string text, int at) => char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);

    /// <summary>Order by code points, which is the order of UTF-8 bytes.</summary>
    public static int Compare(string a, string b)
    {
        var length = Math.Min(a.Length, b.Length);
        var at = a.AsSpan(0, length).CommonPrefixLength(b.AsSpan(0, length));
        if (at == length) return a.Length.CompareTo(b.Length);
        char x = a[at], y = b[at];
        bool xs = char.IsSurrogate(x), ys = char.IsSurrogate(y);
        return xs == ys ? x.CompareTo(y) : xs ? 1 : -1;
    }

    public static string Reverse(string text)
    {
        var result = new char[text.Length];
        for (int i = 0, to = text.Length; i < text.Length; i++)
        {
            if (IsPair(text, i)) { result[--to] = text[i + 1]; result[--to] = text[i++]; }
            else result[--to] = text[i];
        }
        return new(result);
    }

    private static readonly UTF8Encoding Strict = new(false, true);

    /// <summary>The text of UTF-8 bytes; null when they are not UTF-8.</summary>
    public static string? Decode(byte[] bytes) => System.Text.Unicode.Utf8.IsValid(bytes) ? Strict.GetString(bytes) : null;
}
