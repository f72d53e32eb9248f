using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Core.Decisions;

/// <summary>A tool that the model is not shown, and why.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Code"><c>quarantined</c>, <c>tool-disabled</c> or <c>policy</c>.</param>
/// <param name="Message">Words for the agent.</param>
/// <param name="RuleId">The rule, for <c>policy</c>.</param>
public sealed record FilteredTool(string Tool, string Code, string Message, string? RuleId);

/// <summary>What a model may see.</summary>
/// <param name="Outcome"><see cref="DecisionOutcome.Deny"/> when the agent is stopped or quarantined: no model call at all.</param>
/// <param name="Code">Why it was denied.</param>
/// <param name="DecidingSwitch">The switch, when one denied.</param>
/// <param name="Tools">The tools it may see, in the order offered.</param>
/// <param name="Filtered">The others.</param>
public sealed record ModelCallVerdict(
    DecisionOutcome Outcome, ReasonCode Code, Switch? DecidingSwitch, ImmutableArray<string> Tools, ImmutableArray<FilteredTool> Filtered);

/// <summary>
/// Takes away from a model the tools that would be denied now whatever their arguments. Hiding is a kindness to the model, not a
/// control: a call of a hidden tool is refused by <see cref="DecisionEngine"/> on its own.
/// </summary>
public static class ModelCallFilter
{
    /// <summary>Filters the tools that an agent is about to offer to its model.</summary>
    public static ModelCallVerdict Evaluate(
        ControlSnapshot snapshot, AgentDefinition agent, ImmutableArray<ActingUser> users, SessionState session,
        IReadOnlyList<ToolDefinition> offered, DateTimeOffset now)
    {
        if (snapshot.StopOf(session.Key, users, now) is { } stop)
        {
            var code = stop.Target.Kind == SwitchKind.Stop ? ReasonCode.Stopped : ReasonCode.Quarantined;
            var message = stop.Target.Kind == SwitchKind.Stop ? "All agents are stopped by an operator." : "Quarantined by an operator.";
            return new(DecisionOutcome.Deny, code, stop, [], [.. offered.Select(t => new FilteredTool(t.Name, "quarantined", message, null))]);
        }

        var tools = ImmutableArray.CreateBuilder<string>(offered.Count);
        var filtered = ImmutableArray.CreateBuilder<FilteredTool>();
        foreach (var tool in offered)
            if (Hide(snapshot, agent, users, session, tool, now) is { } hidden) filtered.Add(hidden);
            else tools.Add(tool.Name);
        return new(DecisionOutcome.Allow, ReasonCode.Default, null, tools.ToImmutable(), filtered.ToImmutable());
    }

    private static FilteredTool? Hide(
        ControlSnapshot snapshot, AgentDefinition agent, ImmutableArray<ActingUser> users, SessionState session, ToolDefinition tool, DateTimeOffset now)
    {
        // Without arguments no conditional tag holds, so what is denied here is denied whatever the arguments are, as long as the
        // rule that denies has no condition of its own; one that has may look at the arguments.
        var facts = new CallFacts { Agent = agent, Users = users, Session = session, Tool = tool, Arguments = default(JsonElement), Now = now };
        if (snapshot.DisabledTool(agent.Id, tool.Name, now) is not null)
            return new(tool.Name, "tool-disabled", $"The tool {tool.Name} is switched off by an operator.", null);
        if (!tool.IsClassified && agent.UnclassifiedTools == UnclassifiedTools.Deny)
            return new(tool.Name, "policy", $"The tool {tool.Name} has not been classified yet, and this agent may not use such tools.", null);

        // What waits for a person may be approved, and an approval stands in for an allow rule.
        var mayBeAllowed = agent.DefaultDecision == DefaultDecision.Allow || !tool.IsClassified && agent.UnclassifiedTools == UnclassifiedTools.Pending;
        var ungranted = session.Ungranted(Tag.CapabilitiesOf(tool.UnconditionalTags));
        var conditionalTags = tool.Tags.Any(t => t.WhenArgument is not null);
        foreach (var rule in snapshot.Policy.RulesFor(agent.Id, tool, tool.UnconditionalTags, 0, session))
        {
            if (rule.Document.Mode != RuleMode.Enforce || !rule.AppliesTo(session.StartedAt)) continue;
            // More arguments can only mean more capabilities, so what is missing now is missing then.
            if (rule.Document.Granted == RuleGranted.No && ungranted.IsEmpty) continue;
            if (rule.Document.Effect == RuleEffect.Deny && rule.IgnoresArguments)
            {
                var verdict = new Verdict { Outcome = DecisionOutcome.Deny, Code = ReasonCode.Policy, DecidingRule = rule };
                return new(tool.Name, "policy", Explanation.ForAgent(verdict, facts).Message, rule.Document.Id);
            }
            if (rule.Document.Effect is RuleEffect.Allow or RuleEffect.Approve) mayBeAllowed = true;
        }
        // An allow or approve rule may rest on a tag that holds only with certain arguments: then the call itself is asked.
        return mayBeAllowed || conditionalTags ? null : new(tool.Name, "policy", "Nothing allows this agent to use this tool.", null);
    }
}
