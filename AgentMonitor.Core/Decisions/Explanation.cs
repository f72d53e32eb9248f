using System.Collections.Immutable;
using System.Globalization;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Switches;

namespace AgentMonitor.Core.Decisions;

/// <summary>What an agent is told: short, something it can act on and relay, and never a rule's text or an operator's words.</summary>
/// <param name="Message">What happened.</param>
/// <param name="Advice">How to go on; null when there is nothing to add.</param>
public sealed record AgentReason(string Message, string? Advice);

/// <summary>What an operator is told.</summary>
/// <param name="Sentence">The whole answer in a sentence.</param>
/// <param name="Evidence">The labels that the deciding rule rests on, with where each came from.</param>
/// <param name="Counterfactual">The nearest change that would have allowed the call; null for an allowed one.</param>
public sealed record OperatorExplanation(string Sentence, ImmutableArray<LabelEvidence> Evidence, string? Counterfactual);

/// <summary>Puts a verdict into words, for each of its two audiences.</summary>
public static class Explanation
{
    /// <summary>The words for the agent.</summary>
    public static AgentReason ForAgent(Verdict verdict, in CallFacts facts) => verdict.Code switch
    {
        ReasonCode.Stopped => new("All agents are stopped by an operator.", "Do not retry. Tell the user that the agent was stopped."),
        ReasonCode.Quarantined => new(verdict.DecidingSwitch!.Target.Kind switch
        {
            SwitchKind.AgentQuarantine => "This agent is quarantined by an operator.",
            SwitchKind.SessionQuarantine => "This session is quarantined by an operator.",
            SwitchKind.UserQuarantine => "A user of this session is quarantined by an operator.",
            _ => "An operator stopped this.",
        }, "Do not retry. Tell the user that an operator has to lift the quarantine."),
        ReasonCode.ToolDisabled => new($"The tool {facts.Tool.Name} is switched off by an operator.", "Go on without this tool, or tell the user that it is switched off."),
        ReasonCode.Unclassified when verdict.Outcome == DecisionOutcome.Pending =>
            new($"The tool {facts.Tool.Name} has not been classified yet, so a person has to confirm this call.", "Wait for the answer."),
        ReasonCode.Unclassified => new($"The tool {facts.Tool.Name} has not been classified yet, and this agent may not use such tools.", "Ask an operator to classify the tool."),
        ReasonCode.Policy when verdict.Outcome == DecisionOutcome.Deny => Of(verdict.DecidingRule!, "Tool execution blocked by policy."),
        ReasonCode.Policy when verdict.Outcome == DecisionOutcome.Pending => Of(verdict.DecidingRule!, "A person has to confirm this call."),
        ReasonCode.Default when verdict.Outcome == DecisionOutcome.Deny => new("Nothing allows this agent to make this call.", "Ask an operator to allow it."),
        ReasonCode.Approval => new("A person approved this call.", null),
        ReasonCode.ApprovalRejected => new("A person rejected this call.", "Do not retry it. Ask the user how to go on."),
        ReasonCode.ApprovalExpired => new("Nobody answered in time, so this call was not approved.", "Ask the user whether to try again."),
        ReasonCode.Error => new("The call could not be decided.", "Try again."),
        ReasonCode.Default or ReasonCode.Policy => new("Allowed.", null),
        _ => throw new InvalidOperationException("a verdict without words"),
    };

    /// <summary>The words for an operator.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="facts">The call it was reached on; the session is the one before this call's labels were added.</param>
    public static OperatorExplanation ForOperator(Verdict verdict, in CallFacts facts)
    {
        var call = $"{facts.Tool.Name} {Verb(verdict.Outcome)} for {facts.Session.Key.Agent}";
        var evidence = verdict.DecidingRule is { } deciding ? EvidenceOf(deciding, facts.Session) : [];
        var (because, change) = verdict.Code switch
        {
            ReasonCode.Stopped or ReasonCode.Quarantined => ($"{verdict.DecidingSwitch!.Target.Describe()} {IsOrAre(verdict.DecidingSwitch!)} stopped by {verdict.DecidingSwitch!.Actor} since {Time(verdict.DecidingSwitch!.Since)}",
                $"It would be decided by the policy if {verdict.DecidingSwitch!.Actor}'s {(verdict.Code == ReasonCode.Stopped ? "stop" : "quarantine")} were lifted."),
            ReasonCode.ToolDisabled => ($"{verdict.DecidingSwitch!.Actor} disabled {verdict.DecidingSwitch!.Target.Describe()} at {Time(verdict.DecidingSwitch!.Since)}",
                "It would be decided by the policy if the tool were enabled."),
            ReasonCode.Unclassified => ($"nobody has classified the tool, and {facts.Session.Key.Agent} {(verdict.Outcome == DecisionOutcome.Pending ? "asks a person for" : "may not use")} unclassified tools",
                "It would be decided by the policy if the tool were classified on its page."),
            ReasonCode.Policy when verdict.Outcome != DecisionOutcome.Allow => (Because(verdict, facts, evidence), Change(verdict, facts, evidence)),
            ReasonCode.Policy => ($"rule {verdict.DecidingRule!.Document.Id} allows it", null),
            ReasonCode.Default when verdict.Outcome == DecisionOutcome.Deny => ($"no rule allows it and {facts.Session.Key.Agent} denies by default", "A matching allow rule would let it through."),
            ReasonCode.Approval => ("a person approved it", null),
            _ => ("nothing stood against it", (string?)null),
        };
        return new($"{call}: {because}.", evidence, change);
    }

