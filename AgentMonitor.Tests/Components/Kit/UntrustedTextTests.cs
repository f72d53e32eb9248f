using AgentMonitor.Web.Components.Kit;
using Bunit;
using Xunit;

namespace AgentMonitor.Tests.Components.Kit;

public sealed class UntrustedTextTests : KitContext
{
    private const string Attack = "<img src=x onerror=alert(1)><script>alert(2)</script>";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Markup_IsShownAsText(bool inline)
    {
        var cut = Render<UntrustedText>(p => p.Add(c => c.Text, Attack).Add(c => c.Inline, inline));
        Assert.Empty(cut.FindAll("img, script"));
        Assert.Contains(Attack, cut.FindAll(".quoted-text, .quoted-inline").Select(n => n.TextContent));
    }

    [Fact]
    public void LongText_IsCut_AndShownWhole_OnRequest()
    {
        var text = new string('a', 1_000) + "END";
        var cut = Render<UntrustedText>(p => p.Add(c => c.Text, text).Add(c => c.Max, 100));
        Assert.DoesNotContain("END", cut.Find(".quoted-text").TextContent, StringComparison.Ordinal);
        cut.Find("button").Click();
        Assert.EndsWith("END", cut.Find(".quoted-text").TextContent, StringComparison.Ordinal);
        Assert.Equal("true", cut.Find("button").GetAttribute("aria-expanded"));
    }

    [Fact]
    public void HiddenCharacters_AreNamed()
    {
        var cut = Render<UntrustedText>(p => p.Add(c => c.Text, "invoice\u202Efdp.exe"));
        Assert.Equal("invoice⟨U+202E⟩fdp.exe", cut.Find(".quoted-text").TextContent);
    }

    [Fact]
    public void CutNeverSplitsACharacter()
    {
        var cut = Render<UntrustedText>(p => p.Add(c => c.Text, "ab😀cd").Add(c => c.Max, 3));
        Assert.Equal("ab…", cut.Find(".quoted-text").TextContent);
    }
}
