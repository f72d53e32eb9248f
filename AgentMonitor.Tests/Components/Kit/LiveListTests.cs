using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Components.Kit;
using Bunit;
using Xunit;

namespace AgentMonitor.Tests.Components.Kit;

public sealed class LiveListTests : KitContext
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private IRenderedComponent<LiveList> Show(bool paused = false, Func<LedgerEntry, bool>? filter = null) => Render<LiveList>(p => p
        .Add(c => c.Title, "Tool calls")
        .Add(c => c.Name, "test-list")
        .Add(c => c.Filter, filter ?? (_ => true))
        .Add(c => c.FilterKey, "")
        .Add(c => c.Paused, paused)
        .Add(c => c.Href, e => $"/live?open={e.DecisionId}")
        .Add(c => c.Row, e => $"<span>{e.Tool}</span>")
        .Add(c => c.Empty, "<p>No call yet</p>"));

    private static string State(IRenderedComponent<LiveList> cut) => cut.Find(".live-state").TextContent;

    [Fact]
    public void Empty_SaysSo_UntilTheFirstCall()
    {
        var cut = Show();
        Assert.Contains("No call yet", cut.Markup, StringComparison.Ordinal);
        Publish(3);
        cut.WaitForAssertion(() => Assert.Contains("3 rows", State(cut), StringComparison.Ordinal), s_patience);
    }

    [Fact]
    public async Task Hovered_HoldsAndCounts_UntilResumed()
    {
        Publish(2);
        var cut = Show();
        await cut.Find(".live-wrap").TriggerEventAsync("onpointerenter", new Microsoft.AspNetCore.Components.Web.PointerEventArgs());
        Assert.True(cut.Instance.Held);
        Publish(37);
        cut.WaitForAssertion(() => Assert.Contains("37 new", cut.Find(".live-new").TextContent, StringComparison.Ordinal), s_patience);
        Assert.Contains("2 rows", State(cut), StringComparison.Ordinal);
        cut.Find(".live-new").Click();
        cut.WaitForAssertion(() => Assert.Contains("39 rows", State(cut), StringComparison.Ordinal), s_patience);
        Assert.Empty(cut.FindAll(".live-new"));
    }

    [Fact]
    public async Task PointerLeft_GoesOn()
    {
        Publish(2);
        var cut = Show();
        await cut.Find(".live-wrap").TriggerEventAsync("onpointerenter", new Microsoft.AspNetCore.Components.Web.PointerEventArgs());
        Publish(5);
        await cut.Find(".live-wrap").TriggerEventAsync("onpointerleave", new Microsoft.AspNetCore.Components.Web.PointerEventArgs());
        cut.WaitForAssertion(() => Assert.Contains("7 rows", State(cut), StringComparison.Ordinal), s_patience);
    }

    [Fact]
    public async Task Scrolled_Holds()
    {
        Publish(50);
        var cut = Show();
        await cut.InvokeAsync(() => cut.Instance.SetScrolledAsync(true));
        Publish(1);
        cut.WaitForAssertion(() => Assert.Contains("1 new", cut.Find(".live-new").TextContent, StringComparison.Ordinal), s_patience);
    }

    [Fact]
    public void Paused_HoldsAndSaysSo()
    {
        Publish(1);
        var cut = Show(paused: true);
        Publish(4);
        cut.WaitForAssertion(() => Assert.Contains("4 new", cut.Find(".live-new").TextContent, StringComparison.Ordinal), s_patience);
        Assert.Contains("paused", State(cut), StringComparison.Ordinal);
    }

    [Fact]
    public void Filter_CountsOnlyWhatPasses()
    {
        var cut = Show(filter: e => e.Decision == "deny");
        Publish(10);
        Publish(2, "deny");
        cut.WaitForAssertion(() => Assert.Contains("2 rows", State(cut), StringComparison.Ordinal), s_patience);
    }

    [Fact]
    public async Task Disposed_LeavesNoSubscription()
    {
        Show();
        Assert.Equal(1, Feed.Subscriptions("test-list"));
        await DisposeComponentsAsync();
        Assert.Equal(0, Feed.Subscriptions("test-list"));
    }
}
