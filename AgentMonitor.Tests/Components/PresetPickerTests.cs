using AgentMonitor.Core.Policy;
using AgentMonitor.Web.Components.Pages.Policy;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Identity;
using AngleSharp.Dom;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace AgentMonitor.Tests.Components;

public sealed class PresetPickerTests : PageContext
{
    private ControlRoom Room => Services.GetRequiredService<ControlRoom>();

    [Fact]
    public void Presets_AreARadioGroup_WithTheOneInForceChosen()
    {
        var cut = Show(OperatorRole.Author);

        Assert.Equal(["seed", "balanced", "strict"], cut.FindAll("fieldset input[type=radio]").Select(r => r.GetAttribute("value")));
        Assert.Single(cut.FindAll("fieldset input[type=radio]").Select(r => r.GetAttribute("name")).Distinct());
        Assert.Equal("seed", cut.Find("input[checked]").GetAttribute("value"));
        Assert.Contains("in force", cut.Find(".preset-current").TextContent, StringComparison.Ordinal);
        Assert.True(Switch(cut).HasAttribute("disabled"));
    }

    [Fact]
    public void Effects_StandBesideThePresets_AndWhatWasNotMeasuredSaysSo()
    {
        // Figures of this test, not of the product.
        var cut = Show(OperatorRole.Viewer, new PresetEffects("2026-03-02", "some recorded sessions", [new("balanced", 1000, 999, 2000, 1500, 0.125)]));

        var balanced = Text(cut.Find("#preset-balanced-effect"));
        Assert.Equal("of attacks stopped 99.9 % of ordinary sessions untouched 75 % approvals per session 0.13", balanced);
        Assert.Equal("not measured yet", Text(cut.Find("#preset-seed-effect")));
        Assert.Contains("Measured on some recorded sessions, 2 March 2026.", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Effects_AreNeverRoundedUpToAll()
    {
        var cut = Show(OperatorRole.Viewer, new PresetEffects("2026-03-02", "s", [new("seed", 100_000, 99_999, 100_000, 1, 0.001), new("strict", 5, 5, 5, 0, 0)]));

        Assert.Equal("of attacks stopped 99.9 % of ordinary sessions untouched 0.1 % approvals per session < 0.01", Text(cut.Find("#preset-seed-effect")));
        Assert.Equal("of attacks stopped 100 % of ordinary sessions untouched 0 % approvals per session 0", Text(cut.Find("#preset-strict-effect")));
    }

    [Fact]
    public void Switch_SaysTheConsequence_AsksWhy_AndCanBeUndone()
    {
        var cut = Show(OperatorRole.Author);
        cut.Find("#preset-balanced").Change("balanced");
        Assert.Equal("Switch to Balanced…", Text(Switch(cut)));
        Switch(cut).Click();

        var dialog = Text(cut.Find("dialog"));
        Assert.Contains("Comes into force After untrusted content and sensitive data, external communication only to vouched destinations A person confirms a destination", dialog, StringComparison.Ordinal);
        Assert.Contains("Is removed No external communication after untrusted content and sensitive data", dialog, StringComparison.Ordinal);
        Assert.Contains("3 other rules stay as they are. It applies to running sessions at once.", dialog, StringComparison.Ordinal);
        cut.Find("dialog form").Submit();
        Assert.Equal(1, Room.Current.Policy.Revision);

        cut.Find("dialog input").Input("after incident 42");
        cut.Find("dialog form").Submit();
        cut.WaitForAssertion(() => Assert.Contains("Switched to Balanced. Revision 2", Text(cut.Find("[role=status]")), StringComparison.Ordinal));
        Assert.Equal("balanced", Presets.Of(Room.Current.Policy.Document)?.Id);
        Assert.Equal("balanced", cut.Find("input[checked]").GetAttribute("value"));

        cut.FindAll("button").Single(b => Text(b) == "Undo: back to Seed").Click();
        cut.WaitForAssertion(() => Assert.Contains("Undone: back to Seed. Revision 3", Text(cut.Find("[role=status]")), StringComparison.Ordinal));
        Assert.Equal("seed", Presets.Of(Room.Current.Policy.Document)?.Id);
    }

    [Fact]
    public async Task Undo_OfACustomPolicy_BringsItsRulesBack()
    {
        var own = Room.Current.Policy.Document.Rules.Select(r => r.Id == "no-exfiltration" ? r with { Mode = RuleMode.Shadow } : r).Where(r => r.Id != "ask-unvouched-destination").ToList();
        await Actions.SavePolicyAsync(Admin, new([.. own]), 1, null, Xunit.TestContext.Current.CancellationToken);
        var cut = Show(OperatorRole.Author);
        Assert.Contains("The policy is custom: it follows no preset. It is nearest to Seed, but no-exfiltration is in shadow, not enforced. ask-unvouched-destination was removed.", Text(cut.Find(".note")), StringComparison.Ordinal);
        Assert.Empty(cut.FindAll("input[checked]"));

        cut.Find("#preset-strict").Change("strict");
        Switch(cut).Click();
        cut.Find("dialog input").Input("why");
        cut.Find("dialog form").Submit();
        cut.WaitForAssertion(() => Assert.Equal("strict", Presets.Of(Room.Current.Policy.Document)?.Id));
        cut.WaitForElement("[role=status] button").Click();

        cut.WaitForAssertion(() => Assert.Contains("Undone: back to the custom rules.", cut.Markup, StringComparison.Ordinal));
        Assert.Equal(own.Select(r => (r.Id, r.Mode)), Room.Current.Policy.Document.Rules.Select(r => (r.Id, r.Mode)));
    }

    [Fact]
    public async Task Switch_OfAPolicyThatSomebodyChanged_ChangesNothing_AndSaysToLookAgain()
    {
        var cut = Show(OperatorRole.Author);
        cut.Find("#preset-balanced").Change("balanced");
        Switch(cut).Click();
        await Actions.SavePolicyAsync(Admin, new([]), 1, null, Xunit.TestContext.Current.CancellationToken);
        cut.Find("dialog input").Input("why");
        cut.Find("dialog form").Submit();

        cut.WaitForAssertion(() => Assert.Contains("Somebody changed the policy meanwhile, it is at revision 2 now: look again, then decide.", Text(cut.Find("dialog [role=alert]")), StringComparison.Ordinal));
        Assert.Empty(Room.Current.Policy.Document.Rules);
    }

    [Theory]
    [InlineData(OperatorRole.Viewer)]
    [InlineData(OperatorRole.Operator)]
    public void Switch_IsLocked_WithTheReason_ForWhoIsNoAuthor(OperatorRole role)
    {
        var cut = Show(role);
        cut.Find("#preset-strict").Change("strict");

        Assert.True(Switch(cut).HasAttribute("disabled"));
        Assert.Contains("Switching needs the role author.", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Switch_ByARoleThatWasTakenAway_IsRefusedByTheServer()
    {
        var cut = Show(OperatorRole.Author);
        cut.Find("#preset-strict").Change("strict");
        Switch(cut).Click();
        cut.Find("dialog input").Input("why");
        SignIn(OperatorRole.Operator);
        cut.Find("dialog form").Submit();

        cut.WaitForAssertion(() => Assert.Contains("This needs the role author", cut.Find("dialog [role=alert]").TextContent, StringComparison.Ordinal));
        Assert.Equal("seed", Presets.Of(Room.Current.Policy.Document)?.Id);
    }

    [Fact]
    public void Custom_SaysWhichPartWasChanged_AndWhatBelongsToAnother()
    {
        var balanced = Presets.Find("balanced")!;
        PolicyDocument policy = new([balanced.Rules[0] with { Agents = ["support-*"], Condition = "true" }, balanced.Rules[1], Presets.Find("strict")!.Rules[2]]);

        var (nearest, why) = PresetChange.Custom(policy)!.Value;

        Assert.Equal("balanced", nearest.Id);
        Assert.Equal(["no-exfiltration-unvouched was changed: its agents and its condition.", "deny-ungranted-capability is there too, which belongs to Strict."], why);
    }

    [Fact]
    public void Change_ToTheSamePreset_IsNone()
    {
        var change = PresetChange.Of(Room.Current.Policy.Document, Presets.Find("seed")!);
        Assert.Equal((0, 0, 0, 5), (change.Enforced.Count, change.Shadow.Count, change.Removed.Count, change.Kept));
    }

    [Fact]
    public void Change_BackToSeed_PutsARuleIntoShadow() =>
        Assert.Equal(["ask-unvouched-destination"], PresetChange.Of(Presets.Apply(PolicyDocument.Empty, Presets.Find("balanced")!, StoryEntries.Noon), Presets.Find("seed")!).Shadow.Select(r => r.Id));

    [Fact]
    public async Task Condition_IsShownAsQuotedCode_AfterWhen()
    {
        await Actions.SavePolicyAsync(Admin, new([new RuleDocument { Id = "r", Effect = RuleEffect.Deny, Condition = "size(users) > 1" }]), 1, null, Xunit.TestContext.Current.CancellationToken);
        var me = SignIn(OperatorRole.Viewer);
        var cut = Render<PolicyPage>(p => p.AddCascadingValue(me));

        var condition = cut.Find(".rule-condition");
        Assert.StartsWith("when", Text(condition), StringComparison.Ordinal);
        Assert.Equal("size(users) > 1", condition.QuerySelector(".quoted-code .quoted-text")!.TextContent);
    }

    private IRenderedComponent<PresetPicker> Show(OperatorRole role, PresetEffects? effects = null)
    {
        var me = SignIn(role);
        return Render<PresetPicker>(p => p.Add(c => c.Policy, Room.Current.Policy).Add(c => c.Effects, effects ?? new PresetEffects("2026-03-02", "nothing", [])).AddCascadingValue(me));
    }

    private static IElement Switch(IRenderedComponent<PresetPicker> cut) => cut.FindAll("section button").First(b => b.TextContent.Contains("Switch", StringComparison.Ordinal));

    private static string Text(IElement element) => string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
