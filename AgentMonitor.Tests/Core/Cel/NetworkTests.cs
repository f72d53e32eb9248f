using System.Net;
using AgentMonitor.Core.Cel;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace AgentMonitor.Tests.Core.Cel;

public sealed class NetworkTests
{
    [Theory]
    [InlineData("string(ip('2001:DB8:0:0:1:0:0:1')) == '2001:db8::1:0:0:1' && string(ip('::')) == '::' && string(ip('1:0:0:0:0:0:0:0')) == '1::' && string(ip('1:0:2:3:4:5:6:7')) == '1:0:2:3:4:5:6:7'")]
    [InlineData("ip('::1.2.3.4') == ip('::102:304') && ip('10.0.0.1').family() == 4 && ip('::1').family() == 6 && ip.isCanonical('::1') && !ip.isCanonical('0::1')")]
    [InlineData("ip('10.1.2.3').isGlobalUnicast() && !ip('224.0.0.1').isGlobalUnicast() && ip('224.0.0.1').isLinkLocalMulticast() && ip('127.9.9.9').isLoopback() && ip('fe80::1').isLinkLocalUnicast()")]
    [InlineData("cidr('10.0.0.0/8').containsIP('10.255.0.1') && !cidr('10.0.0.0/8').containsIP('11.0.0.1') && cidr('0.0.0.0/0').containsIP('8.8.8.8') && !cidr('0.0.0.0/0').containsIP('::1') && cidr('::/0').containsIP('::1')")]
    [InlineData("cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.1.0.0/16').containsCIDR('10.0.0.0/8') && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('10.1.2.3/8').prefixLength() == 8 && cidr('10.1.2.3/8').ip() == ip('10.1.2.3')")]
    [InlineData("isIP('1.2.3.4') && !isIP('1.2.3') && !isIP('01.2.3.4') && !isIP('::1%eth0') && !isIP('::ffff:1.2.3.4') && !isIP('1:2:3:4:5:6:7:8:9') && !isIP('::1::') && !isIP(':1:2:3:4:5:6:7') && !isIP('')")]
    [InlineData("isCIDR('::/128') && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0/08') && !isCIDR('10.0.0.0/+8') && !isCIDR('10.0.0.0')")]
    public void Network_FollowsTheExtension(string source) => Run.IsTrue(source);

    [Fact]
    public void Address_OfAnyBits_IsWrittenAsThePlatformWritesIt() =>
        Check.One(Worlds.Runs(500), Prop.ForAll(Gen.CollectToArray(Enumerable.Repeat(Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Choose(0, 0xFFFF))), 8)).ToArbitrary(), groups =>
        {
            var bytes = groups.SelectMany(g => new[] { (byte)(g >> 8), (byte)g }).ToArray();
            var platform = new IPAddress(bytes);
            // The platform writes the tail of compatible addresses as IPv4.
            if (platform.ToString().Contains('.', StringComparison.Ordinal)) return true;
            var full = string.Join(':', groups.Select(g => g.ToString("x4")));
            return IpAddress.Parse(full, out _)?.ToString() == platform.ToString() && IpAddress.Parse(platform.ToString(), out _)!.Equals(IpAddress.Parse(full, out _));
        }));
}