    /// <summary>The session's labels that a rule rests on, oldest first.</summary>
    public static ImmutableArray<LabelEvidence> EvidenceOf(CompiledRule rule, SessionState session)
    {
        var condition = rule.Document.Session;
        return [.. session.Labels.Where(e => condition.All.Contains(e.Label) || condition.Any.Contains(e.Label)).OrderBy(e => e.At)];
    }

    /// <summary>Where a label came from, in words: "read untrusted content (query_feature_requests, 12:03:11)".</summary>
    public static string Describe(LabelEvidence evidence)
    {
        var fact = evidence.Label switch
        {
            Tools.Tag.UntrustedContent => "had read untrusted content",
            Tools.Tag.SensitiveData => "had read sensitive data",
            Tools.Tag.ExternalCommunication => "had communicated externally",
            Tools.Tag.StateChange => "had changed state",
            Tools.Tag.Destructive => "had deleted or overwritten something",
            Tools.Tag.Financial => "had moved money",
            Tools.Tag.CodeExecution => "had run code",
            var own => $"carried {own}",
        };
        var by = evidence.Source switch
        {
            LabelSource.ToolCall or LabelSource.Result => evidence.Tool ?? "a result",
            LabelSource.Rule => $"rule {evidence.Why} on {evidence.Tool}",
            LabelSource.Agent => "said by the agent",
            LabelSource.Operator => "set by an operator",
            _ => throw new InvalidOperationException("unknown label source"),
        };
        var path = evidence.Path.IsEmpty ? "" : $", inherited from {string.Join(" via ", evidence.Path.Select(p => p.ToString()))}";
        return $"{fact} ({by}, {Time(evidence.At)}{path})";
    }

    private static AgentReason Of(CompiledRule rule, string otherwise) =>
        new(string.IsNullOrWhiteSpace(rule.Document.Message) ? otherwise : rule.Document.Message, string.IsNullOrWhiteSpace(rule.Document.Advice) ? null : rule.Document.Advice);

    private static string Because(Verdict verdict, in CallFacts facts, ImmutableArray<LabelEvidence> evidence)
    {
        var rule = verdict.DecidingRule!.Document;
        var reasons = new List<string>();
        if (!evidence.IsEmpty) reasons.Add($"the session {string.Join(" and ", evidence.Select(Describe))}");
        if (rule.Destinations == RuleDestinations.Unvouched && verdict.Destinations is { } destinations) reasons.Add(DestinationWords.Describe(destinations, facts));
        if (rule.Granted == RuleGranted.No && !verdict.Ungranted.IsEmpty)
            reasons.Add($"the task was granted {(facts.Session.Grants is { IsEmpty: false } granted ? string.Join(", ", granted) : "nothing")}, not {string.Join(" or ", verdict.Ungranted)}");
        if (verdict.Matched.FirstOrDefault(m => m.Rule == verdict.DecidingRule)?.Error is { } error) reasons.Add($"the condition of rule {rule.Id} could not be evaluated ({error})");
        else if (rule.Condition is not null) reasons.Add($"the condition of rule {rule.Id} holds");
        return reasons.Count > 0 ? string.Join(", and ", reasons) : $"rule {rule.Id} speaks against it";
    }

    private static string Change(Verdict verdict, in CallFacts facts, ImmutableArray<LabelEvidence> evidence)
    {
        var rule = verdict.DecidingRule!.Document;
        if (rule.Destinations == RuleDestinations.Unvouched && verdict.Destinations is { IsUnvouched: true } destinations)
        {
            var named = DestinationWords.Change(destinations, facts);
            if (rule.Effect == RuleEffect.Approve) return named is null ? "It is allowed when a person approves it." : $"It is allowed when a person approves it, and would be {named}.";
            var elsewhere = evidence.Any(e => e.Label == Tools.Tag.UntrustedContent) ? "in a session that has not read untrusted content" : named is null || !evidence.IsEmpty ? "in a new session" : null;
            return $"It would be allowed {string.Join(", or ", new[] { named, elsewhere }.OfType<string>())}.";
        }
        return (rule.Effect, evidence.IsEmpty) switch
        {
            (RuleEffect.Approve, _) => "It is allowed when a person approves it.",
            _ when rule.Granted == RuleGranted.No && !verdict.Ungranted.IsEmpty => $"It would be allowed in a session whose task was granted {string.Join(" and ", verdict.Ungranted)} from the start.",
            (_, false) => $"It would be allowed in a session that has not {(evidence.Length > 1 ? "done both" : "done that")}, such as a new one.",
            _ => $"It would be allowed if rule {rule.Id} were off or did not speak of this tool.",
        };
    }

    private static string Verb(DecisionOutcome outcome) => outcome switch
    {
        DecisionOutcome.Allow => "was allowed",
        DecisionOutcome.Deny => "was denied",
        DecisionOutcome.Pending => "waits for a person",
        _ => throw new InvalidOperationException("unknown outcome"),
    };

    private static string IsOrAre(Switch found) => found.Target.Kind == SwitchKind.Stop ? "are" : "is";

    /// <summary>Time of day in UTC. Pages show the full instant in the viewer's zone beside the sentence.</summary>
    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";
}
