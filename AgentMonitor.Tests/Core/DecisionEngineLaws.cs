using System.Collections.Immutable;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;
using Xunit;

namespace AgentMonitor.Tests.Core;

/// <summary>The laws of the decision rule, each over random policies, calls, sessions and switches.</summary>
public sealed class DecisionEngineLaws
{
    private static readonly RuleDocument Always = new() { Id = "added", Effect = RuleEffect.Deny };

    [Fact]
    public void Evaluation_OverTheIndex_EqualsLookingAtEveryRule() =>
        Worlds.Check(world => Same(LinearEngine.Decide(world, approved: false), world.Decide()), 3_000);

    [Fact]
    public void Evaluation_OfAnApprovedCall_EqualsLookingAtEveryRule() =>
        Worlds.Check(world => Same(LinearEngine.Decide(world, approved: true), world.Decide(approved: true)), 1_000);

    [Fact]
    public void Evaluation_WhateverWasAskedBefore_IsTheSame() => Worlds.Check(world =>
    {
        // One policy, asked about one tool with changing arguments: what the index remembers must not leak from call to call.
        var snapshot = world.Snapshot;
        return new[] { "{}", """{"to":"x"}""", """{"amount":1}""", """{"to":"x","amount":1}""", "{}" }.All(arguments =>
        {
            var asked = world with { Arguments = arguments };
            return Same(LinearEngine.Decide(asked, approved: false), DecisionEngine.Evaluate(snapshot, asked.Facts()));
        });
    }, 1_000);

    [Fact]
    public void Deny_WhateverElseMatches_TrumpsAll() =>
        Worlds.Check(world => world.With(Always).Decide() is { Outcome: DecisionOutcome.Deny });

    [Fact]
    public void Deny_WhoseConditionFails_TrumpsAllToo() =>
        Worlds.Check(world => world.With(Always with { Condition = "error" }).Decide() is { Outcome: DecisionOutcome.Deny });

    [Fact]
    public void Approval_NeverOverridesADenial() =>
        Worlds.Check(world => world.Decide() is not { Outcome: DecisionOutcome.Deny, Code: not ReasonCode.Default } || world.Decide(approved: true).Outcome == DecisionOutcome.Deny);

    [Fact]
    public void Approval_WhenGiven_IsNeverAskedAgain() =>
        Worlds.Check(world => world.Decide(approved: true).Outcome != DecisionOutcome.Pending);

    [Fact]
    public void Order_OfRules_DoesNotChangeTheOutcome() => Worlds.Check(world =>
    {
        var (one, other) = (world.Decide(), (world with { Policy = new([.. world.Policy.Rules.Reverse()]) }).Decide());
        return one.Outcome == other.Outcome && one.Code == other.Code && one.DecidingSwitch == other.DecidingSwitch && Ids(one.Matched).SetEquals(Ids(other.Matched)) && Labels(one).SetEquals(Labels(other));
    });

    [Fact]
    public void Duplicates_OfRules_DoNotChangeTheOutcome() => Worlds.Check(world =>
    {
        var (one, other) = (world.Decide(), world.With([.. world.Policy.Rules.Select(r => r with { Id = $"{r.Id}-again" })]).Decide());
        return one.Outcome == other.Outcome && one.Code == other.Code && one.DecidingRule?.Document.Id == other.DecidingRule?.Document.Id;
    });

    [Fact]
    public void Shadow_ChangesNothing() => Worlds.Check(world =>
    {
        var without = world.Where(r => r.Mode != RuleMode.Shadow).Decide();
        return Same(LinearEngine.Describe(without with { Shadow = [] }), world.Decide() with { Shadow = [] });
    });

    [Fact]
    public void Shadow_IsReported() =>
        Worlds.Check(world => world.With(Always with { Mode = RuleMode.Shadow, Effect = RuleEffect.Approve }).Decide().Shadow.Any(m => m.Rule.Document.Id == "added"));

    [Fact]
    public void Off_IsAsIfItWereNotThere() =>
        Worlds.Check(world => Same(LinearEngine.Describe(world.Where(r => r.Mode != RuleMode.Off).Decide()), world.Decide()));

