namespace AgentMonitor.Core.Cel;

internal static partial class CelFunctions
{
    private static void Network(Builder add)
    {
        add.Global("ip", (ref CelFrame _, in CelValue a) => a.Kind switch
        {
            CelKind.Ip => a,
            CelKind.String => Ip(a.AsString),
            _ => CelValue.NoOverload("ip"),
        });
        add.Global("cidr", (ref CelFrame _, in CelValue a) => a.Kind switch
        {
            CelKind.Cidr => a,
            CelKind.String => Cidr(a.AsString),
            _ => CelValue.NoOverload("cidr"),
        });
        add.Global("isIP", (ref CelFrame _, in CelValue a) => a.Kind == CelKind.String ? CelValue.Of(IpAddress.Parse(a.AsString, out var _) is not null) : CelValue.NoOverload("isIP"));
        add.Global("isCIDR", (ref CelFrame _, in CelValue a) => a.Kind == CelKind.String ? CelValue.Of(IpNetwork.Parse(a.AsString, out var _) is not null) : CelValue.NoOverload("isCIDR"));
        add.Global("ip.isCanonical", (ref CelFrame _, in CelValue a) =>
        {
            if (a.Kind != CelKind.String) return CelValue.NoOverload("ip.isCanonical");
            var ip = Ip(a.AsString);
            return ip.IsError ? ip : CelValue.Of(ip.AsIp.ToString() == a.AsString);
        });
        OfIp("isUnspecified", ip => ip.IsUnspecified);
        OfIp("isLoopback", ip => ip.IsLoopback);
        OfIp("isGlobalUnicast", ip => ip.IsGlobalUnicast);
        OfIp("isLinkLocalUnicast", ip => ip.IsLinkLocalUnicast);
        OfIp("isLinkLocalMulticast", ip => ip.IsLinkLocalMulticast);
        add.Method("family", (ref CelFrame _, in CelValue a) => a.Kind == CelKind.Ip ? CelValue.Of(a.AsIp.IsIpv4 ? 4L : 6L) : CelValue.NoOverload("family"));
        add.Method("ip", (ref CelFrame _, in CelValue a) => a.Kind == CelKind.Cidr ? CelValue.Of(a.AsCidr.Address) : CelValue.NoOverload("ip"));
        add.Method("masked", (ref CelFrame _, in CelValue a) => a.Kind == CelKind.Cidr ? CelValue.Of(a.AsCidr.Masked()) : CelValue.NoOverload("masked"));
        add.Method("prefixLength", (ref CelFrame _, in CelValue a) => a.Kind == CelKind.Cidr ? CelValue.Of((long)a.AsCidr.PrefixLength) : CelValue.NoOverload("prefixLength"));
        add.Method("containsIP", (ref CelFrame _, in CelValue a, in CelValue b) =>
        {
            var ip = b.Kind == CelKind.String ? Ip(b.AsString) : b;
            return a.Kind != CelKind.Cidr || ip.Kind is not (CelKind.Ip or CelKind.Error) ? CelValue.NoOverload("containsIP") : ip.IsError ? ip : CelValue.Of(a.AsCidr.Contains(ip.AsIp));
        });
        add.Method("containsCIDR", (ref CelFrame _, in CelValue a, in CelValue b) =>
        {
            var other = b.Kind == CelKind.String ? Cidr(b.AsString) : b;
            return a.Kind != CelKind.Cidr || other.Kind is not (CelKind.Cidr or CelKind.Error) ? CelValue.NoOverload("containsCIDR") : other.IsError ? other : CelValue.Of(a.AsCidr.Contains(other.AsCidr));
        });

        void OfIp(string name, Func<IpAddress, bool> test) =>
            add.Method(name, (ref CelFrame _, in CelValue a) => a.Kind == CelKind.Ip ? CelValue.Of(test(a.AsIp)) : CelValue.NoOverload(name));
    }

    private static CelValue Ip(string text) => IpAddress.Parse(text, out var error) is { } ip ? CelValue.Of(ip) : CelValue.Fail(error!);
    private static CelValue Cidr(string text) => IpNetwork.Parse(text, out var error) is { } network ? CelValue.Of(network) : CelValue.Fail(error!);
}
