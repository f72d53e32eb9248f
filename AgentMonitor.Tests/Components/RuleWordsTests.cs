using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Components.Pages.Policy;
using Xunit;

namespace AgentMonitor.Tests.Components;

public sealed class RuleWordsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Scope_OfNoExfiltration_ReadsAsWritten()
    {
        var rule = StarterPolicy.Create(Noon).Rules.Single(r => r.Id == "no-exfiltration");

        Assert.Equal("any agent · tools tagged external-communication · when the session has untrusted-content and sensitive-data", Scope(rule));
        Assert.Equal("Denies the call.", RuleWords.Effect(rule));
        Assert.True(RuleWords.CoversUnclassified(rule));
    }

    [Fact]
    public void Scope_NamesAgentsToolsAndEveryKindOfSessionDemand()
    {
        var rule = new RuleDocument
        {
            Id = "r",
            Effect = RuleEffect.Approve,
            Agents = ["support-*", "triage"],
            Tools = ["sql_*"],
            Tags = [Tag.Destructive, Tag.Financial],
            Session = new(["a"], ["b", "c"], ["d", "e"]),
            Condition = "true",
            Applies = RuleApplies.NewSessions,
        };

        Assert.Equal(
            "agents support-* or triage · tools sql_*, if tagged destructive or financial · when the session has a and has at least one of b or c and has none of d or e"
            + " · only in sessions that started after it was saved",
            Scope(rule));
        Assert.False(RuleWords.CoversUnclassified(rule));
    }

    [Fact]
    public void Scope_SaysWhatIsAskedOfDestinationsAndGrants()
    {
        var rules = Presets.All.SelectMany(p => p.Rules).DistinctBy(r => (r.Id, r.Mode)).ToDictionary(r => $"{r.Id}{r.Mode}");

        Assert.Equal("any agent · tools tagged external-communication · to a destination that nobody vouches for · when the session has untrusted-content and sensitive-data", Scope(rules["no-exfiltration-unvouchedEnforce"]));
        Assert.Equal(
            "any agent · tools tagged external-communication, financial, destructive, state-change or code-execution · needing a capability that the task was not granted · when the session has untrusted-content",
            Scope(rules["deny-ungranted-capabilityEnforce"]));
    }

    [Fact]
    public void Scope_OfARuleWithoutDemands_SaysAny() =>
        Assert.Equal("any agent · any tool", Scope(new RuleDocument { Id = "r", Effect = RuleEffect.Deny }));

    [Fact]
    public void Scope_OfOneExactAgentAndTool_UsesTheSingular() =>
        Assert.Equal("agent pm-portal · tool execute_sql", Scope(new RuleDocument { Id = "r", Effect = RuleEffect.Deny, Agents = ["pm-portal"], Tools = ["execute_sql"] }));

    [Fact]
    public void Scope_WithAStarAmongPatterns_SaysAny() =>
        Assert.Equal("any agent · any tool", Scope(new RuleDocument { Id = "r", Effect = RuleEffect.Deny, Agents = ["pm", "*"], Tools = ["x", "*"] }));

    [Fact]
    public void Effect_HasWordsForEveryModeAndEffect_AndOnlyEnforcedOnesClaimToAct()
    {
        foreach (var mode in Enum.GetValues<RuleMode>())
            foreach (var effect in Enum.GetValues<RuleEffect>())
            {
                var words = RuleWords.Effect(new RuleDocument { Id = "r", Mode = mode, Effect = effect, Labels = ["x"] });
                Assert.Equal(mode != RuleMode.Enforce, words.Contains("ould", StringComparison.Ordinal));
            }
    }

    private static string Scope(RuleDocument rule) => string.Join(" · ", RuleWords.Scope(rule));
}