    [Fact]
    public void Labels_AreAddedOnlyByAnAllowedCall() => Worlds.Check(world =>
    {
        var verdict = world.Decide();
        var after = DecisionEngine.AddLabels(world.Session, verdict, "d", world.Tool.Name, Worlds.Now);
        return verdict.Outcome == DecisionOutcome.Allow
            ? after.LabelNames.ToHashSet(StringComparer.Ordinal).SetEquals(world.Session.LabelNames.Concat(verdict.Tags).Concat(verdict.Labels.Select(l => l.Label)))
            : ReferenceEquals(after, world.Session);
    });

    [Fact]
    public void DefaultDeny_WithoutAnAllowRule_AllowsNothing() => Worlds.Check(world =>
    {
        var verdict = (world.Where(r => r.Effect != RuleEffect.Allow) with { Agent = world.Agent with { DefaultDecision = DefaultDecision.Deny } }).Decide();
        return verdict.Outcome != DecisionOutcome.Allow;
    });

    [Fact]
    public void DefaultDeny_WhenAnAllowRuleCannotBeEvaluated_AllowsNothing() => Worlds.Check(world =>
    {
        var verdict = (world.Where(r => r.Effect != RuleEffect.Allow).With(Always with { Effect = RuleEffect.Allow, Condition = "error" }) with { Agent = world.Agent with { DefaultDecision = DefaultDecision.Deny } }).Decide();
        return verdict.Outcome != DecisionOutcome.Allow && verdict.Errors.Any(e => e.Rule.Document.Id == "added" && e.Error == "no such member `x`");
    });

    [Fact]
    public void Label_WhoseConditionFails_IsNotAddedAndIsReported() => Worlds.Check(world =>
    {
        var verdict = world.With(Always with { Effect = RuleEffect.Label, Labels = ["never"], Condition = "error" }).Decide();
        return !Labels(verdict).Contains("never") && verdict.Errors.Any(e => e.Rule.Document.Id == "added");
    });

    [Fact]
    public void Approve_WhoseConditionFails_StillAsks()
    {
        var world = Plain() with { Policy = new([Always with { Effect = RuleEffect.Approve, Condition = "error" }]) };
        var verdict = world.Decide();
        Assert.Equal(DecisionOutcome.Pending, verdict.Outcome);
        Assert.Equal("no such member `x`", Assert.Single(verdict.Matched).Error);
    }

    [Fact]
    public void Unclassified_IsTreatedAsAllThreeTagsAtOnce()
    {
        var world = Plain() with { Tool = new("support", "new_tool", null) };
        Assert.Equal(["untrusted-content", "sensitive-data", "external-communication"], world.Decide().Tags);
        // So a clean session may call it once, and from then on it counts as exfiltration.
        world = world with { Policy = StarterPolicy.Create(Worlds.Now) };
        var first = world.Decide();
        Assert.Equal(DecisionOutcome.Allow, first.Outcome);
        var second = (world with { Session = DecisionEngine.AddLabels(world.Session, first, "d", "new_tool", Worlds.Now) }).Decide();
        Assert.Equal("no-exfiltration", second.DecidingRule?.Document.Id);
    }

    [Theory]
    [InlineData(UnclassifiedTools.Allow, DecisionOutcome.Allow, ReasonCode.Default)]
    [InlineData(UnclassifiedTools.Deny, DecisionOutcome.Deny, ReasonCode.Unclassified)]
    [InlineData(UnclassifiedTools.Pending, DecisionOutcome.Pending, ReasonCode.Unclassified)]
    public void Unclassified_FollowsTheAgentsSetting(UnclassifiedTools setting, DecisionOutcome outcome, ReasonCode code)
    {
        var world = Plain() with { Tool = new("support", "new_tool", null) };
        var verdict = (world with { Agent = world.Agent with { UnclassifiedTools = setting } }).Decide();
        Assert.Equal((outcome, code), (verdict.Outcome, verdict.Code));
        var classified = (world with { Tool = new("support", "new_tool", ImmutableArray<ToolTag>.Empty), Agent = world.Agent with { UnclassifiedTools = setting } }).Decide();
        Assert.Equal(DecisionOutcome.Allow, classified.Outcome);
    }

