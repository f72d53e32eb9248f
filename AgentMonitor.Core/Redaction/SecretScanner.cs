using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMonitor.Core.Json;

namespace AgentMonitor.Core.Redaction;

/// <summary>
/// The formats of secrets that are known, and which of them a value contains. The one list of them: <see cref="Redactor"/> masks by it and conditions
/// ask by it (<c>secrets(value)</c>). No backtracking: the time is linear in the text.
/// </summary>
public static class SecretScanner
{
    /// <summary>How much of one text, and of all texts of one value together, is searched, in UTF-16 units.</summary>
    public const int MaxText = 65_536, MaxTotal = 262_144;

    // The groups named keep stay readable when the rest is masked. Where several kinds fit, the redactor takes the first.
    private static readonly ImmutableArray<Kind> Table =
    [
        new("stripe-key", @"(?<keep>\b[spr]k_)(?:live|test)_[A-Za-z0-9]{10,}"),
        new("anthropic-key", @"(?<keep>\bsk-)ant-[A-Za-z0-9_\-]{12,}"),
        new("openai-key", @"(?<keep>\bsk-)[A-Za-z0-9_\-]{16,}", static text => !text.StartsWith("sk-ant-")),
        new("api-key", @"(?<keep>\b(?:sk_|[pr]k[-_]))[A-Za-z0-9_\-]{16,}", static text => text is not ([_, 'k', '_', 'l', 'i', 'v', 'e', '_', ..] or [_, 'k', '_', 't', 'e', 's', 't', '_', ..])),
        new("github-token", @"(?<keep>\bgh[pousr][-_])[A-Za-z0-9_\-]{16,}|(?<keep>\bgithub_pat_)[A-Za-z0-9_]{20,}"),
        new("gitlab-token", @"(?<keep>\bglpat[-_])[A-Za-z0-9_\-]{16,}"),
        new("slack-token", @"(?<keep>\bxox[abprs][-_])[A-Za-z0-9_\-]{16,}"),
        new("agentmonitor-key", @"(?<keep>\bamk[-_])[A-Za-z0-9_\-]{16,}"),
        new("aws-access-key", @"\b(?<keep>AKIA|ASIA)[A-Z0-9]{16}\b"),
        new("google-api-key", @"(?<keep>\bAIza)[A-Za-z0-9_\-]{35}"),
        new("jwt", @"(?<keep>\beyJ)[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*"),
        new("bearer-token", @"(?<keep>(?i:bearer)\s+)[A-Za-z0-9._~+/\-]{16,}=*"),
        new("password-hash", @"(?<keep>\$2[abxy]?\$\d\d\$)[./A-Za-z0-9]{53}|(?<keep>\$argon2(?:id|i|d)\$)[A-Za-z0-9+/=,$]{20,}"),
        new("private-key", @"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?"),
        new("password-assignment", @"(?<keep>(?i:password|passwd|pwd|secret|api[_-]?key)['""]?\s*[=:]\s*['""]?)[^\s,;'""]{4,}"),
        new("payment-card", @"\b[0-9](?:[ \-]?[0-9]){11,18}\b", IsCard) { IsMasked = false },
    ];

    // A cheap answer for nearly all texts, which contain none.
    private static readonly Regex Any = Union(Table);

    /// <summary>The names of all kinds, in ordinal order.</summary>
    public static readonly ImmutableArray<string> Kinds = [.. Table.Select(k => k.Name).Order(StringComparer.Ordinal)];

    /// <summary>What the redactor masks.</summary>
    internal static readonly Regex Masked = Union(Table.Where(k => k.IsMasked));

    /// <summary>The names of the kinds that a text contains, in ordinal order.</summary>
    public static ImmutableArray<string> Scan(string text)
    {
        var left = MaxTotal;
        SortedSet<string>? found = null;
        Scan(text, ref left, ref found);
        return Names(found);
    }

    /// <summary>The names of the kinds that the texts of a JSON value contain, in ordinal order; names of members are not searched.</summary>
    public static ImmutableArray<string> Scan(JsonElement value)
    {
        var left = MaxTotal;
        SortedSet<string>? found = null;
        Scan(value, ref left, ref found);
        return Names(found);
    }

    private static ImmutableArray<string> Names(SortedSet<string>? found) => found is null ? [] : [.. found];

    private static void Scan(JsonElement value, ref int left, ref SortedSet<string>? found)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                if (left > 0 && SoundText.Of(value) is { } text) Scan(text, ref left, ref found);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    if (left <= 0) return;
                    Scan(item, ref left, ref found);
                }
                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    if (left <= 0) return;
                    Scan(member.Value, ref left, ref found);
                }
                break;
        }
    }

    private static void Scan(string text, ref int left, ref SortedSet<string>? found)
    {
        var length = Math.Min(text.Length, Math.Min(left, MaxText));
        // Every value costs something, so that very many empty ones end too.
        left -= length + 8;
        var part = text.AsSpan(0, length);
        if (!Any.IsMatch(part)) return;
        foreach (var kind in Table)
        {
            if (found?.Contains(kind.Name) == true) continue;
            foreach (var match in kind.Pattern.EnumerateMatches(part))
            {
                if (kind.Accepts is { } accepts && !accepts(part.Slice(match.Index, match.Length))) continue;
                (found ??= new(StringComparer.Ordinal)).Add(kind.Name);
                break;
            }
        }
    }

    // The number's last digit is a check digit (ISO/IEC 7812), which one in ten random numbers passes; cards begin with 2 to 6.
    private static bool IsCard(ReadOnlySpan<char> text)
    {
        if (text[0] is < '2' or > '6') return false;
        int sum = 0, digits = 0;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if (!char.IsAsciiDigit(text[i])) continue;
            var digit = text[i] - '0';
            if (digits++ % 2 == 1 && (digit *= 2) > 9) digit -= 9;
            sum += digit;
        }
        return digits is >= 13 and <= 19 && sum % 10 == 0;
    }

    private static Regex Union(IEnumerable<Kind> kinds) =>
        new(string.Join('|', kinds.Select(k => k.Source)), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private delegate bool Accept(ReadOnlySpan<char> match);

    private sealed class Kind(string name, string source, Accept? accepts = null)
    {
        public string Name => name;
        public string Source => source;
        public Accept? Accepts => accepts;
        public bool IsMasked { get; init; } = true;
        public Regex Pattern { get; } = new(source, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }
}
