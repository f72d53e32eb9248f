using System.Buffers;

namespace AgentMonitor.Core.Origins;

/// <summary>
/// Patterns by which an agent's configuration vouches for destinations. A star stands only where it cannot be tricked: for the name in
/// <c>*@example.com</c>, for the host in <c>*.example.com</c>, for the path in <c>wiki.example.com/*</c>. Everything else is an exact value.
/// </summary>
public static class DestinationPattern
{
    private static readonly SearchValues<char> NotInAddress = SearchValues.Create("/ ,;:?#<>\"\\");

    /// <summary>Longest pattern in characters.</summary>
    public const int MaxLength = 256;

    /// <summary>Why a pattern cannot be used; null when it can.</summary>
    public static string? Refuse(string pattern)
    {
        if (string.IsNullOrWhiteSpace(pattern) || pattern.Length > MaxLength) return $"a destination is 1 to {MaxLength} characters";
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0) return null;
        if (pattern.LastIndexOf('*') != star) return "only one star is possible";
        if (pattern.StartsWith("*@", StringComparison.Ordinal) || pattern.StartsWith("*.", StringComparison.Ordinal))
            return pattern.Length > 4 && pattern[2..].Contains('.', StringComparison.Ordinal) && pattern[2..].IndexOfAny(['@', '/', ' ']) < 0 ? null : "a domain such as `example.com` follows the star";
        if (pattern.EndsWith("/*", StringComparison.Ordinal))
            return pattern[..^2].Contains('.', StringComparison.Ordinal) && !pattern.Contains('@', StringComparison.Ordinal) ? null : "a host such as `wiki.example.com` stands before `/*`";
        return "a star can stand for the name in `*@example.com`, the host in `*.example.com` or the path in `wiki.example.com/*`";
    }

    /// <summary>Whether a value is one that the pattern vouches for.</summary>
    public static bool Matches(string pattern, ReadOnlySpan<char> value)
    {
        if (!pattern.Contains('*', StringComparison.Ordinal)) return DestinationText.AreSame(pattern, value);
        Span<char> scratch = stackalloc char[DestinationText.MaxLength];
        var length = DestinationText.Canonical(value, scratch);
        if (length == 0) return false;
        var text = (ReadOnlySpan<char>)scratch[..length];
        if (pattern.StartsWith("*@", StringComparison.Ordinal))
        {
            var at = text.IndexOf('@');
            return at > 0 && text[(at + 1)..].Equals(pattern.AsSpan(2), StringComparison.OrdinalIgnoreCase) && text[..at].IndexOfAny(NotInAddress) < 0;
        }
        var host = HostOf(text);
        if (pattern.StartsWith("*.", StringComparison.Ordinal))
            return !host.IsEmpty && (host.EndsWith(pattern.AsSpan(1), StringComparison.OrdinalIgnoreCase) || host.Equals(pattern.AsSpan(2), StringComparison.OrdinalIgnoreCase));
        // "/*": the whole beginning up to the slash; what a URL can climb out of, or be read as another host, is not taken.
        Span<char> before = stackalloc char[DestinationText.MaxLength];
        var prefix = DestinationText.Canonical(pattern.AsSpan(0, pattern.Length - 2), before);
        return !host.IsEmpty && text.StartsWith(before[..prefix]) && (text.Length == prefix || text[prefix] is '/' or '?' or '#') && !Climbs(text[prefix..]);
    }

    // "..", also as "%2e%2e" or ".%2e", and a backslash, which browsers read as a slash.
    private static bool Climbs(ReadOnlySpan<char> path) =>
        path.IndexOf('\\') >= 0 || path.IndexOf("..", StringComparison.Ordinal) >= 0 || path.IndexOf("%2e", StringComparison.OrdinalIgnoreCase) >= 0 || path.IndexOf("%5c", StringComparison.OrdinalIgnoreCase) >= 0;

    // The host of a URL without a scheme; nothing when there is a user part or anything that hosts do not have.
    private static ReadOnlySpan<char> HostOf(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny("/?#");
        var host = end < 0 ? text : text[..end];
        var port = host.IndexOf(':');
        if (port > 0)
        {
            // What follows must be a port: "a.example.com:x@evil.com" names a user and is sent to evil.com.
            foreach (var c in host[(port + 1)..])
                if (!char.IsAsciiDigit(c)) return [];
            host = host[..port];
        }
        foreach (var c in host)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-')) return [];
        return host;
    }
}