    [Fact]
    public void Switches_InOrderOfPrecedence_GiveTheReason()
    {
        // All are set; lifted one after the other in order of precedence, the next one answers each time.
        SwitchTarget[] order =
        [
            SwitchTarget.StopAll, SwitchTarget.ForAgent("support"), SwitchTarget.ForSession(new("support", "s")), SwitchTarget.ForUser("alice"), SwitchTarget.ForUser("bob"),
            SwitchTarget.ForTool("support", "read"), SwitchTarget.ForTool("*", "read"),
        ];
        for (var lifted = 0; lifted <= order.Length; lifted++)
        {
            var world = Plain() with { Policy = new([Always]), Switches = [.. order.Skip(lifted).Select(t => Set(t))] };
            var verdict = world.Decide();
            Assert.Equal(DecisionOutcome.Deny, verdict.Outcome);
            Assert.Equal(lifted < order.Length ? order[lifted] : null, verdict.DecidingSwitch?.Target);
            Assert.Equal(lifted switch { 0 => ReasonCode.Stopped, < 5 => ReasonCode.Quarantined, < 7 => ReasonCode.ToolDisabled, _ => ReasonCode.Policy }, verdict.Code);
        }
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void Switch_AtTheInstantOfItsEnd_HoldsNoLonger(long ticksAfterEnd, bool holds)
    {
        var end = Worlds.Now.AddTicks(-ticksAfterEnd);
        var verdict = (Plain() with { Switches = [Set(SwitchTarget.ForAgent("support"), end)] }).Decide();
        Assert.Equal(holds ? DecisionOutcome.Deny : DecisionOutcome.Allow, verdict.Outcome);
    }

    [Theory]
    [InlineData(-1, DecisionOutcome.Allow)]
    [InlineData(0, DecisionOutcome.Deny)]
    [InlineData(1, DecisionOutcome.Deny)]
    public void NewSessions_OnlyThoseThatStartedSince_AreConcerned(long ticksAfterSaved, DecisionOutcome outcome)
    {
        var world = Plain() with { Policy = new([Always with { Applies = RuleApplies.NewSessions, Since = Worlds.Now }]) };
        Assert.Equal(outcome, (world with { Session = world.Session with { StartedAt = Worlds.Now.AddTicks(ticksAfterSaved) } }).Decide().Outcome);
    }

    [Fact]
    public void TagCondition_HoldsOnlyWhenItsArgumentIsPresent()
    {
        var world = Plain() with { Tool = new("support", "create_event", [new("external-communication", "participants")]) };
        foreach (var absent in new[] { "{}", """{"participants":null}""", """{"participants":false}""", """{"participants":""}""", """{"participants":[]}""", """{"participants":{}}""", """{"other":["x"]}""" })
            Assert.Empty((world with { Arguments = absent }).Decide().Tags);
        foreach (var present in new[] { """{"participants":"x"}""", """{"participants":[null]}""", """{"participants":{"a":null}}""", """{"participants":0}""", """{"participants":true}""" })
            Assert.Equal(["external-communication"], (world with { Arguments = present }).Decide().Tags);
    }

    [Fact]
    public void Labels_WhenTheSessionCarriesAsManyAsItMay_StillTakeTheToolsTags()
    {
        // Otherwise whoever fills a session with own labels switches every rule about what was read off.
        var full = Plain().Session.WithLabels(Enumerable.Range(0, SessionState.MaxLabels).Select(i => new LabelEvidence($"own-{i}", LabelSource.Agent, Worlds.Now, null, null, null, [])));
        Assert.Equal(SessionState.MaxLabels, full.Labels.Length);
        var world = Plain() with { Session = full, Tool = new("support", "read", [new("untrusted-content")]) };
        Assert.Contains("untrusted-content", DecisionEngine.AddLabels(full, world.Decide(), "d", "read", Worlds.Now).LabelNames);
    }

    private static World Plain() => new(
        PolicyDocument.Empty, new AgentDefinition { Id = "support", Name = "Support" }, SessionState.New(new("support", "s"), Worlds.Now),
        new("support", "read", ImmutableArray<ToolTag>.Empty), "{}", [new("alice", false, []), new("bob", true, [])], []);

    private static Switch Set(SwitchTarget target, DateTimeOffset? until = null) => new(target, "dana", "because", Worlds.Now.AddHours(-1), until);

    private static HashSet<string> Ids(ImmutableArray<RuleMatch> matches) => [.. matches.Select(m => m.Rule.Document.Id)];

    private static HashSet<string> Labels(Verdict verdict) => [.. verdict.Labels.Select(l => l.Label)];

    private static bool Same(string wanted, Verdict verdict)
    {
        Assert.Equal(wanted, LinearEngine.Describe(verdict));
        return true;
    }
}
