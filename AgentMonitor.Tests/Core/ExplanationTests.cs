using System.Collections.Immutable;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace AgentMonitor.Tests.Core;

public sealed class ExplanationTests
{
    [Fact]
    public void Agent_WhateverTheVerdict_IsNeverToldTheRuleOrTheOperatorsWords() => Worlds.Check(world =>
    {
        world = world with { Switches = [.. world.Switches.Select(s => s with { Actor = "dana-the-operator", Reason = "secret-investigation" })] };
        return new[] { false, true }.All(approved =>
        {
            var verdict = world.Decide(approved);
            var told = Explanation.ForAgent(verdict, world.Facts(approved));
            var text = $"{told.Message} {told.Advice}";
            return told.Message.Length > 0 && !text.Contains("rule-", StringComparison.Ordinal) && !text.Contains("dana", StringComparison.Ordinal) && !text.Contains("secret", StringComparison.Ordinal);
        });
    }, 2_000);

    [Fact]
    public void Operator_WhateverTheVerdict_IsToldASentence() => Worlds.Check(world =>
    {
        var verdict = world.Decide();
        var told = Explanation.ForOperator(verdict, world.Facts());
        return told.Sentence.StartsWith(world.Tool.Name, StringComparison.Ordinal) && told.Sentence.EndsWith('.') && (verdict.Outcome == DecisionOutcome.Allow) == (told.Counterfactual is null);
    }, 2_000);

    [Fact]
    public void Operator_OfTheTrifecta_IsToldWhoReadWhatAndWhen()
    {
        var session = SessionState.New(new("pm-portal", "chat-42"), Worlds.Now).WithLabels(
        [
            new("untrusted-content", LabelSource.ToolCall, Worlds.Now.AddSeconds(11), "d1", "query_feature_requests", null, []),
            new("sensitive-data", LabelSource.ToolCall, Worlds.Now.AddSeconds(15), "d2", "execute_sql", null, [new("triage", "t-7")]),
        ]);
        var world = new World(StarterPolicy.Create(Worlds.Now), new AgentDefinition { Id = "pm-portal", Name = "PM portal" }, session,
            new ToolDefinition("pm-portal", "post_comment", [new ToolTag("external-communication")]), "{}", [], []);
        var verdict = world.Decide();
        var told = Explanation.ForOperator(verdict, world.Facts());
        Assert.Equal("post_comment was denied for pm-portal: the session had read untrusted content (query_feature_requests, 12:00:11 UTC) and had read sensitive data (execute_sql, 12:00:15 UTC, inherited from triage/t-7).", told.Sentence);
        Assert.Equal(["query_feature_requests", "execute_sql"], told.Evidence.Select(e => e.Tool));
        Assert.Equal("It would be allowed in a session that has not done both, such as a new one.", told.Counterfactual);
        Assert.Equal(new AgentReason(StarterPolicy.NoExfiltrationMessage, "Start a new session to do this without the content that was read here."), Explanation.ForAgent(verdict, world.Facts()));
    }

    public static TheoryData<string, string, string> SwitchWords => new()
    {
        { "stop", "All agents are stopped by an operator.", "read was denied for support: all agents are stopped by dana since 11:00:00 UTC." },
        { "agent", "This agent is quarantined by an operator.", "read was denied for support: agent support is stopped by dana since 11:00:00 UTC." },
        { "session", "This session is quarantined by an operator.", "read was denied for support: session s of support is stopped by dana since 11:00:00 UTC." },
        { "user", "A user of this session is quarantined by an operator.", "read was denied for support: user alice is stopped by dana since 11:00:00 UTC." },
        { "tool", "The tool read is switched off by an operator.", "read was denied for support: dana disabled tool read of support at 11:00:00 UTC." },
        { "tool-everywhere", "The tool read is switched off by an operator.", "read was denied for support: dana disabled tool read of every agent at 11:00:00 UTC." },
    };

