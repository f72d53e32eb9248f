using System.Collections.Immutable;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Switches;

namespace AgentMonitor.Core.Decisions;

/// <summary>The answer to one call.</summary>
public enum DecisionOutcome
{
    /// <summary>The call may run.</summary>
    Allow,
    /// <summary>The call must not run.</summary>
    Deny,
    /// <summary>The call waits for a person.</summary>
    Pending,
}

/// <summary>Why: stable codes of the wire contract.</summary>
public enum ReasonCode
{
    /// <summary>No rule spoke: the agent's default.</summary>
    Default,
    /// <summary>A rule decided.</summary>
    Policy,
    /// <summary>All agents are stopped.</summary>
    Stopped,
    /// <summary>The agent, the session or a user is quarantined.</summary>
    Quarantined,
    /// <summary>The tool is disabled.</summary>
    ToolDisabled,
    /// <summary>Nobody has classified the tool, and the agent's setting does not allow that.</summary>
    Unclassified,
    /// <summary>A person approved it.</summary>
    Approval,
    /// <summary>A person rejected it.</summary>
    ApprovalRejected,
    /// <summary>Nobody answered in time.</summary>
    ApprovalExpired,
    /// <summary>Something failed.</summary>
    Error,
}

/// <summary>A rule that matched a call.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Error">Why its condition could not be evaluated; null when it could.</param>
public sealed record RuleMatch(CompiledRule Rule, string? Error);

/// <summary>What the engine found: the answer, its one reason, and everything else that matched.</summary>
public sealed record Verdict
{
    /// <summary>The answer.</summary>
    public required DecisionOutcome Outcome { get; init; }
    /// <summary>Its reason.</summary>
    public required ReasonCode Code { get; init; }
    /// <summary>The rule that decided, when <see cref="Code"/> is <see cref="ReasonCode.Policy"/> or a rule asks.</summary>
    public CompiledRule? DecidingRule { get; init; }
    /// <summary>The switch that decided, when one did.</summary>
    public Switch? DecidingSwitch { get; init; }
    /// <summary>The tags that held in this call.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];
    /// <summary>The destinations of the call; null when no rule asked and the tool names none.</summary>
    public DestinationReport? Destinations { get; init; }
    /// <summary>Capabilities of the call that the task was not granted.</summary>
    public ImmutableArray<string> Ungranted { get; init; } = [];
    /// <summary>Enforced rules that matched, in policy order.</summary>
    public ImmutableArray<RuleMatch> Matched { get; init; } = [];
    /// <summary>Shadow rules that matched, in policy order.</summary>
    public ImmutableArray<RuleMatch> Shadow { get; init; } = [];
    /// <summary>Enforced allow and label rules that could not be evaluated, so did not match.</summary>
    public ImmutableArray<RuleMatch> Errors { get; init; } = [];
    /// <summary>Labels to add when the call is allowed, each with the rule that adds it, or null for a tag of the tool.</summary>
    public ImmutableArray<(string Label, string? Rule)> Labels { get; init; } = [];
}
