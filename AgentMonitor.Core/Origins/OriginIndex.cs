using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace AgentMonitor.Core.Origins;

/// <summary>The prompt or the result that values came from.</summary>
/// <param name="At">When it was reported.</param>
/// <param name="DecisionId">The call whose result it was; null for a prompt.</param>
/// <param name="Tool">The tool whose result it was; null for a prompt.</param>
/// <param name="Detail">What the tool was asked for, such as a file name, cut and redacted; or the user who spoke. Untrusted text.</param>
public sealed record OriginSource(DateTimeOffset At, string? DecisionId, string? Tool, string? Detail);

/// <summary>The values of one prompt, result or call, in ascending order of their hashes: what is stored.</summary>
/// <param name="Source">Where they came from.</param>
/// <param name="Hashes">The salted hashes, ascending, each once.</param>
/// <param name="Origins">The origin of each.</param>
/// <param name="Overflowed">True when values were left out.</param>
public sealed record OriginBatch(OriginSource Source, ImmutableArray<ulong> Hashes, ImmutableArray<ValueOrigin> Origins, bool Overflowed)
{
    /// <summary>What was collected.</summary>
    public static OriginBatch Of(OriginSource source, OriginCollector collected)
    {
        var (hashes, origins) = collected.ToSorted();
        return new(source, ImmutableCollectionsMarshal.AsImmutableArray(hashes), ImmutableCollectionsMarshal.AsImmutableArray(origins), collected.Overflowed);
    }

    /// <summary>The hashes and origins as bytes: nine for each value, little-endian.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Hashes.Length * 9];
        for (var i = 0; i < Hashes.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * 9), Hashes[i]);
            bytes[i * 9 + 8] = (byte)Origins[i];
        }
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    public static OriginBatch FromBytes(OriginSource source, ReadOnlySpan<byte> bytes, bool overflowed)
    {
        var count = bytes.Length / 9;
        var hashes = new ulong[count];
        var origins = new ValueOrigin[count];
        for (var i = 0; i < count; i++)
        {
            hashes[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * 9)..]);
            origins[i] = (ValueOrigin)bytes[i * 9 + 8];
        }
        return new(source, ImmutableCollectionsMarshal.AsImmutableArray(hashes), ImmutableCollectionsMarshal.AsImmutableArray(origins), overflowed);
    }
}

/// <summary>Where a value was seen.</summary>
/// <param name="Origin">All its origins.</param>
/// <param name="VouchedBy">The first source that vouches for it.</param>
/// <param name="UntrustedFrom">The first source in whose free text it stood.</param>
public readonly record struct OriginFinding(ValueOrigin Origin, OriginSource? VouchedBy, OriginSource? UntrustedFrom);

/// <summary>
/// The values that a session has seen, as salted hashes with their origins: immutable, bounded, eleven bytes for each value. Past the
/// bound nothing more is kept, so that everything new is unvouched, and <see cref="IsFull"/> says so.
/// </summary>
public sealed class OriginIndex
{
    /// <summary>Most values that are kept for a session: about 350 KB of memory, several long documents.</summary>
    public const int MaxValues = 32_768;
    /// <summary>Most sources that are told apart; what comes from later ones is kept under the last.</summary>
    public const int MaxSources = 1_024;

    /// <summary>A session that has seen nothing.</summary>
    public static readonly OriginIndex Empty = new([], [], 0, false);

    private readonly ImmutableArray<Segment> _segments;

    private OriginIndex(ImmutableArray<Segment> segments, ImmutableArray<OriginSource> sources, int count, bool full)
    {
        _segments = segments;
        Sources = sources;
        Count = count;
        IsFull = full;
    }

    /// <summary>How many values are kept.</summary>
    public int Count { get; }
    /// <summary>The prompts and results they came from, oldest first.</summary>
    public ImmutableArray<OriginSource> Sources { get; }
    /// <summary>True when values were left out: what is new since then is unvouched, and any value may have stood in untrusted text, too.</summary>
    public bool IsFull { get; }

    /// <summary>The same with the values of one more prompt, result or call; this one when nothing is new.</summary>
    public OriginIndex Add(OriginBatch batch) => Add(batch, out _);

