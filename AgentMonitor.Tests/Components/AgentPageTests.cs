using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Switches;
using AgentMonitor.Web.Components.Pages.Agents;
using AgentMonitor.Web.Components.Pages.Policy;
using AgentMonitor.Web.Components.Pages.Sessions;
using AgentMonitor.Web.Components.Pages.Tools;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Identity;
using AgentMonitor.Web.Live;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace AgentMonitor.Tests.Components;

public sealed class AgentPageTests : PageContext
{
    [Fact]
    public void Key_IsShownOnce_AndGoneWhenTheDialogCloses()
    {
        var cut = Show<AgentKeys>(OperatorRole.Admin, p => p.Add(c => c.Agent, "support"));
        cut.FindAll("button").Single(b => b.TextContent.Contains("Make a key", StringComparison.Ordinal)).Click();
        cut.Find("#key-name").Input("production");
        cut.Find("dialog form").Submit();

        cut.WaitForAssertion(() => Assert.Contains("only time the key is shown", cut.Markup, StringComparison.Ordinal));
        var key = cut.Find("dialog pre").TextContent;
        Assert.StartsWith("amk_", key, StringComparison.Ordinal);
        cut.FindAll("button").Single(b => b.TextContent.Contains("I have copied it", StringComparison.Ordinal)).Click();

        cut.WaitForAssertion(() => Assert.DoesNotContain(key, cut.Markup, StringComparison.Ordinal));
        Assert.Equal("production", Assert.Single(Actions.Keys("support")).Name);
        cut.FindAll("button").Single(b => b.TextContent.Contains("Make a key", StringComparison.Ordinal)).Click();
        Assert.DoesNotContain(key, cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_WithoutAName_IsNotMade()
    {
        var cut = Show<AgentKeys>(OperatorRole.Admin, p => p.Add(c => c.Agent, "support"));
        cut.FindAll("button").Single(b => b.TextContent.Contains("Make a key", StringComparison.Ordinal)).Click();
        cut.Find("dialog form").Submit();

        Assert.Contains("Say where it will be used", cut.Markup, StringComparison.Ordinal);
        Assert.Empty(Actions.Keys("support"));
    }

    [Fact]
    public async Task Keys_AreOnlyRead_ByWhoIsNoAdmin()
    {
        await Actions.CreateKeyAsync(Admin, "support", "production", null, Xunit.TestContext.Current.CancellationToken);
        var cut = Show<AgentKeys>(OperatorRole.Author, p => p.Add(c => c.Agent, "support"));

        Assert.Contains("production", cut.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain(cut.FindAll("button"), b => b.TextContent.Contains("Make a key", StringComparison.Ordinal) || b.TextContent.Contains("Revoke", StringComparison.Ordinal));
        Assert.Contains("needs the role admin", cut.Markup, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OperatorRole.Viewer, true, false)]
    [InlineData(OperatorRole.Operator, false, false)]
    [InlineData(OperatorRole.Author, false, true)]
    public void Tools_OfferEachRoleWhatItMay(OperatorRole role, bool switchesLocked, bool classifies)
    {
        var cut = Show<AgentTools>(role, p => p.Add(c => c.Agent, "support"));
        cut.WaitForElement("tbody tr");

        Assert.All(cut.FindAll("button[role=switch]"), b => Assert.Equal(switchesLocked, b.HasAttribute("disabled")));
        Assert.Equal(classifies, cut.FindAll("a.btn").Any(b => b.TextContent.Contains("Classify", StringComparison.Ordinal)));
        Assert.StartsWith("mystery", cut.Find("tbody tr").TextContent.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_AreLocked_ForWhoIsNoAdmin_AndCannotRemove()
    {
        var cut = Show<AgentSettings>(OperatorRole.Author, p => p.Add(c => c.Agent, "support"));

        Assert.All(cut.FindAll("form input, form textarea"), i => Assert.True(i.HasAttribute("disabled")));
        Assert.DoesNotContain(cut.FindAll("button"), b => b.TextContent.Contains("Remove", StringComparison.Ordinal) || b.TextContent.Contains("Save", StringComparison.Ordinal));
    }

    [Fact]
    public void TrustedDestinations_AreAddedRemovedAndSaved_AndThePageSaysThem()
    {
        var cut = Show<AgentPage>(OperatorRole.Admin, p => p.Add(c => c.Agent, "support").Add(c => c.Tab, "settings"));
        foreach (var pattern in (string[])["*@example.com", "#ops", "wrong*"])
        {
            cut.Find("#trusted-new").Input(pattern);
            cut.FindAll(".trusted button")[^1].Click();
        }
        Assert.Contains("A star can stand for", cut.Find("#trusted-new-error").TextContent, StringComparison.Ordinal);
        Assert.Equal("true", cut.Find("#trusted-new").GetAttribute("aria-invalid"));
        cut.Find("form").Submit();
        Assert.Empty(Agent().TrustedDestinations);

        cut.FindAll(".trusted-list button").Single(b => b.TextContent.Contains("#ops", StringComparison.Ordinal)).Click();
        // What was typed and not added is meant, too.
        cut.Find("#trusted-new").Input("wiki.example.com/*");
        cut.Find("form").Submit();

        cut.WaitForAssertion(() => Assert.Contains("Saved.", cut.Markup, StringComparison.Ordinal));
        Assert.Equal(["*@example.com", "wiki.example.com/*"], Agent().TrustedDestinations);
        Assert.Equal("Support desk", Agent().Name);
        cut.WaitForAssertion(() => Assert.Contains("vouches for every address at example.com and everything below wiki.example.com", cut.Find(".agent-facts").TextContent, StringComparison.Ordinal));

        AgentDefinition Agent() => Services.GetRequiredService<ControlRoom>().Current.Agents["support"];
    }

    [Fact]
    public void Remove_WaitsForTheIdToBeTyped()
    {
        var cut = Show<AgentSettings>(OperatorRole.Admin, p => p.Add(c => c.Agent, "support"));
        cut.FindAll("button").Single(b => b.TextContent.Contains("Remove…", StringComparison.Ordinal)).Click();
        Assert.True(cut.Find("dialog button[type=submit]").HasAttribute("disabled"));

        cut.Find("#delete-typed").Input("suppor");
        Assert.True(cut.Find("dialog button[type=submit]").HasAttribute("disabled"));
        cut.Find("#delete-typed").Input("support");
        cut.Find("dialog form").Submit();

        cut.WaitForAssertion(() => Assert.Empty(Services.GetRequiredService<ControlRoom>().Current.Agents));
    }

    [Fact]
    public async Task Quarantine_IsSaidWithWhoWhyAndSinceWhen()
    {
        await Actions.SetSwitchAsync(Admin, SwitchTarget.ForAgent("support"), "incident 42", null, Xunit.TestContext.Current.CancellationToken);
        var cut = Show<AgentPage>(OperatorRole.Viewer, p => p.Add(c => c.Agent, "support"));

        var note = cut.WaitForElement(".note-violet").TextContent;
        Assert.Contains("Agent support is quarantined", note, StringComparison.Ordinal);
        Assert.Contains("by dana: incident 42.", note, StringComparison.Ordinal);
        Assert.Contains("It has refused no call since.", note, StringComparison.Ordinal);
        Assert.All(cut.FindAll(".page-head button, .note button"), b => Assert.True(b.HasAttribute("disabled")));
    }

    [Fact]
    public async Task Pages_LeaveNoSubscriptionBehind()
    {
        var feed = Services.GetRequiredService<LiveFeed>();
        Services.GetRequiredService<NavigationManager>().NavigateTo("/agents/support/sessions/chat-1");
        Show<AgentPage>(OperatorRole.Admin, p => p.Add(c => c.Agent, "support"));
        Show<SessionPage>(OperatorRole.Admin);
        Show<SessionsPage>(OperatorRole.Admin);
        Show<ToolsPage>(OperatorRole.Admin);
        Show<PolicyPage>(OperatorRole.Admin);
        Show<AgentsPage>(OperatorRole.Admin);
        string[] names = [nameof(AgentPage), nameof(AgentTools), nameof(SessionPage), nameof(SessionsPage), nameof(ToolsPage), nameof(PolicyPage), nameof(AgentsPage)];
        Assert.All(names, name => Assert.Equal(1, feed.Subscriptions(name)));

        await DisposeComponentsAsync();

        Assert.All(names, name => Assert.Equal(0, feed.Subscriptions(name)));
    }

    [Fact]
    public void Session_ThatNobodyNamed_SaysSo()
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("/agents/support/sessions/chat%2F1");
        var cut = Show<SessionPage>(OperatorRole.Viewer);

        cut.WaitForAssertion(() => Assert.Contains("Nobody has named this session", cut.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Policy_ThatIsEmpty_SaysThatNothingIsEnforced()
    {
        await Actions.SavePolicyAsync(Admin, new([]), 1, null, Xunit.TestContext.Current.CancellationToken);
        var cut = Show<PolicyPage>(OperatorRole.Viewer);

        Assert.Contains("No rule is enforced: the policy is empty.", cut.Markup, StringComparison.Ordinal);
        Assert.Contains("PUT", cut.Markup, StringComparison.Ordinal);
    }

    private IRenderedComponent<T> Show<T>(OperatorRole role, Action<ComponentParameterCollectionBuilder<T>>? parameters = null) where T : IComponent
    {
        var me = SignIn(role);
        return Render<T>(p =>
        {
            parameters?.Invoke(p);
            p.AddCascadingValue(me);
        });
    }
}
