using System.Text.Json;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Core.Origins;

/// <summary>Reads what a session is told (prompts, results, arguments) into origins.</summary>
public static class OriginReader
{
    /// <summary>Most values that are taken from one prompt or result.</summary>
    public const int MaxValuesOfText = 16_384;
    /// <summary>Longest argument that is remembered as written, in characters; longer ones are prose.</summary>
    public const int MaxWrittenLength = 160;
    /// <summary>Longest metadata value in characters; a longer one is text that somebody wrote.</summary>
    public const int MaxMetadataLength = 64;
    /// <summary>Most words of a metadata value; one with more is text that somebody wrote.</summary>
    public const int MaxMetadataWords = 4;

    /// <summary>What a user said.</summary>
    public static OriginCollector Prompt(OriginKey key, string words)
    {
        var collected = new OriginCollector(key, MaxValuesOfText);
        OriginScanner.ScanUserWords(words, collected);
        return collected;
    }

    /// <summary>What a tool returned.</summary>
    /// <param name="key">The session's key.</param>
    /// <param name="content">The content as reported.</param>
    /// <param name="tool">The tool, for which of its fields are metadata.</param>
    /// <param name="untrusted">True when third parties may have written in it.</param>
    /// <param name="arguments">The hashes of the call's own arguments, for which its result does not vouch; null when they are not wholly known: then it vouches for nothing.</param>
    public static OriginCollector Result(OriginKey key, JsonElement content, ToolDefinition tool, bool untrusted, IReadOnlyCollection<ulong>? arguments)
    {
        var length = content.ValueKind == JsonValueKind.Undefined ? 0 : System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(content).Length;
        var collected = new OriginCollector(key, MaxValuesOfText, length);
        if (!untrusted && arguments is null) return collected;
        if (arguments is not null) collected.Exclude(arguments);
        var fields = ResultFields.Of(content);
        // A text without fields is what somebody wrote, whatever the tool says of its fields.
        var plain = content.ValueKind == JsonValueKind.String && fields is [{ Field: "" } only] && content.ValueEquals(only.Text);
        foreach (var field in fields)
        {
            if (!untrusted)
            {
                if (field.IsKey) collected.Add(field.Text, ValueOrigin.Trusted);
                else OriginScanner.ScanTrusted(field.Text, collected);
            }
            // The names of members at the top are the form of the result; those inside a metadata field ("shared with: bob") are what it says.
            else if (!(field.IsKey && field.Field.Length == 0) && !plain && arguments is not null && tool.IsMetadata(field.Field) && IsIdentifier(field.Text)) collected.Add(field.Text, ValueOrigin.Metadata);
            else OriginScanner.ScanUntrusted(field.Text, collected);
        }
        return collected;
    }

    /// <summary>The hashes of everything that a call's arguments say.</summary>
    public static IReadOnlyCollection<ulong> Arguments(OriginKey key, JsonElement arguments)
    {
        var collected = new OriginCollector(key, MaxValuesOfText);
        Collect(arguments);
        return collected.ToSorted().Hashes;

        void Collect(JsonElement value)
        {
            foreach (var field in ResultFields.Of(value))
                if (!field.IsKey)
                {
                    collected.Add(field.Text, ValueOrigin.Written);
                    OriginScanner.Scan(field.Text, collected, ValueOrigin.Written);
                }
        }
    }

    /// <summary>
    /// What a call that changes something writes: its short values, and the addresses in its longer texts. What of it nothing vouched for is
    /// not vouched for later either, when it is read back.
    /// </summary>
    public static OriginCollector Written(OriginKey key, JsonElement arguments, OriginIndex known)
    {
        var collected = new OriginCollector(key, MaxValuesOfText);
        var addresses = new List<(string Value, DestinationKind Kind)>();
        foreach (var field in ResultFields.Of(arguments))
        {
            if (field.IsKey) continue;
            Add(field.Text);
            // Read back, it is trimmed like prose.
            Add(DestinationText.Trim(field.Text).ToString());
            addresses.Clear();
            OriginScanner.FindAddresses(field.Text, addresses, MaxValuesOfText);
            foreach (var (value, _) in addresses) Add(value);
        }
        return collected;

        void Add(string value)
        {
            if (value.Length <= MaxWrittenLength && key.Hash(value) is { } hash && (known.OriginOf(hash) & ValueOrigins.Vouching) == ValueOrigin.None) collected.Add(hash, ValueOrigin.Written);
        }
    }

    /// <summary>Whether a metadata value is an identifier: short, one line, few words. Whatever is longer, people wrote.</summary>
    public static bool IsIdentifier(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.IsEmpty || text.Length > MaxMetadataLength || text.IndexOfAny('\n', '\r') >= 0) return false;
        var words = 1;
        foreach (var c in text)
            if (char.IsWhiteSpace(c)) words++;
        return words <= MaxMetadataWords;
    }
}
