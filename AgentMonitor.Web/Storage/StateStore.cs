using System.Text.Json;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;
using Microsoft.Data.Sqlite;

namespace AgentMonitor.Web.Storage;

/// <summary>Reads stored state: what operators control, at the start; a session, when it is called.</summary>
public sealed class StateStore(SqliteConnections connections)
{
    /// <summary>All agents.</summary>
    public IReadOnlyList<AgentDefinition> Agents() => Controls("agent", text => Completed(JsonSerializer.Deserialize(text, StoredDocuments.Default.AgentDefinition)!));
    /// <summary>All tools.</summary>
    public IReadOnlyList<ToolDefinition> Tools() => Controls("tool", text => JsonSerializer.Deserialize(text, StoredDocuments.Default.StoredTool)!.ToDefinition());
    /// <summary>All switches, expired ones included.</summary>
    public IReadOnlyList<Switch> Switches() => Controls("switch", text => JsonSerializer.Deserialize(text, StoredDocuments.Default.Switch)!);

    /// <summary>The newest policy revision; null in a new installation.</summary>
    public (long Revision, PolicyDocument Document)? Policy() => Query(
        "SELECT revision, document FROM policy_revisions ORDER BY revision DESC LIMIT 1",
        row => ((long, PolicyDocument)?)(row.GetInt64(0), JsonSerializer.Deserialize(row.GetString(1), StoredDocuments.Default.PolicyDocument)!.Completed())).FirstOrDefault();

    /// <summary>All keys.</summary>
    public IReadOnlyList<KeyRow> Keys() => Query("SELECT id, agent, name, digest, created_at, expires_at, revoked_at, last_used_at FROM agent_keys", row => new KeyRow
    {
        Id = row.GetString(0),
        Agent = row.GetString(1),
        Name = row.GetString(2),
        Digest = row.GetString(3),
        CreatedAt = row.GetInt64(4),
        ExpiresAt = row.IsDBNull(5) ? null : row.GetInt64(5),
        RevokedAt = row.IsDBNull(6) ? null : row.GetInt64(6),
        LastUsedAt = row.IsDBNull(7) ? null : row.GetInt64(7),
    });

    /// <summary>Approvals that wait.</summary>
    public IReadOnlyList<ApprovalRow> PendingApprovals() => Query(
        "SELECT id, decision_id, agent, session, tool, status, asked_at, expires_at, message, request FROM approvals WHERE status = 'pending'", row => new ApprovalRow
        {
            Id = row.GetString(0),
            DecisionId = row.GetString(1),
            Agent = row.GetString(2),
            Session = row.GetString(3),
            Tool = row.GetString(4),
            Status = row.GetString(5),
            AskedAt = row.GetInt64(6),
            ExpiresAt = row.GetInt64(7),
            Message = row.GetString(8),
            Request = row.IsDBNull(9) ? null : row.GetString(9),
        });

    /// <summary>A session without its origins; null when nobody ever named it.</summary>
    public SessionState? Session(SessionKey key) => Query(
        "SELECT document FROM sessions WHERE agent = $0 AND id = $1", row => StoredDocuments.ReadSession(row.GetString(0)), key.Agent, key.Id).FirstOrDefault();

    /// <summary>Where the values came from that a session has seen.</summary>
    public OriginIndex Origins(SessionKey key) => Query(
        "SELECT source, overflowed, entries FROM session_origins WHERE agent = $0 AND session = $1 ORDER BY id",
        row => OriginBatch.FromBytes(JsonSerializer.Deserialize(row.GetString(0), StoredDocuments.Default.OriginSource)!, row.GetFieldValue<byte[]>(2), row.GetBoolean(1)), key.Agent, key.Id)
        .Aggregate(OriginIndex.Empty, (index, batch) => index.Add(batch));

    /// <summary>The salt of origins; null in a new installation.</summary>
    public byte[]? Salt() => Query("SELECT document FROM controls WHERE kind = 'salt' AND key = 'origins'", row => Convert.FromHexString(row.GetString(0))).FirstOrDefault();

