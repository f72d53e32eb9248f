using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Storage;

namespace AgentMonitor.Web.Ledger;

/// <summary>Reads the ledger.</summary>
public sealed class LedgerReader(StateStore store)
{
    /// <summary>Entries that pass the filter.</summary>
    public Task<IReadOnlyList<LedgerEntry>> QueryAsync(LedgerFilter filter, int limit, bool newestFirst, CancellationToken cancellationToken)
    {
        var (where, parameters) = Where(filter);
        return RunAsync(() => store.Query(
            $"SELECT {LedgerRows.Columns} FROM ledger WHERE {where} ORDER BY sequence {(newestFirst ? "DESC" : "ASC")} LIMIT {Math.Clamp(limit, 1, 10_000)}", LedgerRows.Read, parameters), cancellationToken);
    }

    /// <summary>Every entry of one decision (the call, its approval, its result), oldest first; empty when there is none.</summary>
    public Task<IReadOnlyList<LedgerEntry>> DecisionAsync(string decisionId, CancellationToken cancellationToken) =>
        RunAsync(() => store.Query($"SELECT {LedgerRows.Columns} FROM ledger WHERE decision_id = $0 ORDER BY sequence LIMIT 100", LedgerRows.Read, decisionId), cancellationToken);

    /// <summary>Every entry of one session, oldest first, at most <paramref name="limit"/> of the newest.</summary>
    public async Task<IReadOnlyList<LedgerEntry>> TimelineAsync(SessionKey session, int limit, CancellationToken cancellationToken)
    {
        var newest = await QueryAsync(new() { Agent = session.Agent, Session = session.Id }, limit, newestFirst: true, cancellationToken).ConfigureAwait(false);
        return [.. newest.Reverse()];
    }

    /// <summary>Calls and denials for each tool of an agent since an instant; agent null: of every agent.</summary>
    public Task<IReadOnlyList<ToolCount>> ToolCountsAsync(string? agent, DateTimeOffset since, CancellationToken cancellationToken) => RunAsync(() => store.Query(
        "SELECT agent, tool, COUNT(*), SUM(decision = 'deny') FROM ledger WHERE at >= $0 AND kind = 'tool-call' AND ($1 IS NULL OR agent = $1) GROUP BY agent, tool ORDER BY 3 DESC LIMIT 5000",
        row => new ToolCount(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3)), LedgerChain.Microseconds(since), agent), cancellationToken);

    /// <summary>What was denied most since an instant: reason code and deciding rule, with counts, most first.</summary>
    public Task<IReadOnlyList<DenialCount>> DenialCountsAsync(DateTimeOffset since, CancellationToken cancellationToken) => RunAsync(() => store.Query(
        "SELECT reason, CASE WHEN reason = 'policy' THEN json_extract(rules, '$[0]') END AS rule, COUNT(*) FROM ledger WHERE at >= $0 AND kind = 'tool-call' AND decision = 'deny' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
        row => new DenialCount(row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetInt64(2)), LedgerChain.Microseconds(since)), cancellationToken);

    private static (string Where, object?[] Parameters) Where(LedgerFilter filter)
    {
        var terms = new List<string> { "1" };
        var parameters = new List<object?>();
        Term("agent = {0}", filter.Agent);
        Term("session = {0}", filter.Session);
        Term("kind = {0}", filter.Kind);
        Term("decision = {0}", filter.Decision);
        Term("tool = {0}", filter.Tool);
        Term("EXISTS (SELECT 1 FROM json_each(users) WHERE value = {0})", filter.User);
        Term("sequence > {0}", filter.After);
        Term("sequence < {0}", filter.Before);
        return (string.Join(" AND ", terms), [.. parameters]);

        void Term(string sql, object? value)
        {
            if (value is null) return;
            terms.Add(string.Format(sql, $"${parameters.Count}"));
            parameters.Add(value);
        }
    }

    // SQLite reads block their thread; a page must not block its circuit.
    private static async Task<IReadOnlyList<T>> RunAsync<T>(Func<List<T>> read, CancellationToken cancellationToken) => await Task.Run(read, cancellationToken).ConfigureAwait(false);
}

/// <summary>How often a tool was called and denied.</summary>
public sealed record ToolCount(string Agent, string Tool, long Calls, long Denials);

/// <summary>How often something was denied for one reason. <paramref name="Rule"/> is the deciding rule, for <c>policy</c>.</summary>
public sealed record DenialCount(string Reason, string? Rule, long Count);
