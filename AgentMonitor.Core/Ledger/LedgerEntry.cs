using System.Collections.Immutable;

namespace AgentMonitor.Core.Ledger;

/// <summary>The kinds of entries; also the kinds of events on the live feed.</summary>
public static class LedgerKind
{
    /// <summary>A decision on a tool call.</summary>
    public const string ToolCall = "tool-call";
    /// <summary>A report of a tool's result.</summary>
    public const string ToolResult = "tool-result";
    /// <summary>A decision on a model call, with its filtered tools.</summary>
    public const string ModelCall = "model-call";
    /// <summary>A switch set, lifted or expired.</summary>
    public const string Switch = "switch";
    /// <summary>A new policy revision.</summary>
    public const string Policy = "policy";
    /// <summary>An approval asked, answered, expired or cancelled.</summary>
    public const string Approval = "approval";
    /// <summary>A label set or cleared by hand, a session linked or ended.</summary>
    public const string Session = "session";
    /// <summary>Somebody signed in, failed to, or signed out.</summary>
    public const string SignIn = "sign-in";
    /// <summary>An agent, key, tool or account changed.</summary>
    public const string Registry = "registry";

    /// <summary>All kinds.</summary>
    public static readonly ImmutableArray<string> All = [ToolCall, ToolResult, ModelCall, Switch, Policy, Approval, Session, SignIn, Registry];
}

/// <summary>
/// One entry of the ledger. The fields beside <see cref="Data"/> are what it is searched and chained by; <see cref="Data"/> is
/// the rest, as JSON text, chained through its digest so that it can be erased without breaking the chain.
/// </summary>
public sealed record LedgerEntry
{
    /// <summary>Position in the ledger; starts at 1, no gaps.</summary>
    public long Sequence { get; init; }
    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }
    /// <summary>What it is: one of <see cref="LedgerKind"/>.</summary>
    public required string Kind { get; init; }
    /// <summary>The agent concerned.</summary>
    public string? Agent { get; init; }
    /// <summary>The session concerned.</summary>
    public string? Session { get; init; }
    /// <summary>The users the agent acted for.</summary>
    public ImmutableArray<string> Users { get; init; } = [];
    /// <summary>The tool concerned.</summary>
    public string? Tool { get; init; }
    /// <summary>The agent's id of the call.</summary>
    public string? CallId { get; init; }
    /// <summary>The decision it is or belongs to.</summary>
    public string? DecisionId { get; init; }
    /// <summary>SHA-256 of the arguments as they came, lower-case hexadecimal.</summary>
    public string? ArgumentsDigest { get; init; }
    /// <summary><c>allow</c>, <c>deny</c> or <c>pending</c>.</summary>
    public string? Decision { get; init; }
    /// <summary>The reason's code.</summary>
    public string? Reason { get; init; }
    /// <summary>Ids of the enforced rules that matched, the deciding one first.</summary>
    public ImmutableArray<string> Rules { get; init; } = [];
    /// <summary>The policy revision in force.</summary>
    public long PolicyRevision { get; init; }
    /// <summary>Who acted: an operator's name, or null for an agent.</summary>
    public string? Actor { get; init; }
    /// <summary>Everything else, as JSON text.</summary>
    public string Data { get; init; } = "{}";
    /// <summary>SHA-256 of <see cref="Data"/>, lower-case hexadecimal.</summary>
    public string DataDigest { get; init; } = "";
    /// <summary>The hash of the entry before; zeros for the first.</summary>
    public string PreviousHash { get; init; } = "";
    /// <summary>The entry's own hash.</summary>
    public string Hash { get; init; } = "";
}
