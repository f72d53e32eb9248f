using AgentMonitor.Core.Origins;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace AgentMonitor.Tests.Core.Origins;

/// <summary>Which spellings are one destination, and what a text looks like.</summary>
public sealed class DestinationTextTests
{
    [Theory]
    [InlineData("https://www.Example.com/", "example.com")]
    [InlineData("HTTP://example.com/a/", "example.com/A")]
    [InlineData("www.example.com", "http://example.com")]
    [InlineData("mailto:Bob@Example.com", "bob@example.com")]
    [InlineData("GB33 BUKB 2020 1555 5555 55", "gb33bukb20201555555555")]
    [InlineData("+44 (20) 7946-0958", "442079460958")]
    [InlineData("tel:+44 20 7946 0958", "+442079460958")]
    [InlineData("@alice", "Alice")]
    [InlineData("#general", "general")]
    [InlineData("./report.txt", "report.txt")]
    [InlineData("folder/", "folder")]
    [InlineData("1,200.50", "1200.5")]
    [InlineData("$7", "7")]
    [InlineData("  Project\n  Plan ", "project plan")]
    [InlineData("ÄRGER", "ärger")]
    public void Spellings_OfOneDestination_AreTheSame(string one, string other)
    {
        Assert.True(DestinationText.AreSame(one, other));
        Assert.True(DestinationText.AreSame(other, one));
    }

    [Theory]
    [InlineData("example.com", "example.com.evil.com")]
    [InlineData("example.com/a", "example.com/b")]
    [InlineData("ftp://example.com", "example.com")]
    [InlineData("alice@example.com", "alice")]
    [InlineData("a@b", "b")]
    [InlineData("Alice!", "Alice")]
    [InlineData("\"Alice\"", "Alice")]
    [InlineData("../report.txt", "report.txt")]
    [InlineData("007", "7")]
    [InlineData("1.5", "15")]
    [InlineData("-7", "7")]
    [InlineData("GB33BUKB20201555555555", "GB33BUKB20201555555556")]
    [InlineData("alice@example.com", "alice@exam\u200bple.com")]
    [InlineData("alice", "аlice")]
    [InlineData("", "")]
    [InlineData(" ", "  ")]
    public void Values_ThatDiffer_AreNotTheSame(string one, string other) => Assert.False(DestinationText.AreSame(one, other));

    [Fact]
    public void Canonical_OfATextThatIsTooLong_IsNothing()
    {
        Span<char> into = stackalloc char[DestinationText.MaxLength];
        Assert.Equal(DestinationText.MaxLength, DestinationText.Canonical(new string('a', DestinationText.MaxLength), into));
        Assert.Equal(0, DestinationText.Canonical(new string('a', DestinationText.MaxLength + 1), into));
    }

    [Theory]
    [InlineData("bob@example.com", DestinationKind.Email)]
    [InlineData("<bob@example.com>,", DestinationKind.Email)]
    [InlineData("mailto:bob@example.com", DestinationKind.Email)]
    [InlineData("https://example.com", DestinationKind.Link)]
    [InlineData("https://bob@example.com/", DestinationKind.Link)]
    [InlineData("www.example", DestinationKind.Link)]
    [InlineData("example.com", DestinationKind.Link)]
    [InlineData("example.com:8080/path?x=1", DestinationKind.Link)]
    [InlineData("shop.de", DestinationKind.Link)]
    [InlineData("a.io/x", DestinationKind.Link)]
    [InlineData("GB33BUKB20201555555555", DestinationKind.Iban)]
    [InlineData("123456789", DestinationKind.Number)]
    [InlineData("+44-20-7946-0958", DestinationKind.Number)]
    [InlineData("12345678", DestinationKind.Other)]
    [InlineData("2026-11-22", DestinationKind.Other)]
    [InlineData("report.py", DestinationKind.Other)]
    [InlineData("notes.txt", DestinationKind.Other)]
    [InlineData("1.25", DestinationKind.Other)]
    [InlineData("@bob", DestinationKind.Other)]
    [InlineData("e.g", DestinationKind.Other)]
    [InlineData("Smith", DestinationKind.Other)]
    [InlineData("", DestinationKind.Other)]
    public void Kind_OfAWord_IsWhatItLooksLike(string word, DestinationKind kind) => Assert.Equal(kind, DestinationText.KindOf(word));

    [Theory]
    [InlineData("(bob@example.com).", "bob@example.com")]
    [InlineData("“Alice”,", "Alice")]
    [InlineData(" ", "")]
    [InlineData("", "")]
    public void Trim_TakesOffWhatSurroundsAValueInProse(string text, string trimmed) => Assert.Equal(trimmed, DestinationText.Trim(text).ToString());

    [Fact]
    public void Canonical_OfAnyText_DoesNotThrowAndIsNoLongerThanTheText() => FsCheck.Check.One(Worlds.Runs(5_000), Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
    {
        text ??= "";
        Span<char> into = stackalloc char[DestinationText.MaxLength];
        _ = DestinationText.KindOf(text);
        return DestinationText.Canonical(text, into) <= text.Length && DestinationText.AreSame(text, text) == (DestinationText.Canonical(text, into) > 0);
    }));
}
