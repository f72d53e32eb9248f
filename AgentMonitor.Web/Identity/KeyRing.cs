using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Storage;

namespace AgentMonitor.Web.Identity;

/// <summary>
/// The API keys of agents: <c>amk_</c>, ten characters that name the key, <c>_</c>, 32 random characters (190 bits) and a six-character
/// checksum, so that scanners recognise a leaked key and a mistyped one is told apart from a revoked one. Stored as a digest only: for
/// random keys a fast hash is enough.
/// </summary>
public sealed class KeyRing(TimeProvider clock)
{
    private const string Prefix = "amk_";
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int IdLength = 10, SecretLength = 32, ChecksumLength = 6;

    private ImmutableDictionary<string, Entry> _keys = ImmutableDictionary<string, Entry>.Empty;

    /// <summary>Fills the ring at the start.</summary>
    public void Load(IEnumerable<KeyRow> keys) => _keys = keys.ToImmutableDictionary(k => k.Id, k => new Entry(k), StringComparer.Ordinal);

    /// <summary>Makes a key. The text is returned once and kept nowhere.</summary>
    public (string Text, KeyRow Row) Create(string agent, string name, DateTimeOffset? expiresAt)
    {
        var body = Prefix + RandomNumberGenerator.GetString(Alphabet, IdLength) + "_" + RandomNumberGenerator.GetString(Alphabet, SecretLength);
        var text = body + Checksum(body);
        return (text, new KeyRow
        {
            Id = body.Substring(Prefix.Length, IdLength),
            Agent = agent,
            Name = name,
            Digest = LedgerChain.Digest(text),
            CreatedAt = LedgerChain.Microseconds(clock.GetUtcNow()),
            ExpiresAt = expiresAt is { } at ? LedgerChain.Microseconds(at) : null,
        });
    }

    /// <summary>The agent that a key belongs to; null when it is unknown, expired or revoked.</summary>
    public string? Authenticate(ReadOnlySpan<char> text)
    {
        if (text.Length != Prefix.Length + IdLength + 1 + SecretLength + ChecksumLength || !text.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var lookup = Volatile.Read(ref _keys).TryGetValue(text.Slice(Prefix.Length, IdLength).ToString(), out var entry);
        Span<byte> bytes = stackalloc byte[text.Length * 3];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(text, bytes)], digest);
        if (!lookup || !CryptographicOperations.FixedTimeEquals(digest, entry!.Digest)) return null;
        var now = LedgerChain.Microseconds(clock.GetUtcNow());
        if (entry.Row.RevokedAt is not null || entry.Row.ExpiresAt <= now) return null;
        // A race between two uses loses one of two nearly equal instants.
        entry.Row.LastUsedAt = now;
        return entry.Row.Agent;
    }

    /// <summary>A key by id.</summary>
    public KeyRow? Find(string id) => _keys.TryGetValue(id, out var entry) ? entry.Row : null;

    /// <summary>Adds or replaces a key.</summary>
    public void Put(KeyRow row) => ImmutableInterlocked.Update(ref _keys, keys => keys.SetItem(row.Id, new Entry(row)));

    /// <summary>Forgets the keys of an agent.</summary>
    public void RemoveAgent(string agent) => ImmutableInterlocked.Update(ref _keys, keys => keys.RemoveRange(keys.Where(k => k.Value.Row.Agent == agent).Select(k => k.Key)));

    /// <summary>The keys of an agent, newest first.</summary>
    public IReadOnlyList<KeyView> Of(string agent) => [.. _keys.Values.Where(k => k.Row.Agent == agent).Select(k => View(k.Row)).OrderByDescending(k => k.CreatedAt)];

    /// <summary>Keys that were used since an instant, to write that down now and then.</summary>
    public IReadOnlyList<KeyRow> UsedSince(DateTimeOffset since) => [.. _keys.Values.Select(k => k.Row).Where(k => k.LastUsedAt >= LedgerChain.Microseconds(since))];

    /// <summary>A key as listed.</summary>
    public static KeyView View(KeyRow row) => new(row.Id, row.Name, Prefix + row.Id, LedgerChain.FromMicroseconds(row.CreatedAt),
        Instant(row.ExpiresAt), Instant(row.RevokedAt), Instant(row.LastUsedAt));

    private static DateTimeOffset? Instant(long? at) => at is { } value ? LedgerChain.FromMicroseconds(value) : null;

    private static string Checksum(string body)
    {
        var value = Crc32(body);
        Span<char> text = stackalloc char[ChecksumLength];
        for (var i = ChecksumLength - 1; i >= 0; i--, value /= (uint)Alphabet.Length) text[i] = Alphabet[(int)(value % (uint)Alphabet.Length)];
        return text.ToString();
    }

    // CRC-32 of ISO 3309, bit by bit: forty characters, once for each key.
    private static uint Crc32(string text)
    {
        var crc = uint.MaxValue;
        foreach (var c in text)
        {
            crc ^= (byte)c;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }

    private sealed class Entry(KeyRow row)
    {
        public KeyRow Row => row;
        public byte[] Digest { get; } = Convert.FromHexString(row.Digest);
    }
}