    /// <summary>When a session's tools were allowed, oldest first; only the newest of very many.</summary>
    public CallTimes CallTimes(SessionKey key)
    {
        var times = new CallTimes();
        foreach (var (tool, at) in Query(
            """
            SELECT tool, at FROM (SELECT tool, at, sequence FROM ledger WHERE agent = $0 AND session = $1 AND kind IN ('tool-call', 'approval') AND decision = 'allow' ORDER BY sequence DESC LIMIT 10000)
            ORDER BY sequence
            """, row => (row.GetString(0), row.GetInt64(1)), key.Agent, key.Id)) times.Add(tool, LedgerChain.FromMicroseconds(at));
        return times;
    }

    /// <summary>How often tools of an agent were allowed since an instant, by the minute, oldest first.</summary>
    public IReadOnlyList<(string Tool, DateTimeOffset At, int Calls)> AgentCalls(string agent, DateTimeOffset since) => Query(
        """
        SELECT tool, MAX(at), COUNT(*) FROM ledger INDEXED BY ix_ledger_at
        WHERE at >= $1 AND agent = $0 AND kind IN ('tool-call', 'approval') AND decision = 'allow' GROUP BY at / 60000000, tool ORDER BY MAX(at)
        """, row => (row.GetString(0), LedgerChain.FromMicroseconds(row.GetInt64(1)), row.GetInt32(2)), agent, LedgerChain.Microseconds(since));

    /// <summary>The newest calls of a session, oldest first, and whether these are all.</summary>
    public (IReadOnlyList<(string CallId, string DecisionId, string Digest)> Calls, bool Complete) Calls(SessionKey key, int limit)
    {
        var calls = Query(
            "SELECT call_id, decision_id, tool, arguments_digest FROM ledger WHERE agent = $0 AND session = $1 AND kind = 'tool-call' AND call_id IS NOT NULL ORDER BY sequence DESC LIMIT $2",
            row => (row.GetString(0), row.GetString(1), Decisions.ToolCallDigest.Of(row.GetString(2), row.GetString(3))), key.Agent, key.Id, limit + 1);
        var complete = calls.Count <= limit;
        return ([.. calls.Take(limit).Reverse()], complete);
    }

    /// <summary>One call of a session; null when its call id was never used.</summary>
    public (string DecisionId, string Digest)? Call(SessionKey key, string callId) => Query(
        "SELECT decision_id, tool, arguments_digest FROM ledger WHERE agent = $0 AND session = $1 AND kind = 'tool-call' AND call_id = $2 ORDER BY sequence LIMIT 1",
        row => ((string, string)?)(row.GetString(0), Decisions.ToolCallDigest.Of(row.GetString(1), row.GetString(2))), key.Agent, key.Id, callId).FirstOrDefault();

    /// <summary>The newest entries, oldest first: what live pages start from.</summary>
    public IReadOnlyList<LedgerEntry> NewestEntries(int limit)
    {
        var newest = Query($"SELECT {LedgerRows.Columns} FROM ledger ORDER BY sequence DESC LIMIT $0", LedgerRows.Read, limit);
        newest.Reverse();
        return newest;
    }

    /// <summary>The whole ledger, oldest first, read in pages so that memory does not grow with it.</summary>
    public IEnumerable<LedgerEntry> AllEntries()
    {
        long after = 0;
        while (true)
        {
            var page = Query($"SELECT {LedgerRows.Columns} FROM ledger WHERE sequence > $0 ORDER BY sequence LIMIT 1000", LedgerRows.Read, after);
            foreach (var entry in page) yield return entry;
            if (page.Count == 0) yield break;
            after = page[^1].Sequence;
        }
    }

    internal List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params object?[] parameters)
    {
        using var connection = connections.OpenForReading();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < parameters.Length; i++) command.Parameters.AddWithValue($"${i}", parameters[i] ?? DBNull.Value);
        using var row = command.ExecuteReader();
        var rows = new List<T>();
        while (row.Read()) rows.Add(read(row));
        return rows;
    }

    // A member that was added later is not in older documents.
    private static AgentDefinition Completed(AgentDefinition agent) => agent.TrustedDestinations.IsDefault ? agent with { TrustedDestinations = [] } : agent;

    private List<T> Controls<T>(string kind, Func<string, T> read) => Query("SELECT document FROM controls WHERE kind = $0", row => read(row.GetString(0)), kind);
}
