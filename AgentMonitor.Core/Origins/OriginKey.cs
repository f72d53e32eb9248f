using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AgentMonitor.Core.Identity;

namespace AgentMonitor.Core.Origins;

/// <summary>
/// The key of the hashes that one session's origins are kept as (SipHash-1-3, 64 bits). Each session has its own, derived from the
/// installation's salt, so that the same value has unrelated hashes in two sessions and nobody without the salt can try values.
/// </summary>
public sealed class OriginKey
{
    /// <summary>Length of the installation's salt in bytes.</summary>
    public const int SaltLength = 32;

    private const int ShortLength = 48;

    private readonly ulong _k0, _k1;

    private OriginKey(ulong k0, ulong k1) => (_k0, _k1) = (k0, k1);

    /// <summary>The key of a session.</summary>
    /// <param name="salt">The installation's salt, <see cref="SaltLength"/> random bytes that never leave it.</param>
    /// <param name="session">The session.</param>
    public static OriginKey For(ReadOnlySpan<byte> salt, SessionKey session)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes($"{session.Agent}\0{session.Id}"), digest);
        return new(BinaryPrimitives.ReadUInt64LittleEndian(digest), BinaryPrimitives.ReadUInt64LittleEndian(digest[8..]));
    }

    /// <summary>The hash of a value in its canonical form; null when nothing of it is left or it is too long to name a destination.</summary>
    public ulong? Hash(ReadOnlySpan<char> value)
    {
        // Clearing room for the longest would cost more than hashing what most values are.
        var scratch = value.Length <= ShortLength ? stackalloc char[ShortLength] : stackalloc char[DestinationText.MaxLength];
        var length = DestinationText.Canonical(value, scratch);
        return length == 0 ? null : HashCanonical(scratch[..length]);
    }

    /// <summary>The hash of a text that is in canonical form already.</summary>
    internal ulong HashCanonical(ReadOnlySpan<char> text)
    {
        var bytes = MemoryMarshal.AsBytes(text);
        ulong v0 = _k0 ^ 0x736f6d6570736575, v1 = _k1 ^ 0x646f72616e646f6d, v2 = _k0 ^ 0x6c7967656e657261, v3 = _k1 ^ 0x7465646279746573;
        var whole = bytes.Length & ~7;
        for (var i = 0; i < whole; i += 8)
        {
            var block = BinaryPrimitives.ReadUInt64LittleEndian(bytes[i..]);
            v3 ^= block;
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= block;
        }
        var last = (ulong)bytes.Length << 56;
        for (var i = whole; i < bytes.Length; i++) last |= (ulong)bytes[i] << ((i - whole) * 8);
        v3 ^= last;
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;
        v2 ^= 0xff;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1; v1 = BitOperations.RotateLeft(v1, 13); v1 ^= v0; v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3; v3 = BitOperations.RotateLeft(v3, 16); v3 ^= v2;
        v0 += v3; v3 = BitOperations.RotateLeft(v3, 21); v3 ^= v0;
        v2 += v1; v1 = BitOperations.RotateLeft(v1, 17); v1 ^= v2; v2 = BitOperations.RotateLeft(v2, 32);
    }
}
