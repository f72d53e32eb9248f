using System.Collections.Frozen;

namespace AgentMonitor.Core.Policy;

/// <summary>A set of labels as bits. Comparing sets costs four instructions for each word and allocates nothing.</summary>
public readonly struct LabelMask(ulong w0, ulong w1, ulong w2, ulong w3) : IEquatable<LabelMask>
{
    /// <summary>Most labels that the session conditions of one policy may name.</summary>
    public const int Capacity = 256;

    private readonly ulong _w0 = w0, _w1 = w1, _w2 = w2, _w3 = w3;

    /// <summary>Whether it holds nothing.</summary>
    public bool IsEmpty => (_w0 | _w1 | _w2 | _w3) == 0;

    /// <summary>The set with one more label.</summary>
    public LabelMask With(int bit) => new(
        _w0 | (bit < 64 ? 1UL << bit : 0),
        _w1 | (bit is >= 64 and < 128 ? 1UL << (bit - 64) : 0),
        _w2 | (bit is >= 128 and < 192 ? 1UL << (bit - 128) : 0),
        _w3 | (bit >= 192 ? 1UL << (bit - 192) : 0));

    /// <summary>Whether it holds all of <paramref name="other"/>.</summary>
    public bool Contains(in LabelMask other) =>
        (other._w0 & ~_w0 | other._w1 & ~_w1 | other._w2 & ~_w2 | other._w3 & ~_w3) == 0;

    /// <summary>Whether it shares a label with <paramref name="other"/>.</summary>
    public bool Intersects(in LabelMask other) =>
        (other._w0 & _w0 | other._w1 & _w1 | other._w2 & _w2 | other._w3 & _w3) != 0;

    /// <inheritdoc/>
    public bool Equals(LabelMask other) => _w0 == other._w0 && _w1 == other._w1 && _w2 == other._w2 && _w3 == other._w3;
    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LabelMask other && Equals(other);
    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_w0, _w1, _w2, _w3);
    /// <summary>Same labels.</summary>
    public static bool operator ==(LabelMask left, LabelMask right) => left.Equals(right);
    /// <summary>Other labels.</summary>
    public static bool operator !=(LabelMask left, LabelMask right) => !left.Equals(right);
}

/// <summary>The labels that a policy's session conditions name, each with its bit. Labels no rule asks about need no bit.</summary>
internal sealed class LabelVocabulary(FrozenDictionary<string, int> bits)
{
    public LabelMask MaskOf(IEnumerable<string> labels)
    {
        var mask = default(LabelMask);
        foreach (var label in labels)
            if (bits.TryGetValue(label, out var bit)) mask = mask.With(bit);
        return mask;
    }

    public LabelMask MaskOf(Sessions.SessionState session)
    {
        var mask = default(LabelMask);
        foreach (var evidence in session.Labels)
            if (bits.TryGetValue(evidence.Label, out var bit)) mask = mask.With(bit);
        return mask;
    }
}
