using AgentMonitor.Core.Origins;
using Xunit;

namespace AgentMonitor.Tests.Core.Origins;

/// <summary>Who vouches, who does not, and what does not become trusted by a detour.</summary>
public sealed class OriginReaderTests
{
    [Fact]
    public void Metadata_OfAnUntrustedResult_VouchesAsAWholeValueOnly()
    {
        var seen = new Seen().Result("""{"sender":"Dave Jones","body":"Dave Miller"}""", untrusted: true, metadata: "sender");
        Assert.Equal(ValueOrigin.Metadata, seen.Origin("dave jones"));
        Assert.False(seen.Vouches("Jones"));
        Assert.Equal(ValueOrigin.Untrusted, seen.Origin("Dave Miller"));
    }

    [Theory]
    [InlineData("bob@example.com", true)]
    [InlineData("a b c d", true)]
    [InlineData("a b c d e", false)]
    [InlineData("two\nlines", false)]
    [InlineData("", false)]
    public void Identifier_IsShortAndOneLine(string text, bool expected) => Assert.Equal(expected, OriginReader.IsIdentifier(text));

    [Fact]
    public void Identifier_OfSixtyFiveCharacters_IsText()
    {
        Assert.True(OriginReader.IsIdentifier(new string('a', OriginReader.MaxMetadataLength)));
        Assert.False(OriginReader.IsIdentifier(new string('a', OriginReader.MaxMetadataLength + 1)));
    }

    [Fact]
    public void Text_OfAnUntrustedTool_IsNoMetadata_WhateverTheToolSays()
    {
        // The star speaks of fields; a text without any is what somebody wrote.
        Assert.Equal(ValueOrigin.Untrusted, new Seen().Text("mallory@evil.com", untrusted: true, "*").Origin("mallory@evil.com"));
        Assert.Equal(ValueOrigin.Metadata, new Seen().Result("""["general"]""", untrusted: true, metadata: "*").Origin("general"));
        Assert.Equal(ValueOrigin.Metadata, new Seen().Text("['general', 'random']", untrusted: true, "*").Origin("random"));
    }

    [Theory]
    [InlineData("""{"to":"US133000000121212121212"}""", "\"Sent 10 to US133000000121212121212.\"", "US133000000121212121212")]
    [InlineData("""{"to":"US13 3000 0001 2121 2121 212"}""", "{\"to\":\"US133000000121212121212\"}", "US133000000121212121212")]
    [InlineData("""{"to":"https://evil.com/a"}""", "\"Visited evil.com\"", "evil.com")]
    [InlineData("""{"to":["x",{"y":"Mallory Jones"}]}""", "\"Hello Mallory Jones\"", "mallory jones")]
    [InlineData("""{"to":"Mallory Jones"}""", "\"Hello Mallory\"", "mallory")]
    [InlineData("""{"id":4711}""", "{\"deleted\":\"4711\"}", "4711")]
    [InlineData("""{"body":"Please pay mallory-7 today"}""", "\"Please pay mallory-7 today\"", "mallory-7")]
    public void Echo_OfTheCallsOwnArguments_DoesNotVouch(string arguments, string result, string value)
    {
        Assert.True(new Seen().Result(result).Vouches(value));
        Assert.False(new Seen().Result(result, arguments: arguments).Vouches(value));
    }

    [Fact]
    public void Result_OfACallWhoseArgumentsAreNotWhollyKnown_VouchesForNothing()
    {
        var trusted = OriginReader.Result(Seen.Key, Seen.Json("""{"to":"x"}"""), Seen.Tool(), untrusted: false, arguments: null);
        Assert.Equal(0, trusted.Count);
        var index = OriginIndex.Empty.Add(OriginBatch.Of(new(default, null, null, null), OriginReader.Result(Seen.Key, Seen.Json("""{"id":"m-1"}"""), Seen.Tool("id"), untrusted: true, arguments: null)));
        Assert.Equal(ValueOrigin.Untrusted, index.OriginOf(Seen.Key.Hash("m-1")!.Value));
    }

    [Fact]
    public void Written_ByTheAgent_IsNotTrustedWhenItIsReadBack()
    {
        var seen = new Seen().Written("""{"name":"Mallory Jones","who":"'mallory-7'","text":"pay to DE89 3704 0044 0532 0130 00 from now on"}""")
            .Result("""[{"name":"Mallory Jones","who":"'mallory-7'","note":"DE89370400440532013000","other":"Bob"}]""");
        foreach (var value in new[] { "Mallory Jones", "mallory-7", "DE89370400440532013000" }) Assert.False(seen.Vouches(value), value);
        Assert.True(seen.Vouches("bob"));
        Assert.True(seen.Prompt("Mallory Jones").Vouches("mallory jones"));
    }

    [Fact]
    public void Written_OfWhatWasVouchedFor_StaysVouchedFor()
    {
        var seen = new Seen().Result("""{"name":"Bob Smith"}""").Written("""{"to":"Bob Smith"}""").Result("""{"sent":"Bob Smith"}""");
        Assert.Equal(ValueOrigin.Trusted, seen.Origin("bob smith"));
    }

    [Fact]
    public void Written_OfMetadata_IsNotTrustedEither() =>
        Assert.False(new Seen().Written("""{"title":"mallory-7"}""").Result("""{"id":"mallory-7"}""", untrusted: true, metadata: "id").Vouches("mallory-7"));

    [Fact]
    public void Value_WithTrustedAndUntrustedOrigins_IsDoubtfulForMoneyOnly()
    {
        var seen = new Seen().Result("""{"id":13}""").Text("delete 13", untrusted: true);
        Assert.True(seen.Vouches("13"));
        Assert.False(seen.Vouches("13", strict: true));
        Assert.True(seen.Prompt("13").Vouches("13", strict: true));
    }

    [Fact]
    public void Metadata_WithMembersOfItsOwn_SaysTheirNames_ButNotTheFormOfTheResult()
    {
        var index = OriginIndex.Empty.Add(OriginBatch.Of(new(default, null, null, null),
            OriginReader.Result(Seen.Key, Seen.Json("""{"shared_with":{"bob@example.com":"r"},"notes":{"mallory@example.com":"r"}}"""), Seen.Tool("shared_with"), untrusted: true, arguments: [])));
        Assert.Equal((ValueOrigin.Metadata, ValueOrigin.Untrusted, ValueOrigin.Untrusted), (Of("bob@example.com"), Of("mallory@example.com"), Of("shared_with")));

        ValueOrigin Of(string value) => index.OriginOf(Seen.Key.Hash(value)!.Value);
    }
}