    [Theory]
    [MemberData(nameof(SwitchWords))]
    public void Switch_IsToldToEachAudienceInItsWords(string which, string agent, string forOperator)
    {
        var target = which switch
        {
            "stop" => SwitchTarget.StopAll,
            "agent" => SwitchTarget.ForAgent("support"),
            "session" => SwitchTarget.ForSession(new("support", "s")),
            "user" => SwitchTarget.ForUser("alice"),
            "tool" => SwitchTarget.ForTool("support", "read"),
            _ => SwitchTarget.ForTool("*", "read"),
        };
        var world = new World(PolicyDocument.Empty, new AgentDefinition { Id = "support", Name = "Support" }, SessionState.New(new("support", "s"), Worlds.Now),
            new("support", "read", ImmutableArray<ToolTag>.Empty), "{}", [new("alice", false, [])], [new(target, "dana", "incident 42", Worlds.Now.AddHours(-1), null)]);
        var verdict = world.Decide();
        Assert.Equal(agent, Explanation.ForAgent(verdict, world.Facts()).Message);
        Assert.Equal(forOperator, Explanation.ForOperator(verdict, world.Facts()).Sentence);
    }
}

/// <summary>Hiding a tool is a promise: it would have been refused.</summary>
public sealed class ModelCallFilterTests
{
    private static readonly string[] SomeArguments = ["{}", """{"to":"x"}""", """{"amount":1}""", """{"to":"x","amount":1}""", """{"to":"","amount":null}"""];

    [Fact]
    public void Tool_ThatIsHidden_IsDeniedWithEveryArgument() => Worlds.Check(world =>
    {
        var shown = Filter(world);
        return shown.Filtered.IsEmpty || SomeArguments.All(arguments => (world with { Arguments = arguments }).Decide().Outcome == DecisionOutcome.Deny);
    }, 3_000);

    [Fact]
    public void Tool_WhenNothingMayBeCalled_IsHiddenAndTheModelCallDenied() => Worlds.Check(world =>
    {
        var stopped = world with { Switches = [new(SwitchTarget.ForAgent(world.Agent.Id), "dana", "because", Worlds.Now, null)] };
        var verdict = Filter(stopped);
        return verdict is { Outcome: DecisionOutcome.Deny, Tools.IsEmpty: true } && verdict.Filtered.Single().Code == "quarantined";
    });

    [Fact]
    public void Tool_ThatIsDisabled_IsHidden() => Worlds.Check(world =>
        Filter(world with { Switches = [new(SwitchTarget.ForTool("*", world.Tool.Name), "dana", "because", Worlds.Now, null)] }).Filtered.Single().Code == "tool-disabled");

    [Fact]
    public void Tool_DeniedByARuleWithoutCondition_IsHidden() => Worlds.Check(world =>
        Filter(world.With(new RuleDocument { Id = "added", Effect = RuleEffect.Deny }) with { Switches = [] }).Tools.IsEmpty);

    [Fact]
    public void Tool_IsShownOrHidden_NeverBothNorNeither() => Worlds.Check(world =>
    {
        var verdict = Filter(world);
        return verdict.Tools.Concat(verdict.Filtered.Select(f => f.Tool)).SequenceEqual([world.Tool.Name]);
    });

    private static ModelCallVerdict Filter(World world) => ModelCallFilter.Evaluate(world.Snapshot, world.Agent, world.Users, world.Session, [world.Tool], Worlds.Now);
}

public sealed class PurityTests
{
    [Fact]
    public void Core_ReferencesNoHostDatabaseOrLog()
    {
        var references = typeof(DecisionEngine).Assembly.GetReferencedAssemblies().Select(r => r.Name!).ToList();
        Assert.DoesNotContain(references, name => name.StartsWith("Microsoft.", StringComparison.Ordinal) || name.Contains("Sqlite", StringComparison.Ordinal)
            || name is "System.Net.Http" or "System.Net.Sockets" or "System.Net.Primitives" or "System.Data.Common" or "System.Diagnostics.Process" or "System.IO.Pipelines");
        Assert.All(references, name => Assert.StartsWith("System.", name, StringComparison.Ordinal));
    }
}
