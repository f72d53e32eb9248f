using System.Globalization;

namespace AgentMonitor.Core.Cel;

/// <summary>An IPv4 or IPv6 address without a zone. IPv4 addresses written as IPv6 are refused: two texts for one address invite mistakes.</summary>
public sealed class IpAddress : IEquatable<IpAddress>
{
    private readonly UInt128 _bits;

    private IpAddress(UInt128 bits, bool isIpv4)
    {
        _bits = bits;
        IsIpv4 = isIpv4;
    }

    /// <summary>True for IPv4, false for IPv6.</summary>
    public bool IsIpv4 { get; }
    internal int Width => IsIpv4 ? 32 : 128;

    /// <summary>Reads an address in one of the usual notations; null and a reason when it is none.</summary>
    public static IpAddress? Parse(string text, out string? error)
    {
        error = null;
        if (text.Contains('%', StringComparison.Ordinal)) { error = "an IP address with a zone is not allowed"; return null; }
        var address = text.Contains(':', StringComparison.Ordinal) ? ParseIpv6(text) : TryIpv4(text, out var bits) ? new(bits, true) : null;
        if (address is null) error = "not an IP address";
        else if (!address.IsIpv4 && address._bits >> 32 == 0xFFFF) { error = "an IPv4 address written as IPv6 is not allowed"; return null; }
        return address;
    }

    private static bool TryIpv4(ReadOnlySpan<char> text, out uint bits)
    {
        bits = 0;
        var parts = 0;
        while (true)
        {
            int value = 0, digits = 0;
            while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            {
                value = value * 10 + (text[digits] - '0');
                if (++digits > 3 || value > 255) return false;
            }
            if (digits == 0 || digits > 1 && text[0] == '0') return false;
            bits = bits << 8 | (uint)value;
            text = text[digits..];
            if (++parts == 4) return text.IsEmpty;
            if (text.IsEmpty || text[0] != '.') return false;
            text = text[1..];
        }
    }

    private static IpAddress? ParseIpv6(ReadOnlySpan<char> text)
    {
        Span<ushort> groups = stackalloc ushort[8];
        int count = 0, gap = -1;
        if (text.StartsWith("::")) { gap = 0; text = text[2..]; }
        else if (text.StartsWith(":")) return null;
        while (!text.IsEmpty)
        {
            if (count == 8) return null;
            int value = 0, digits = 0;
            while (digits < text.Length && char.IsAsciiHexDigit(text[digits]))
            {
                value = value << 4 | Convert.ToInt32(text[digits].ToString(), 16);
                if (++digits > 4) return null;
            }
            if (digits == 0) return null;
            if (digits < text.Length && text[digits] == '.')
            {
                if (count > 6 || !TryIpv4(text, out var tail)) return null;
                groups[count++] = (ushort)(tail >> 16);
                groups[count++] = (ushort)tail;
                text = default;
                break;
            }
            groups[count++] = (ushort)value;
            text = text[digits..];
            if (text.IsEmpty) break;
            if (text[0] != ':' || text.Length == 1) return null;
            text = text[1..];
            if (text[0] == ':')
            {
                if (gap >= 0) return null;
                gap = count;
                text = text[1..];
            }
        }
        if (gap < 0 ? count != 8 : count > 7) return null;
        UInt128 bits = 0;
        for (var i = 0; i < 8; i++)
        {
            var group = gap < 0 || i < gap ? groups[i] : i < gap + 8 - count ? 0 : groups[i - (8 - count)];
            bits = bits << 16 | (ushort)group;
        }
        return new(bits, false);
    }

    /// <summary>The address with all bits behind the prefix cleared.</summary>
    internal IpAddress Masked(int prefix) => new(prefix == 0 ? 0 : _bits >> Width - prefix << Width - prefix, IsIpv4);

