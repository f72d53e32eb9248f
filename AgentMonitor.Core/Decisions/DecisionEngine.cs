using System.Collections.Immutable;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Core.Decisions;

/// <summary>
/// The decision rule: pure and synchronous. The same snapshot and facts give the same verdict, which is what makes replay and
/// explanation possible.
/// </summary>
public static class DecisionEngine
{
    /// <summary>
    /// Decides one call (step 5 of a decision), in this order of precedence:
    /// <list type="number">
    /// <item>stop-all, a quarantined agent, session or user;</item>
    /// <item>a disabled tool;</item>
    /// <item>an unclassified tool, where the agent's setting denies those;</item>
    /// <item>matching <c>deny</c> rules;</item>
    /// <item>matching <c>approve</c> rules, and unclassified tools where the agent's setting asks;</item>
    /// <item>the agent's default: <c>deny</c> needs a matching <c>allow</c> rule.</item>
    /// </list>
    /// All matching rules are reported, whatever decides. A rule whose condition cannot be evaluated counts as matched if it denies
    /// or asks and as not matched if it allows or labels; the error is reported either way. Shadow rules change nothing.
    /// </summary>
    public static Verdict Evaluate(ControlSnapshot snapshot, in CallFacts facts)
    {
        var tags = facts.Tool.TagsFor(facts.Arguments, out var conditions);
        var rules = Match(snapshot.Policy, facts, tags, conditions);
        var verdict = new Verdict
        {
            Outcome = DecisionOutcome.Deny,
            Code = ReasonCode.Error,
            Tags = tags,
            Destinations = rules.Destinations,
            Ungranted = rules.Ungranted,
            Matched = rules.Matched,
            Shadow = rules.Shadow,
            Errors = rules.Errors,
        };

        // 1. Stopped or quarantined.
        if (snapshot.StopOf(facts.Session.Key, facts.Users, facts.Now) is { } stop)
            return verdict with { Code = stop.Target.Kind == SwitchKind.Stop ? ReasonCode.Stopped : ReasonCode.Quarantined, DecidingSwitch = stop };

        // 2. The tool is disabled.
        if (snapshot.DisabledTool(facts.Session.Key.Agent, facts.Tool.Name, facts.Now) is { } disabled)
            return verdict with { Code = ReasonCode.ToolDisabled, DecidingSwitch = disabled };

        // 3. Nobody has said what the tool does, and the agent's setting refuses that.
        var unclassified = facts.Tool.IsClassified ? UnclassifiedTools.Allow : facts.Agent.UnclassifiedTools;
        if (unclassified == UnclassifiedTools.Deny) return verdict with { Code = ReasonCode.Unclassified };

        // 4. A rule denies.
        if (First(rules.Matched, RuleEffect.Deny) is { } denied) return verdict with { Code = ReasonCode.Policy, DecidingRule = denied };

        // 5. A rule, or the agent's setting, asks a person, who has not answered yet.
        var asking = First(rules.Matched, RuleEffect.Approve);
        if (!facts.Approved && asking is not null)
            return verdict with { Outcome = DecisionOutcome.Pending, Code = ReasonCode.Policy, DecidingRule = asking };
        if (!facts.Approved && unclassified == UnclassifiedTools.Pending)
            return verdict with { Outcome = DecisionOutcome.Pending, Code = ReasonCode.Unclassified };

        // 6. The default. A person's approval stands in for an allow rule: it was given for exactly this call.
        var allowing = First(rules.Matched, RuleEffect.Allow);
        if (facts.Agent.DefaultDecision == DefaultDecision.Deny && allowing is null && !facts.Approved)
            return verdict with { Code = ReasonCode.Default };
        return verdict with
        {
            Outcome = DecisionOutcome.Allow,
            Code = facts.Approved ? ReasonCode.Approval : facts.Agent.DefaultDecision == DefaultDecision.Deny ? ReasonCode.Policy : ReasonCode.Default,
            DecidingRule = facts.Approved ? asking : facts.Agent.DefaultDecision == DefaultDecision.Deny ? allowing : null,
            Labels = LabelsOf(tags, rules.Matched),
        };
    }

