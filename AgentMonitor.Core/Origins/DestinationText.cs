using System.Buffers;

namespace AgentMonitor.Core.Origins;

/// <summary>What a text in a value or a result may name.</summary>
public enum DestinationKind
{
    /// <summary>Any other value: a name, an id, a path.</summary>
    Other,
    /// <summary>An e-mail address.</summary>
    Email,
    /// <summary>A URL or a domain.</summary>
    Link,
    /// <summary>An IBAN.</summary>
    Iban,
    /// <summary>An account, card or phone number.</summary>
    Number,
}

/// <summary>
/// The canonical form under which two spellings of one destination are the same: <c>https://www.Example.com/</c> and <c>example.com</c>,
/// <c>DE89 3704 0044…</c> and <c>DE8937040044…</c>, <c>@Alice</c> and <c>alice</c>. And the recognition of what looks like an address.
/// </summary>
public static class DestinationText
{
    /// <summary>Longest text that can name a destination, in characters. Longer values have no canonical form and are vouched for by nothing.</summary>
    public const int MaxLength = 512;
    /// <summary>Fewest digits of an account, card or phone number. Shorter numbers are amounts, ids and years.</summary>
    public const int MinNumberDigits = 9;

    private static readonly SearchValues<char> Outer = SearchValues.Create("\"'`“”‘’«»()[]{}<>,;:!?*");
    // Top-level domains that a bare domain (no scheme, no www) is recognised by. Two-letter ones are country codes.
    private static readonly System.Collections.Frozen.FrozenSet<string> TopLevel = System.Collections.Frozen.FrozenSet.ToFrozenSet(
        ["com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "name", "pro", "dev", "app", "xyz", "online", "site", "tech", "store", "shop", "cloud", "page", "link", "click",
         "live", "world", "email", "bank", "news", "blog", "wiki", "space", "website", "top", "club", "agency", "digital", "network", "systems", "services", "finance", "support", "zone", "example", "test", "onion"],
        StringComparer.OrdinalIgnoreCase);
    private static readonly System.Collections.Frozen.FrozenSet<string> FileEndings = System.Collections.Frozen.FrozenSet.ToFrozenSet(
        ["py", "rs", "sh", "md", "pl", "cc", "so", "ps", "ml", "js", "ts", "cs", "go", "rb", "gz", "db", "pm", "mk", "vb", "tf", "am"], StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Writes the canonical form of <paramref name="value"/> into <paramref name="into"/> and gives its length; 0 when nothing is left or it is too long.
    /// Punctuation around it is part of a value (<c>Alice!</c> is another user than <c>Alice</c>): what stands in prose is trimmed first, see <see cref="Trim"/>.
    /// </summary>
    public static int Canonical(ReadOnlySpan<char> value, Span<char> into)
    {
        if (Plain(value, into) is > 0 and var plain) return plain;
        value = value.Trim();
        if (value.Length > 7 && value[0] is 'h' or 'H' or 'm' or 'M') value = WithoutScheme(value);
        if (value.Length > 4 && value[3] == ':' && StartsWith(value, "tel:")) value = value[4..];
        if (value.Length > 4 && value[3] == '.' && StartsWith(value, "www.")) value = value[4..];
        while (value.Length > 1 && value[^1] is '/' or '\\') value = value[..^1];
        if (value.Length > 2 && value[0] == '.' && value[1] is '/' or '\\') value = value[2..];
        if (value.Length > 1 && value[0] is '@' or '#' && char.IsLetterOrDigit(value[1]) && value[1..].IndexOf('@') < 0) value = value[1..];
        if (value.IsEmpty || value.Length > MaxLength || value.Length > into.Length) return 0;

        if (IsSeparatedNumber(value)) return Keep(value, into, char.IsAsciiDigit);
        if (IsIban(value)) return Keep(value, into, char.IsAsciiLetterOrDigit);
        if (IsAmount(value)) return Amount(value, into);
        var length = 0;
        var space = false;
        foreach (var c in value)
        {
            if (c <= ' ' || c == '\u00a0')
            {
                space = true;
                continue;
            }
            if (space && length > 0) into[length++] = ' ';
            space = false;
            into[length++] = c < 128 ? (uint)(c - 'A') <= 25 ? (char)(c | 0x20) : c : char.ToLowerInvariant(c);
        }
        return length;
    }

    // The form of what nearly all values are: an ASCII letter first, then letters, digits, single blanks and marks inside that change nothing.
    // For everything else, and whatever a scheme, "www." or an IBAN may begin, it is 0, and the whole way is gone.
    private static int Plain(ReadOnlySpan<char> value, Span<char> into)
    {
        if (value.Length is 0 or > MaxLength || value.Length > into.Length || !char.IsAsciiLetter(value[0]) || value[^1] == ' ') return 0;
        if (value.Length > 4 && (value[3] == '.' || char.IsAsciiDigit(value[2]))) return 0;
        var forms = PlainForms;
        var before = '\0';
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c >= forms.Length || forms[c] is var form && form == 0 || form == ' ' && before == ' ') return 0;
            into[i] = before = (char)form;
        }
        return value.Length;
    }

    private static ReadOnlySpan<byte> PlainForms => _plainForms;
    private static readonly byte[] _plainForms = MakePlainForms();

    private static byte[] MakePlainForms()
    {
        var forms = new byte[128];
        foreach (var c in "abcdefghijklmnopqrstuvwxyz0123456789 -_.@'&+,!()") forms[c] = (byte)c;
        for (var c = 'A'; c <= 'Z'; c++) forms[c] = (byte)(c | 0x20);
        return forms;
    }

    /// <summary>Whether two values are one destination.</summary>
    public static bool AreSame(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        Span<char> a = stackalloc char[MaxLength], b = stackalloc char[MaxLength];
        var (m, n) = (Canonical(one, a), Canonical(other, b));
        return m > 0 && a[..m].SequenceEqual(b[..n]);
    }

    /// <summary>What a single word (without white space around it) is.</summary>
    public static DestinationKind KindOf(ReadOnlySpan<char> word)
    {
        word = Trim(word);
        if (word.Length < 4 || word.Length > MaxLength) return DestinationKind.Other;
        var at = word.IndexOf('@');
        if (at > 0 && at < word.Length - 3 && word[(at + 1)..].IndexOf('.') > 0 && word[..at].IndexOfAny('/', ':') < 0) return DestinationKind.Email;
        if (at > 0 && StartsWith(word, "mailto:")) return DestinationKind.Email;
        if (word.IndexOf("://", StringComparison.Ordinal) > 0) return DestinationKind.Link;
        if (StartsWith(word, "www.") && word.Length > 6) return DestinationKind.Link;
        if (IsDomain(word)) return DestinationKind.Link;
        if (IsIban(word)) return DestinationKind.Iban;
        return IsAccountNumber(word) ? DestinationKind.Number : DestinationKind.Other;
    }

    /// <summary>Takes off what surrounds a value in prose: white space, quotes, brackets, punctuation.</summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> value)
    {
        int start = 0, end = value.Length;
        // Most values begin and end with a letter or a digit.
        while (start < end && !char.IsAsciiLetterOrDigit(value[start]) && (char.IsWhiteSpace(value[start]) || Outer.Contains(value[start]))) start++;
        while (end > start && !char.IsAsciiLetterOrDigit(value[end - 1]) && (char.IsWhiteSpace(value[end - 1]) || Outer.Contains(value[end - 1]) || value[end - 1] == '.')) end--;
        return value[start..end];
    }

    /// <summary>Whether a text is an IBAN by its shape: country, two check digits, 11 to 30 letters and digits, in groups or not.</summary>
    public static bool IsIban(ReadOnlySpan<char> value)
    {
        if (value.Length is < 15 or > 42 || !char.IsAsciiLetter(value[0]) || !char.IsAsciiLetter(value[1]) || !char.IsAsciiDigit(value[2]) || !char.IsAsciiDigit(value[3])) return false;
        int count = 0, digits = 0;
        foreach (var c in value)
        {
            if (c == ' ') continue;
            if (!char.IsAsciiLetterOrDigit(c)) return false;
            count++;
            if (char.IsAsciiDigit(c)) digits++;
        }
        return count is >= 15 and <= 34 && digits >= 8;
    }

    private static ReadOnlySpan<char> WithoutScheme(ReadOnlySpan<char> value) =>
        StartsWith(value, "https://") ? value[8..] : StartsWith(value, "http://") ? value[7..] : StartsWith(value, "mailto:") ? value[7..] : value;

    // A number in groups: digits with spaces, dashes, brackets, slashes or a plus between them. Dates are such numbers too, which does no harm: they stay what they are.
    private static bool IsSeparatedNumber(ReadOnlySpan<char> value)
    {
        if (!char.IsAsciiDigit(value[0]) && value[0] is not ('+' or '(')) return false;
        var digits = 0;
        foreach (var c in value)
            if (char.IsAsciiDigit(c)) digits++;
            else if (c is not (' ' or '-' or '(' or ')' or '+' or '/' or '\u00a0')) return false;
        return digits >= 7;
    }

    private static bool IsAccountNumber(ReadOnlySpan<char> value)
    {
        if (!IsSeparatedNumber(value)) return false;
        var digits = 0;
        foreach (var c in value)
            if (char.IsAsciiDigit(c)) digits++;
        return digits >= MinNumberDigits;
    }

    private static bool IsAmount(ReadOnlySpan<char> value)
    {
        if (value[0] is '$' or '€' or '£') value = value[1..];
        if (value.IsEmpty || !char.IsAsciiDigit(value[0])) return false;
        bool separated = false, point = false;
        foreach (var c in value)
        {
            if (c == '.' && !point) point = separated = true;
            else if (c == ',' && !point) separated = true;
            else if (!char.IsAsciiDigit(c)) return false;
        }
        return separated || value.Length <= 18;
    }

    private static int Amount(ReadOnlySpan<char> value, Span<char> into)
    {
        var length = 0;
        var point = false;
        foreach (var c in value)
        {
            if (!char.IsAsciiDigit(c) && c != '.') continue;
            point |= c == '.';
            into[length++] = c;
        }
        if (point)
        {
            while (into[length - 1] == '0') length--;
            if (into[length - 1] == '.') length--;
        }
        return length;
    }

    private static bool IsDomain(ReadOnlySpan<char> word)
    {
        var host = word;
        var end = host.IndexOfAny('/', '?', '#');
        if (end >= 0) host = host[..end];
        var port = host.IndexOf(':');
        if (port > 0) host = host[..port];
        var dot = host.LastIndexOf('.');
        if (dot <= 0 || dot > host.Length - 3) return false;
        foreach (var c in host)
            if (!char.IsLetterOrDigit(c) && c is not ('.' or '-')) return false;
        var top = host[(dot + 1)..];
        foreach (var c in top)
            if (!char.IsAsciiLetter(c)) return StartsWith(top, "xn--");
        if (top.Length == 2) return !FileEndings.GetAlternateLookup<ReadOnlySpan<char>>().Contains(top) && (end >= 0 || host[..dot].Length >= 3);
        return TopLevel.GetAlternateLookup<ReadOnlySpan<char>>().Contains(top);
    }

    private static int Keep(ReadOnlySpan<char> value, Span<char> into, Func<char, bool> keep)
    {
        var length = 0;
        foreach (var c in value)
            if (keep(c)) into[length++] = char.ToLowerInvariant(c);
        return length;
    }

    private static bool StartsWith(ReadOnlySpan<char> value, string start) => value.StartsWith(start, StringComparison.OrdinalIgnoreCase);
}
