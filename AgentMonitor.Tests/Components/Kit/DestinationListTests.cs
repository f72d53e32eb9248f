using AgentMonitor.Web.Components.Kit;
using AgentMonitor.Web.Ledger;
using Bunit;
using Xunit;

namespace AgentMonitor.Tests.Components.Kit;

public sealed class DestinationListTests : KitContext
{
    private static readonly DestinationData Stranger = Destination("mallory@elsewhere.example", "untrusted", false, "d1", "query_feature_requests");
    private static readonly DestinationData Named = Destination("erin@example.com", "user", true);

    [Fact]
    public void UntrustedDestination_OfADeniedCall_SaysWhereItComesFromAndWhoDidNotNameIt()
    {
        var cut = Show("deny", Stranger);

        var row = Text(cut.Find("[data-vouched=false]"));
        Assert.Contains("mallory@elsewhere.example not vouched for untrusted text", row, StringComparison.Ordinal);
        Assert.Contains("It comes from the result of query_feature_requests", row, StringComparison.Ordinal);
        Assert.EndsWith("not from alice@example.com", row, StringComparison.Ordinal);
        Assert.Single(cut.FindAll(".chip-red"));
        Assert.Equal("/decisions/d1", cut.Find("a").GetAttribute("href"));
    }

    [Fact]
    public void Link_LeadsWhereThePageSays() =>
        Assert.Equal("#d1", Show("deny", linkTo: id => $"#{id}", destinations: Stranger).Find("a").GetAttribute("href"));

    [Theory]
    [InlineData("user", true, "named by alice@example.com")]
    [InlineData("system", true, "agent's configuration")]
    [InlineData("trusted", true, "trusted result")]
    [InlineData("metadata", true, "metadata")]
    [InlineData("trusted", false, "trusted result, not enough here")]
    [InlineData("none", false, "named by nobody")]
    public void Origin_IsSaidInWords(string origin, bool vouched, string words)
    {
        var cut = Show("pending", Destination("x@example.com", origin, vouched));

        Assert.Equal([vouched ? "vouched for" : "not vouched for", words], cut.FindAll(".chip").Select(Text));
        Assert.Equal(vouched ? 0 : 1, cut.FindAll(".chip-amber").Count);
        // What a person has to look at is explained in a whole sentence.
        if (!vouched) Assert.Contains("Sentence of x@example.com.", Text(cut.Find("li")), StringComparison.Ordinal);
    }

    [Fact]
    public void Destinations_ThatNobodyVouchesFor_ComeFirst() =>
        Assert.Equal(["false", "true"], Show("deny", Named, Stranger).FindAll("li").Select(l => l.GetAttribute("data-vouched")));

    [Fact]
    public void AllowedCall_IsOneLine_ThatOpens()
    {
        var cut = Show("allow", folded: true, destinations: [Named, Named with { Value = "ben@example.com" }]);
        Assert.Equal("2 destinations, all vouched for", Text(cut.Find("summary")));
        Assert.DoesNotContain("erin", cut.Markup, StringComparison.Ordinal);

        cut.Find("summary").Click();

        Assert.Contains("erin@example.com", cut.Markup, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, true, "No destination can be read from its arguments")]
    [InlineData(1, 0, false, "1 destination, vouched for")]
    [InlineData(0, 1, true, "1 destination, vouched for by nobody")]
    [InlineData(0, 2, true, "2 destinations, none vouched for")]
    [InlineData(2, 1, true, "3 destinations, 1 of them vouched for by nobody")]
    [InlineData(2, 0, true, "2 destinations in its text, but where it goes cannot be read")]
    [InlineData(64, 0, true, "64 destinations, all vouched for, and more that were not looked at")]
    public void Summary_CountsWhatNobodyVouchesFor(int vouched, int unvouched, bool isUnvouched, string words) => Assert.Equal(words, DestinationViews.Summary(new ToolCallData
    {
        Unvouched = isUnvouched,
        Destinations = [.. Enumerable.Repeat(Named, vouched), .. Enumerable.Repeat(Stranger, unvouched)],
    }));

    [Fact]
    public void Call_WhoseTextIsVouchedForButWhoseDestinationIsNot_SaysThatItCannotBeRead()
    {
        var cut = Show("deny", isUnvouched: true, destinations: Named with { Argument = "body", InFreeText = true });

        Assert.Contains("No argument that says where it goes can be read from this call.", Text(cut.Find("[data-vouched=false]")), StringComparison.Ordinal);
    }

    [Fact]
    public void LongList_IsCut_AndShownWhole_OnRequest()
    {
        var cut = Show("deny", destinations: [.. Enumerable.Range(0, 20).Select(i => Stranger with { Value = $"m{i}@elsewhere.example" })]);
        Assert.Equal(DestinationViews.MaxShown, cut.FindAll("[data-vouched]").Count);

        cut.Find("button").Click();

        Assert.Equal(20, cut.FindAll("[data-vouched]").Count);
    }

    [Fact]
    public void Call_WhoseDestinationsWereNotLookedAt_ShowsNothing()
    {
        Assert.Empty(Show("allow").Markup.Trim());
        // Entries from before destinations were recorded, and erased ones, have none.
        Assert.Empty(Render<DestinationList>(p => p.Add(c => c.Call, new ToolCallData { Destinations = null! }).Add(c => c.Decision, "allow")).Markup.Trim());
    }

    [Fact]
    public void ValueAndUser_WithMarkup_AreText()
    {
        const string Attack = "<img src=x onerror=alert(1)>";
        var cut = Render<DestinationList>(p => p.Add(c => c.Decision, "deny").Add(c => c.Call, new ToolCallData
        {
            Users = [new UserData(Attack, false, [])],
            Destinations = [Stranger with { Value = Attack, Argument = Attack, FromTool = Attack }, Named with { Argument = Attack }],
            Unvouched = true,
        }));

        Assert.Empty(cut.FindAll("img"));
        Assert.Equal(6, cut.FindAll(".quoted-inline").Count(q => q.TextContent == Attack));
    }

    private IRenderedComponent<DestinationList> Show(string decision, params DestinationData[] destinations) => Show(decision, false, null, null, destinations);

    private IRenderedComponent<DestinationList> Show(string decision, bool folded = false, bool? isUnvouched = null, Func<string, string>? linkTo = null, params DestinationData[] destinations) =>
        Render<DestinationList>(p => p
            .Add(c => c.Decision, decision)
            .Add(c => c.Folded, folded)
            .Add(c => c.LinkTo, linkTo)
            .Add(c => c.Call, new ToolCallData
            {
                Users = [new UserData("alice@example.com", false, [])],
                Destinations = destinations,
                Unvouched = isUnvouched ?? (destinations.Length == 0 ? null : destinations.Any(d => !d.Vouched)),
            }));

    private static DestinationData Destination(string value, string origin, bool vouched, string? from = null, string? tool = null) =>
        new("to", value, "email", false, vouched, origin, $"sentence of {value}", from, tool, from is null ? null : StoryEntries.Noon);

    private static string Text(AngleSharp.Dom.IElement element) => string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