    /// <summary>The same with the values of one more prompt, result or call; this one when nothing is new.</summary>
    /// <param name="batch">The values.</param>
    /// <param name="added">Those that are new, to be stored; null when none is.</param>
    public OriginIndex Add(OriginBatch batch, out OriginBatch? added)
    {
        added = null;
        ArgumentNullException.ThrowIfNull(batch);
        var source = (ushort)Math.Min(Sources.Length, MaxSources - 1);
        var hashes = new ulong[batch.Hashes.Length];
        var origins = new ValueOrigin[batch.Hashes.Length];
        int kept = 0, room = MaxValues - Count;
        var full = IsFull || batch.Overflowed;
        var knownOrigins = new ValueOrigin[batch.Hashes.Length];
        foreach (var known in _segments) known.Look(batch.Hashes.AsSpan(), knownOrigins);
        for (var i = 0; i < batch.Hashes.Length; i++)
        {
            var before = knownOrigins[i];
            var fresh = batch.Origins[i] & ~before;
            // What the agent wrote into a system itself is not vouched for by reading it back; the user's own words still vouch.
            if (before.HasFlag(ValueOrigin.Written)) fresh &= ~(ValueOrigin.Trusted | ValueOrigin.Metadata);
            if (fresh == ValueOrigin.None) continue;
            if (kept >= room)
            {
                full = true;
                continue;
            }
            (hashes[kept], origins[kept++]) = (batch.Hashes[i], fresh);
        }
        // One copy for the index and the store: neither changes it. Of a batch that is all new there is none.
        if (kept == batch.Hashes.Length) hashes = ImmutableCollectionsMarshal.AsArray(batch.Hashes)!;
        else Array.Resize(ref hashes, kept);
        if (kept < origins.Length) Array.Resize(ref origins, kept);
        if (kept > 0 || full != IsFull)
            added = new(batch.Source, ImmutableCollectionsMarshal.AsImmutableArray(hashes), ImmutableCollectionsMarshal.AsImmutableArray(origins), full && !IsFull);
        if (kept == 0) return full == IsFull ? this : new(_segments, Sources, Count, full);
        var sources = Sources.Length < MaxSources ? Sources.Add(batch.Source) : Sources;
        var segment = new Segment(hashes, origins, new ushort[kept]);
        Array.Fill(segment.Sources, source);
        // Segments of like size are merged, so that there are few, and adding costs little on average.
        var segments = _segments.ToBuilder();
        while (segments.Count > 0 && segments[^1].Hashes.Length <= segment.Hashes.Length * 2)
        {
            segment = Segment.Merge(segments[^1], segment);
            segments.RemoveAt(segments.Count - 1);
        }
        segments.Add(segment);
        return new(segments.ToImmutable(), sources, Count + kept, full);
    }

    /// <summary>The origins of a value.</summary>
    public ValueOrigin OriginOf(ulong hash)
    {
        if (hash == 0) hash = 1;
        var origin = ValueOrigin.None;
        foreach (var segment in _segments)
        {
            var at = Array.BinarySearch(segment.Hashes, hash);
            if (at < 0) continue;
            while (at > 0 && segment.Hashes[at - 1] == hash) at--;
            for (; at < segment.Hashes.Length && segment.Hashes[at] == hash; at++) origin |= segment.Origins[at];
        }
        return origin;
    }

    /// <summary>Where a value was seen.</summary>
    public OriginFinding Find(ulong hash)
    {
        if (hash == 0) hash = 1;
        var origin = ValueOrigin.None;
        OriginSource? vouchedBy = null, untrustedFrom = null;
        foreach (var segment in _segments)
        {
            var at = Array.BinarySearch(segment.Hashes, hash);
            if (at < 0) continue;
            while (at > 0 && segment.Hashes[at - 1] == hash) at--;
            for (; at < segment.Hashes.Length && segment.Hashes[at] == hash; at++)
            {
                origin |= segment.Origins[at];
                var source = Sources[segment.Sources[at]];
                if ((segment.Origins[at] & ValueOrigins.Vouching) != ValueOrigin.None && (vouchedBy is null || source.At < vouchedBy.At)) vouchedBy = source;
                if (segment.Origins[at].HasFlag(ValueOrigin.Untrusted) && (untrustedFrom is null || source.At < untrustedFrom.At)) untrustedFrom = source;
            }
        }
        return new(origin, vouchedBy, untrustedFrom);
    }

    /// <summary>Values in ascending order of their hashes; one hash can stand twice, with the origins it got at different times.</summary>
    private sealed record Segment(ulong[] Hashes, ValueOrigin[] Origins, ushort[] Sources)
    {
        /// <summary>Adds the origins of <paramref name="wanted"/>, which ascend, to <paramref name="found"/>: one walk, in steps that double while nothing is met.</summary>
        public void Look(ReadOnlySpan<ulong> wanted, Span<ValueOrigin> found)
        {
            var at = 0;
            for (var i = 0; i < wanted.Length && at < Hashes.Length; i++)
            {
                var hash = wanted[i];
                if (Hashes[at] < hash)
                {
                    var step = 1;
                    while (at + step < Hashes.Length && Hashes[at + step] < hash)
                    {
                        at += step;
                        step *= 2;
                    }
                    var (low, high) = (at + 1, Math.Min(at + step, Hashes.Length));
                    while (low < high)
                    {
                        var middle = (low + high) >>> 1;
                        if (Hashes[middle] < hash) low = middle + 1;
                        else high = middle;
                    }
                    at = low;
                }
                for (; at < Hashes.Length && Hashes[at] == hash; at++) found[i] |= Origins[at];
            }
        }

        public static Segment Merge(Segment older, Segment newer)
        {
            var length = older.Hashes.Length + newer.Hashes.Length;
            var (hashes, origins, sources) = (new ulong[length], new ValueOrigin[length], new ushort[length]);
            int a = 0, b = 0;
            for (var i = 0; i < length; i++)
            {
                var takeOlder = b >= newer.Hashes.Length || a < older.Hashes.Length && older.Hashes[a] <= newer.Hashes[b];
                var (from, at) = takeOlder ? (older, a++) : (newer, b++);
                (hashes[i], origins[i], sources[i]) = (from.Hashes[at], from.Origins[at], from.Sources[at]);
            }
            return new(hashes, origins, sources);
        }
    }
}