    /// <summary>0.0.0.0 or ::.</summary>
    public bool IsUnspecified => _bits == 0;
    /// <summary>127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => IsIpv4 ? _bits >> 24 == 127 : _bits == 1;
    /// <summary>224.0.0.0/4 or ff00::/8.</summary>
    public bool IsMulticast => IsIpv4 ? _bits >> 28 == 14 : _bits >> 120 == 0xFF;
    /// <summary>169.254.0.0/16 or fe80::/10.</summary>
    public bool IsLinkLocalUnicast => IsIpv4 ? _bits >> 16 == 0xA9FE : _bits >> 118 == 0x3FA;
    /// <summary>224.0.0.0/24 or link-local multicast of IPv6.</summary>
    public bool IsLinkLocalMulticast => IsIpv4 ? _bits >> 8 == 0xE00000 : (_bits >> 112 & 0xFF0F) == 0xFF02;
    /// <summary>Neither unspecified, loopback, multicast, link-local nor the broadcast address; private ranges count.</summary>
    public bool IsGlobalUnicast => !IsUnspecified && !IsLoopback && !IsMulticast && !IsLinkLocalUnicast && !(IsIpv4 && _bits == uint.MaxValue);

    /// <inheritdoc/>
    public bool Equals(IpAddress? other) => other is not null && other._bits == _bits && other.IsIpv4 == IsIpv4;
    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as IpAddress);
    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_bits, IsIpv4);

    /// <summary>The canonical text (RFC 5952).</summary>
    public override string ToString()
    {
        if (IsIpv4) return $"{(byte)(_bits >> 24)}.{(byte)(_bits >> 16)}.{(byte)(_bits >> 8)}.{(byte)_bits}";
        int start = -1, length = 1;
        for (var i = 0; i < 8; i++)
        {
            var end = i;
            while (end < 8 && Group(end) == 0) end++;
            if (end - i > length) { start = i; length = end - i; }
            if (end > i) i = end;
        }
        var text = new System.Text.StringBuilder(40);
        for (var i = 0; i < 8; i++)
        {
            if (i == start) { text.Append("::"); i += length - 1; continue; }
            if (text.Length > 0 && text[^1] != ':') text.Append(':');
            text.Append(Group(i).ToString("x", CultureInfo.InvariantCulture));
        }
        return text.ToString();
    }

    private ushort Group(int index) => (ushort)(_bits >> 112 - 16 * index);
}

/// <summary>A network in CIDR notation. The address keeps the bits behind the prefix, as it was written.</summary>
public sealed record IpNetwork(IpAddress Address, int PrefixLength)
{
    /// <summary>Reads <c>address/bits</c>; null and a reason when it is none.</summary>
    public static IpNetwork? Parse(string text, out string? error)
    {
        error = "not a network: write it like '10.0.0.0/8'";
        var slash = text.LastIndexOf('/');
        if (slash < 0) return null;
        var bits = text.AsSpan(slash + 1);
        if (bits.Length is 0 or > 3 || bits.Length > 1 && bits[0] == '0' || bits.ContainsAnyExceptInRange('0', '9')) return null;
        if (IpAddress.Parse(text[..slash], out error) is not { } address) return null;
        var prefix = int.Parse(bits, CultureInfo.InvariantCulture);
        if (prefix > address.Width) { error = "the prefix is longer than the address"; return null; }
        error = null;
        return new(address, prefix);
    }

    /// <summary>Whether the address lies in the network.</summary>
    public bool Contains(IpAddress address) => address.IsIpv4 == Address.IsIpv4 && address.Masked(PrefixLength).Equals(Address.Masked(PrefixLength));
    /// <summary>Whether all addresses of the other network lie in this one.</summary>
    public bool Contains(IpNetwork other) => PrefixLength <= other.PrefixLength && Contains(other.Address);
    /// <summary>The network with the bits behind the prefix cleared.</summary>
    public IpNetwork Masked() => new(Address.Masked(PrefixLength), PrefixLength);
    /// <inheritdoc/>
    public override string ToString() => $"{Address}/{PrefixLength.ToString(CultureInfo.InvariantCulture)}";
}
