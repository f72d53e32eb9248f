using AgentMonitor.Core.Origins;
using Xunit;

namespace AgentMonitor.Tests.Core.Origins;

/// <summary>What a pattern of the configuration vouches for, and what only looks as if it did.</summary>
public sealed class DestinationPatternTests
{
    [Theory]
    [InlineData("*@acme.com", "bob@acme.com", true)]
    [InlineData("*@acme.com", "Bob@ACME.com", true)]
    [InlineData("*@acme.com", "bob@evil.com?x=@acme.com", false)]
    [InlineData("*@acme.com", "bob@evil.com,alice@acme.com", false)]
    [InlineData("*@acme.com", "evil.com/bob@acme.com", false)]
    [InlineData("*@acme.com", "a b@acme.com", false)]
    [InlineData("*@acme.com", "bob@mail.acme.com", false)]
    [InlineData("*@acme.com", "bob@acme.com.evil.com", false)]
    [InlineData("*@acme.com", "@acme.com", false)]
    [InlineData("*@acme.com", "acme.com", false)]
    [InlineData("*.acme.com", "https://wiki.acme.com/a?b#c", true)]
    [InlineData("*.acme.com", "acme.com", true)]
    [InlineData("*.acme.com", "https://a.b.acme.com:8443/", true)]
    [InlineData("*.acme.com", "evilacme.com", false)]
    [InlineData("*.acme.com", "wiki.acme.com.evil.com", false)]
    [InlineData("*.acme.com", "https://a.acme.com@evil.com/", false)]
    [InlineData("*.acme.com", "https://a.acme.com:x@evil.com/", false)]
    [InlineData("*.acme.com", "https://a.acme.com:80@evil.com/", false)]
    [InlineData("*.acme.com", "https://evil.com#.acme.com", false)]
    [InlineData("*.acme.com", "https://evil.com\\.acme.com", false)]
    [InlineData("*.acme.com", "https://evil.com/.acme.com", false)]
    [InlineData("*.acme.com", "javascript://a.acme.com/%0aalert(1)", false)]
    [InlineData("*.acme.com", "bob@wiki.acme.com", false)]
    [InlineData("wiki.acme.com/*", "https://wiki.acme.com/a/b", true)]
    [InlineData("wiki.acme.com/*", "wiki.acme.com", true)]
    [InlineData("https://wiki.acme.com/*", "http://wiki.acme.com?x", true)]
    [InlineData("wiki.acme.com/*", "wiki.acme.com.evil.com", false)]
    [InlineData("wiki.acme.com/*", "https://wiki.acme.com@evil.com/", false)]
    [InlineData("wiki.acme.com/*", "https://wiki.acme.com:1@evil.com/", false)]
    [InlineData("wiki.acme.com/*", "https://wiki.acme.com/../", false)]
    [InlineData("wiki.acme.com/a/*", "https://wiki.acme.com/a/../b", false)]
    [InlineData("wiki.acme.com/a/*", "https://wiki.acme.com/a/%2e%2E/b", false)]
    [InlineData("wiki.acme.com/a/*", "https://wiki.acme.com/a/.%2e/b", false)]
    [InlineData("wiki.acme.com/a/*", "https://wiki.acme.com/a\\..\\b", false)]
    [InlineData("wiki.acme.com/a/*", "https://wiki.acme.com/ab", false)]
    [InlineData("billing@acme.com", "mailto:Billing@acme.com", true)]
    [InlineData("billing@acme.com", "xbilling@acme.com", false)]
    [InlineData("#ops", "ops", true)]
    [InlineData("#ops", "ops2", false)]
    public void Pattern_MatchesOnlyWhatItNames(string pattern, string value, bool matches)
    {
        Assert.Null(DestinationPattern.Refuse(pattern));
        Assert.Equal(matches, DestinationPattern.Matches(pattern, value));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("*")]
    [InlineData("**@acme.com")]
    [InlineData("*@*")]
    [InlineData("*@com")]
    [InlineData("*.com")]
    [InlineData("*@a@b.com")]
    [InlineData("*acme.com")]
    [InlineData("bob@*.com")]
    [InlineData("https://*/path")]
    [InlineData("/*")]
    [InlineData("host/*")]
    [InlineData("bob@acme.com/*")]
    public void Pattern_WithAStarThatCanBeTricked_IsRefused(string pattern) => Assert.NotNull(DestinationPattern.Refuse(pattern));

    [Fact]
    public void Pattern_LongerThanItMayBe_IsRefused() => Assert.NotNull(DestinationPattern.Refuse(new string('a', DestinationPattern.MaxLength + 1)));
}
