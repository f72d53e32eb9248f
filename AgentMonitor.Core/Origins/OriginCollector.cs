using System.Numerics;

namespace AgentMonitor.Core.Origins;

/// <summary>
/// Gathers the hashes of what one text or result says, each once, up to a bound. Not thread-safe; made for one prompt, result or call.
/// </summary>
/// <param name="key">The session's key.</param>
/// <param name="capacity">Most values that are gathered.</param>
/// <param name="textLength">How long the text is, in characters, if that is known: room for what such a text usually says is made at once.</param>
public sealed class OriginCollector(OriginKey key, int capacity, int textLength = 0)
{
    // Open addressing; zero marks a free place, so a hash of zero is taken for one.
    private ulong[] _hashes = new ulong[Places(capacity, textLength)];
    private ValueOrigin[] _origins = new ValueOrigin[Places(capacity, textLength)];
    private HashSet<ulong>? _excluded;

    /// <summary>The session's key.</summary>
    public OriginKey Key => key;
    /// <summary>How many different values it holds.</summary>
    public int Count { get; private set; }
    /// <summary>True when values were left out because there were more than the bound.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Adds a value or a piece of prose with its origin: without the punctuation around it and, where it may vouch, also with it ("Acme, Inc.").</summary>
    public void Add(ReadOnlySpan<char> value, ValueOrigin origin)
    {
        if (value.IsEmpty) return;
        if (char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[^1])) value = value.Trim();
        var trimmed = DestinationText.Trim(value);
        if (key.Hash(trimmed) is { } hash) Add(hash, origin);
        if (trimmed.Length != value.Length && origin != ValueOrigin.Untrusted && key.Hash(value) is { } whole) Add(whole, origin);
    }

    /// <summary>Values that are not to be added: the arguments of the call whose result is read.</summary>
    public void Exclude(IEnumerable<ulong> hashes) => (_excluded ??= []).UnionWith(hashes);

    /// <summary>Adds a hash with its origin.</summary>
    public void Add(ulong hash, ValueOrigin origin)
    {
        if (hash == 0) hash = 1;
        if (_excluded is not null && (origin & ValueOrigins.Vouching) != ValueOrigin.None && _excluded.Contains(hash)) return;
        var at = Find(hash);
        if (_hashes[at] == hash)
        {
            _origins[at] |= origin;
            return;
        }
        if (Count >= capacity)
        {
            Overflowed = true;
            return;
        }
        _hashes[at] = hash;
        _origins[at] = origin;
        if (++Count * 2 > _hashes.Length) Grow();
    }

    /// <summary>The hashes in ascending order, with their origins.</summary>
    public (ulong[] Hashes, ValueOrigin[] Origins) ToSorted()
    {
        var hashes = new ulong[Count];
        var origins = new ValueOrigin[Count];
        // The hashes are evenly spread, so that by their upper bits they fall into places of a few each, which are then put in order.
        var shift = 64 - Math.Max(1, BitOperations.Log2((uint)Math.Max(Count, 2)));
        var ends = new int[1 << (64 - shift)];
        foreach (var hash in _hashes)
            if (hash != 0) ends[hash >> shift]++;
        for (int i = 0, next = 0; i < ends.Length; i++) (ends[i], next) = (next, next + ends[i]);
        for (var i = 0; i < _hashes.Length; i++)
            if (_hashes[i] != 0)
            {
                var at = ends[_hashes[i] >> shift]++;
                (hashes[at], origins[at]) = (_hashes[i], _origins[i]);
            }
        for (var i = 1; i < hashes.Length; i++)
        {
            var (hash, origin) = (hashes[i], origins[i]);
            var at = i;
            for (; at > 0 && hashes[at - 1] > hash; at--) (hashes[at], origins[at]) = (hashes[at - 1], origins[at - 1]);
            (hashes[at], origins[at]) = (hash, origin);
        }
        return (hashes, origins);
    }

    // A value in every eighth character is many, and the table is at most half full.
    private static int Places(int capacity, int textLength) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(textLength / 8, 32, capacity)) * 2;

    private int Find(ulong hash)
    {
        var mask = _hashes.Length - 1;
        var at = (int)hash & mask;
        while (_hashes[at] != 0 && _hashes[at] != hash) at = (at + 1) & mask;
        return at;
    }

    private void Grow()
    {
        var (hashes, origins) = (_hashes, _origins);
        _hashes = new ulong[hashes.Length * 2];
        _origins = new ValueOrigin[hashes.Length * 2];
        for (var i = 0; i < hashes.Length; i++)
        {
            if (hashes[i] == 0) continue;
            var at = Find(hashes[i]);
            (_hashes[at], _origins[at]) = (hashes[i], origins[i]);
        }
    }
}
