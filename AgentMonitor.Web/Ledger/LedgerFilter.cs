using AgentMonitor.Core.Ledger;

namespace AgentMonitor.Web.Ledger;

/// <summary>Which entries. Members that are null do not restrict.</summary>
public sealed record LedgerFilter
{
    /// <summary>Entries of this agent.</summary>
    public string? Agent { get; init; }
    /// <summary>Entries of sessions with this id.</summary>
    public string? Session { get; init; }
    /// <summary>Entries of this kind.</summary>
    public string? Kind { get; init; }
    /// <summary>Entries with this decision.</summary>
    public string? Decision { get; init; }
    /// <summary>Entries about this tool.</summary>
    public string? Tool { get; init; }
    /// <summary>Entries that name this user.</summary>
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
