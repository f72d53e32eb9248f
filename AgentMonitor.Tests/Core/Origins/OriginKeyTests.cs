using AgentMonitor.Core.Origins;
using Xunit;

namespace AgentMonitor.Tests.Core.Origins;

/// <summary>Hashes say nothing outside their session and installation.</summary>
public sealed class OriginKeyTests
{
    private static readonly byte[] Salt = [.. Enumerable.Range(0, OriginKey.SaltLength).Select(i => (byte)i)];

    [Fact]
    public void Hash_InAnotherSessionOrInstallation_IsAnother()
    {
        var hash = OriginKey.For(Salt, new("a", "s")).Hash("bob@example.com");
        Assert.Equal(hash, OriginKey.For(Salt, new("a", "s")).Hash("Bob@Example.com"));
        Assert.NotEqual(hash, OriginKey.For(Salt, new("a", "t")).Hash("bob@example.com"));
        Assert.NotEqual(hash, OriginKey.For(Salt, new("b", "s")).Hash("bob@example.com"));
        Assert.NotEqual(hash, OriginKey.For(new byte[OriginKey.SaltLength], new("a", "s")).Hash("bob@example.com"));
    }

    [Fact]
    public void Key_OfAgentAndSession_DoesNotConfuseTheirBorder() =>
        Assert.NotEqual(OriginKey.For(Salt, new("ab", "c")).Hash("x"), OriginKey.For(Salt, new("a", "bc")).Hash("x"));

    [Fact]
    public void Hash_OfValuesOfEveryLength_DiffersAndIsStable()
    {
        var key = OriginKey.For(Salt, new("a", "s"));
        var hashes = Enumerable.Range(1, DestinationText.MaxLength).Select(length => key.Hash(new string('x', length))!.Value).ToList();
        Assert.Equal(DestinationText.MaxLength, hashes.Distinct().Count());
        Assert.Equal(hashes[7], key.Hash("XXXXXXXX"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    public void Hash_OfNothing_IsNone(string value) => Assert.Null(OriginKey.For(Salt, new("a", "s")).Hash(value));

    [Fact]
    public void Hash_OfATextThatNamesNothing_IsNone() => Assert.Null(OriginKey.For(Salt, new("a", "s")).Hash(new string('x', DestinationText.MaxLength + 1)));
}
