using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AgentMonitor.Core.Ledger;

/// <summary>
/// The hash chain. An entry's hash is SHA-256 over its canonical form: the UTF-8 text of a JSON array without blanks,
/// <c>["agentmonitor-ledger-1",sequence,at,kind,agent,session,[users],tool,callId,decisionId,argumentsDigest,decision,reason,[rules],policyRevision,actor,dataDigest,previousHash]</c>,
/// with <c>at</c> in microseconds since 1970 and strings escaped as RFC 8785 says. In Python that text is
/// <c>json.dumps(fields, ensure_ascii=False, separators=(",", ":"))</c>.
/// </summary>
public static class LedgerChain
{
    /// <summary>The hash that the first entry hangs from.</summary>
    public static readonly string Genesis = new('0', 64);

    private const string Form = "agentmonitor-ledger-1";

    /// <summary>Gives an entry its place in the chain: sequence, digests and hash.</summary>
    public static LedgerEntry Append(LedgerEntry entry, long sequence, string previousHash)
    {
        var placed = entry with { Sequence = sequence, PreviousHash = previousHash, DataDigest = Digest(entry.Data) };
        return placed with { Hash = HashOf(placed) };
    }

    /// <summary>SHA-256 of a text's UTF-8 bytes, lower-case hexadecimal.</summary>
    public static string Digest(string text)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            var length = Encoding.UTF8.GetBytes(text, bytes);
            return Digest(bytes.AsSpan(0, length));
        }
        finally { ArrayPool<byte>.Shared.Return(bytes); }
    }

    /// <summary>SHA-256 of bytes, lower-case hexadecimal.</summary>
    public static string Digest(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>The hash of an entry that has its place.</summary>
    public static string HashOf(LedgerEntry entry) => Digest(Canonical(entry));

    /// <summary>
    /// Checks a run of entries in order of sequence.
    /// </summary>
    /// <param name="entries">The entries, oldest first.</param>
    /// <param name="previousHash">The hash the first one must hang from: <see cref="Genesis"/>, or what was kept when older entries were pruned.</param>
    /// <returns>The first break, or null when the chain holds; and how many entries were read.</returns>
    public static (LedgerBreak? Break, long Checked, string LastHash) Verify(IEnumerable<LedgerEntry> entries, string? previousHash = null)
    {
        var expected = previousHash ?? Genesis;
        long count = 0, sequence = 0;
        foreach (var entry in entries)
        {
            if (sequence != 0 && entry.Sequence != sequence + 1) return (new(entry.Sequence, $"entry {sequence + 1} is missing"), count, expected);
            if (entry.PreviousHash != expected) return (new(entry.Sequence, "it does not hang from the entry before it"), count, expected);
            if (Digest(entry.Data) != entry.DataDigest) return (new(entry.Sequence, "its data was changed"), count, expected);
            if (HashOf(entry) != entry.Hash) return (new(entry.Sequence, "its fields were changed"), count, expected);
            (expected, sequence) = (entry.Hash, entry.Sequence);
            count++;
        }
        return (null, count, expected);
    }

    internal static string Canonical(LedgerEntry entry)
    {
        var text = new StringBuilder(512).Append('[');
        String(text, Form);
        Number(text, entry.Sequence);
        Number(text, Microseconds(entry.At));
        String(text, entry.Kind);
        String(text, entry.Agent);
        String(text, entry.Session);
        List(text, entry.Users);
        String(text, entry.Tool);
        String(text, entry.CallId);
        String(text, entry.DecisionId);
        String(text, entry.ArgumentsDigest);
        String(text, entry.Decision);
        String(text, entry.Reason);
        List(text, entry.Rules);
        Number(text, entry.PolicyRevision);
        String(text, entry.Actor);
        String(text, entry.DataDigest);
        String(text, entry.PreviousHash);
        return text.Append(']').ToString();
    }

    /// <summary>Microseconds since 1970: the resolution in which times are stored and chained.</summary>
    public static long Microseconds(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The instant of <see cref="Microseconds"/>.</summary>
    public static DateTimeOffset FromMicroseconds(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    private static void Separate(StringBuilder text)
    {
        if (text[^1] != '[') text.Append(',');
    }

    private static void Number(StringBuilder text, long value)
    {
        Separate(text);
        text.Append(CultureInfo.InvariantCulture, $"{value}");
    }

    private static void List(StringBuilder text, ImmutableArray<string> items)
    {
        Separate(text);
        text.Append('[');
        foreach (var item in items) String(text, item);
        text.Append(']');
    }

    private static void String(StringBuilder text, string? value)
    {
        Separate(text);
        if (value is null)
        {
            text.Append("null");
            return;
        }
        text.Append('"');
        foreach (var c in value)
            switch (c)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\b': text.Append("\\b"); break;
                case '\f': text.Append("\\f"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case < ' ': text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)); break;
                default: text.Append(c); break;
            }
        text.Append('"');
    }
}

/// <summary>Where a chain breaks.</summary>
/// <param name="Sequence">The first entry that does not fit.</param>
/// <param name="What">What is wrong with it.</param>
public sealed record LedgerBreak(long Sequence, string What);