    /// <summary>
    /// Adds what an allowed call adds (step 6 of a decision): before it runs, since its result is out of reach afterwards.
    /// </summary>
    public static SessionState AddLabels(SessionState session, Verdict verdict, string decisionId, string tool, DateTimeOffset now)
    {
        if (verdict.Outcome != DecisionOutcome.Allow || verdict.Labels.IsEmpty) return session;
        return session.WithLabels(verdict.Labels.Select(added => new LabelEvidence(
            added.Label, added.Rule is null ? LabelSource.ToolCall : LabelSource.Rule, now, decisionId, tool, added.Rule, [])));
    }

    private static Findings Match(CompiledPolicy policy, in CallFacts facts, ImmutableArray<string> tags, int conditions)
    {
        ImmutableArray<RuleMatch>.Builder? matched = null, shadow = null, errors = null;
        // Pages show where each destination came from, whatever decides; other tools are read only when a rule asks.
        var destinations = facts.Tool.Destinations.IsEmpty ? null : Destinations(facts, tags);
        var ungranted = facts.Session.Grants is null ? [] : facts.Session.Ungranted(Tag.CapabilitiesOf(tags));
        // Conditions see the tags that were found here.
        var seen = facts with { Tags = tags };
        foreach (var rule in policy.RulesFor(facts.Agent.Id, facts.Tool, tags, conditions, facts.Session))
        {
            if (!rule.AppliesTo(facts.Session.StartedAt)) continue;
            if (rule.Document.Granted == RuleGranted.No && ungranted.IsEmpty) continue;
            if (rule.Document.Destinations == RuleDestinations.Unvouched && !(destinations ??= Destinations(facts, tags)).IsUnvouched) continue;
            string? error = null;
            var outcome = rule.Condition?.Evaluate(seen, out error) ?? ConditionOutcome.True;
            if (outcome == ConditionOutcome.False) continue;
            var match = new RuleMatch(rule, outcome == ConditionOutcome.Error ? error ?? "the condition could not be evaluated" : null);
            if (rule.Document.Mode == RuleMode.Shadow) (shadow ??= ImmutableArray.CreateBuilder<RuleMatch>()).Add(match);
            else if (match.Error is not null && rule.Document.Effect is not (RuleEffect.Deny or RuleEffect.Approve))
                (errors ??= ImmutableArray.CreateBuilder<RuleMatch>()).Add(match);
            else (matched ??= ImmutableArray.CreateBuilder<RuleMatch>()).Add(match);
        }
        return new(matched?.ToImmutable() ?? [], shadow?.ToImmutable() ?? [], errors?.ToImmutable() ?? [], destinations, ungranted);
    }

    private static DestinationReport Destinations(in CallFacts facts, ImmutableArray<string> tags) =>
        DestinationReport.Of(facts.Agent, facts.Tool, tags, facts.Arguments, facts.Session.Origins, facts.OriginKey);

    private sealed record Findings(
        ImmutableArray<RuleMatch> Matched, ImmutableArray<RuleMatch> Shadow, ImmutableArray<RuleMatch> Errors, DestinationReport? Destinations, ImmutableArray<string> Ungranted);

    private static CompiledRule? First(ImmutableArray<RuleMatch> matches, RuleEffect effect)
    {
        foreach (var match in matches)
            if (match.Rule.Document.Effect == effect) return match.Rule;
        return null;
    }

    private static ImmutableArray<(string Label, string? Rule)> LabelsOf(ImmutableArray<string> tags, ImmutableArray<RuleMatch> matched)
    {
        if (tags.IsEmpty && matched.IsEmpty) return [];
        var labels = ImmutableArray.CreateBuilder<(string, string?)>();
        foreach (var tag in tags) labels.Add((tag, null));
        foreach (var match in matched)
            if (match.Rule.Document.Effect == RuleEffect.Label)
                foreach (var label in match.Rule.Document.Labels) labels.Add((label, match.Rule.Document.Id));
        return labels.ToImmutable();
    }
}
