using System.Collections.Immutable;

namespace AgentMonitor.Core.Policy;

/// <summary>Whether a rule acts.</summary>
public enum RuleMode
{
    /// <summary>It decides.</summary>
    Enforce,
    /// <summary>It is evaluated and recorded, and changes nothing.</summary>
    Shadow,
    /// <summary>It is not evaluated.</summary>
    Off,
}

/// <summary>What a matching rule does, strongest first.</summary>
public enum RuleEffect
{
    /// <summary>Refuses the call.</summary>
    Deny,
    /// <summary>Lets a person decide.</summary>
    Approve,
    /// <summary>Allows the call of an agent whose default is <c>deny</c>.</summary>
    Allow,
    /// <summary>Adds labels to the session of an allowed call.</summary>
    Label,
}

/// <summary>Which sessions a rule applies to.</summary>
public enum RuleApplies
{
    /// <summary>Every session from now on, running ones included.</summary>
    Now,
    /// <summary>Sessions that start after the rule was saved.</summary>
    NewSessions,
}

/// <summary>What a rule asks of the destinations of a call.</summary>
public enum RuleDestinations
{
    /// <summary>Nothing.</summary>
    Any,
    /// <summary>At least one is vouched for by nobody, or none can be read where there must be one.</summary>
    Unvouched,
}

/// <summary>What a rule asks of the capabilities of a call.</summary>
public enum RuleGranted
{
    /// <summary>Nothing.</summary>
    Any,
    /// <summary>The session declared what its task needs, and the call needs a capability beyond that. Written <c>granted: false</c>.</summary>
    No,
}

/// <summary>What a session must carry for a rule to match.</summary>
/// <param name="All">Every one of these labels.</param>
/// <param name="Any">At least one of these; empty: no demand.</param>
/// <param name="None">Not one of these.</param>
public sealed record SessionCondition(ImmutableArray<string> All, ImmutableArray<string> Any, ImmutableArray<string> None)
{
    /// <summary>No demand at all.</summary>
    public static readonly SessionCondition Always = new([], [], []);
}

/// <summary>One policy statement as people write it: a structured scope, and an optional condition.</summary>
public sealed record RuleDocument
{
    /// <summary>The slug that names it in decisions; unique in the policy.</summary>
    public required string Id { get; init; }
    /// <summary>What it is called on pages.</summary>
    public string Name { get; init; } = "";
    /// <summary>Whether it acts.</summary>
    public RuleMode Mode { get; init; } = RuleMode.Enforce;
    /// <summary>What it does.</summary>
    public required RuleEffect Effect { get; init; }
    /// <summary>Agents by id or glob (<c>*</c> matches any run of characters).</summary>
    public ImmutableArray<string> Agents { get; init; } = ["*"];
    /// <summary>Tools by name or glob.</summary>
    public ImmutableArray<string> Tools { get; init; } = ["*"];
    /// <summary>The called tool has any of these tags; empty: no demand.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];
    /// <summary>What the session must carry.</summary>
    public SessionCondition Session { get; init; } = SessionCondition.Always;
    /// <summary>What the destinations of the call must be.</summary>
    public RuleDestinations Destinations { get; init; }
    /// <summary>What the task's grants must be.</summary>
    public RuleGranted Granted { get; init; }
    /// <summary>A condition in the Common Expression Language; null: none.</summary>
    public string? Condition { get; init; }
    /// <summary>What the agent is told, for <c>deny</c> and <c>approve</c>.</summary>
    public string? Message { get; init; }
    /// <summary>How the agent or its user can go on.</summary>
    public string? Advice { get; init; }
    /// <summary>The labels to add, for <c>label</c>.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];
    /// <summary>Which sessions it applies to.</summary>
    public RuleApplies Applies { get; init; } = RuleApplies.Now;
    /// <summary>When this wording of the rule was saved; set by the server, used by <see cref="RuleApplies.NewSessions"/>.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>The same rule with the lists that were left out filled in: all agents, all tools, no demands.</summary>
    internal RuleDocument Completed() => this with
    {
        Name = Name ?? "",
        Agents = Agents.IsDefault ? ["*"] : Agents,
        Tools = Tools.IsDefault ? ["*"] : Tools,
        Tags = Tags.IsDefault ? [] : Tags,
        Labels = Labels.IsDefault ? [] : Labels,
        Session = Session is null ? SessionCondition.Always : new(Or(Session.All), Or(Session.Any), Or(Session.None)),
    };

    private static ImmutableArray<string> Or(ImmutableArray<string> list) => list.IsDefault ? [] : list;
}

/// <summary>A whole policy as people write it; the order of its rules is the policy order.</summary>
/// <param name="Rules">The rules.</param>
public sealed record PolicyDocument(ImmutableArray<RuleDocument> Rules)
{
    /// <summary>A policy without rules: every call gets its agent's default decision.</summary>
    public static readonly PolicyDocument Empty = new(ImmutableArray<RuleDocument>.Empty);

    /// <summary>The same policy with what a reader of JSON leaves out filled in by the defaults.</summary>
    public PolicyDocument Completed() => new(Rules.IsDefault ? [] : [.. Rules.Select(rule => rule.Completed())]);
}

/// <summary>An error in a policy, and where it is.</summary>
/// <param name="Code">A stable code.</param>
/// <param name="Path">A JSON pointer into the document, such as <c>/rules/3/tags/0</c>.</param>
/// <param name="Message">What is wrong and what to write instead.</param>
public sealed record PolicyDiagnostic(string Code, string Path, string Message);
