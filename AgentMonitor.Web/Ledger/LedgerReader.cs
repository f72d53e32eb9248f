using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Ledger;

namespace AgentMonitor.Web.Ledger;

/// <summary>Which entries. Members that are null do not restrict.</summary>
public sealed record LedgerFilter
{
    public string? Agent { get; init; }
    public string? Session { get; init; }
    public string? Kind { get; init; }
    public string? Decision { get; init; }
    public string? Tool { get; init; }
    public string? User { get; init; }
    /// <summary>Only entries with a sequence above this.</summary>
    public long? After { get; init; }
    /// <summary>Only entries with a sequence below this.</summary>
    public long? Before { get; init; }

    /// <summary>Whether an entry passes.</summary>
    public bool Passes(LedgerEntry entry) =>
        (Agent is null || entry.Agent == Agent) && (Session is null || entry.Session == Session) && (Kind is null || entry.Kind == Kind)
        && (Decision is null || entry.Decision == Decision) && (Tool is null || entry.Tool == Tool) && (User is null || entry.Users.Contains(User))
        && (After is null || entry.Sequence > After) && (Before is null || entry.Sequence < Before);
}

/// <summary>Reads the ledger.</summary>
public sealed class LedgerReader
{
    /// <summary>Entries that pass the filter.</summary>
    public Task<IReadOnlyList<LedgerEntry>> QueryAsync(LedgerFilter filter, int limit, bool newestFirst, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Every entry of one decision (the call, its approval, its result), oldest first; empty when there is none.</summary>
    public Task<IReadOnlyList<LedgerEntry>> DecisionAsync(string decisionId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Every entry of one session, oldest first, at most <paramref name="limit"/> of the newest.</summary>
    public Task<IReadOnlyList<LedgerEntry>> TimelineAsync(SessionKey session, int limit, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Calls and denials for each tool of an agent since an instant; agent null: of every agent.</summary>
    public Task<IReadOnlyList<ToolCount>> ToolCountsAsync(string? agent, DateTimeOffset since, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>What was denied most since an instant: reason code and deciding rule, with counts, most first.</summary>
    public Task<IReadOnlyList<DenialCount>> DenialCountsAsync(DateTimeOffset since, CancellationToken cancellationToken) => throw new NotImplementedException();
}

/// <summary>How often a tool was called and denied.</summary>
public sealed record ToolCount(string Agent, string Tool, long Calls, long Denials);

/// <summary>How often something was denied for one reason. <paramref name="Rule"/> is the deciding rule, for <c>policy</c>.</summary>
public sealed record DenialCount(string Reason, string? Rule, long Count);
