using System.Text.Json;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Core.Sessions;
using Microsoft.Data.Sqlite;

namespace AgentMonitor.Web.Storage;

/// <summary>
/// Writes groups of ledger entries and state changes, each group in one transaction, with statements that are prepared once.
/// Belongs to the writer's thread alone.
/// </summary>
internal sealed class SqliteLedgerStore(SqliteConnections connections) : IDisposable
{
    private SqliteConnection? _connection;
    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);

    /// <summary>Where the chain stands in the database: the newest sequence and hash.</summary>
    public (long Sequence, string Hash) Head()
    {
        using var command = Connection.CreateCommand();
        command.CommandText = "SELECT sequence, hash FROM ledger ORDER BY sequence DESC LIMIT 1";
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetInt64(0), row.GetString(1)) : (0, LedgerChain.Genesis);
    }

    /// <summary>Runs <paramref name="write"/> in a transaction that is durable when this returns; nothing is kept when it throws.</summary>
    public void Commit(Action<SqliteLedgerStore> write)
    {
        try
        {
            Run("BEGIN IMMEDIATE");
            try
            {
                write(this);
                Run("COMMIT");
            }
            catch
            {
                try { Run("ROLLBACK"); }
                catch (SqliteException) { /* The failure that matters is the one on its way; the connection is dropped below. */ }
                throw;
            }
        }
        catch
        {
            // Whatever state the connection is in, the next group starts with a fresh one.
            Dispose();
            throw;
        }
    }

    public void Insert(LedgerEntry entry)
    {
        var command = Statement($"INSERT INTO ledger ({LedgerRows.Columns}) VALUES ($0,$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18)", 19);
        Bind(command, entry.Sequence, LedgerChain.Microseconds(entry.At), entry.Kind, entry.Agent, entry.Session, StoredDocuments.List(entry.Users),
            entry.Tool, entry.CallId, entry.DecisionId, entry.ArgumentsDigest, entry.Decision, entry.Reason, StoredDocuments.List(entry.Rules),
            entry.PolicyRevision, entry.Actor, entry.Data, entry.DataDigest, entry.PreviousHash, entry.Hash);
    }

    public void Apply(StateChange change)
    {
        switch (change)
        {
            case StateChange.SaveSession(var state, var activeAt):
                Bind(Statement("INSERT INTO sessions (agent, id, started_at, last_active_at, ended_at, labels, users, document) VALUES ($0,$1,$2,$3,$4,$5,$6,$7) ON CONFLICT (agent, id) DO UPDATE SET last_active_at=$3, ended_at=$4, labels=$5, users=$6, document=$7", 8),
                    state.Key.Agent, state.Key.Id, LedgerChain.Microseconds(state.StartedAt), LedgerChain.Microseconds(activeAt),
                    state.EndedAt is { } ended ? LedgerChain.Microseconds(ended) : null, LabelColumn(state), StoredDocuments.List(state.Users) ?? "[]", StoredDocuments.Write(state));
                foreach (var parent in state.Parents)
                    Bind(Statement("INSERT OR IGNORE INTO session_links (parent_agent, parent_id, agent, id) VALUES ($0,$1,$2,$3)", 4), parent.Agent, parent.Id, state.Key.Agent, state.Key.Id);
                break;
            case StateChange.SaveOrigins(var session, var batch):
                Bind(Statement("INSERT INTO session_origins (agent, session, source, overflowed, entries) VALUES ($0,$1,$2,$3,$4)", 5),
                    session.Agent, session.Id, JsonSerializer.Serialize(batch.Source, StoredDocuments.Default.OriginSource), batch.Overflowed, batch.ToBytes());
                break;
            case StateChange.SaveSalt(var salt):
                Bind(Statement("INSERT OR IGNORE INTO controls (kind, key, document) VALUES ('salt','origins',$0)", 1), salt);
                break;
            case StateChange.SaveAgent(var agent):
                SaveControl("agent", StoredDocuments.Names(agent.Id), JsonSerializer.Serialize(agent, StoredDocuments.Default.AgentDefinition));
                break;
            case StateChange.DeleteAgent(var agent):
                Bind(Statement("DELETE FROM controls WHERE kind = 'agent' AND key = $0", 1), StoredDocuments.Names(agent));
                Bind(Statement("DELETE FROM controls WHERE kind = 'tool' AND json_extract(key, '$[0]') = $0", 1), agent);
                Bind(Statement("DELETE FROM controls WHERE kind = 'switch' AND json_extract(key, '$[1]') = $0", 1), agent);
                Bind(Statement("DELETE FROM agent_keys WHERE agent = $0", 1), agent);
                break;
            case StateChange.SaveTool(var tool):
                SaveControl("tool", StoredDocuments.Names(tool.Agent, tool.Name), JsonSerializer.Serialize(StoredTool.From(tool), StoredDocuments.Default.StoredTool));
                break;
            case StateChange.SaveSwitch(var found):
                SaveControl("switch", StoredDocuments.Key(found.Target), JsonSerializer.Serialize(found, StoredDocuments.Default.Switch));
                break;
            case StateChange.DeleteSwitch(var target):
                Bind(Statement("DELETE FROM controls WHERE kind = $0 AND key = $1", 2), "switch", StoredDocuments.Key(target));
                break;
            case StateChange.SaveKey(var key):
                Bind(Statement("INSERT INTO agent_keys (id, agent, name, digest, created_at, expires_at, revoked_at, last_used_at) VALUES ($0,$1,$2,$3,$4,$5,$6,$7) ON CONFLICT (id) DO UPDATE SET expires_at=$5, revoked_at=$6, last_used_at=$7", 8),
                    key.Id, key.Agent, key.Name, key.Digest, key.CreatedAt, key.ExpiresAt, key.RevokedAt, key.LastUsedAt);
                break;
            case StateChange.SavePolicy(var revision, var document, var at, var author, var comment):
                Bind(Statement("INSERT INTO policy_revisions (revision, at, author, comment, document) VALUES ($0,$1,$2,$3,$4)", 5),
                    revision, LedgerChain.Microseconds(at), author, comment, JsonSerializer.Serialize(document, StoredDocuments.Default.PolicyDocument));
                break;
            case StateChange.SaveApproval(var approval):
                Bind(Statement("INSERT INTO approvals (id, decision_id, agent, session, tool, status, asked_at, expires_at, message, request) VALUES ($0,$1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT (id) DO UPDATE SET status=$5, request=$9", 10),
                    approval.Id, approval.DecisionId, approval.Agent, approval.Session, approval.Tool, approval.Status, approval.AskedAt, approval.ExpiresAt, approval.Message, approval.Request);
                break;
            default:
                throw new InvalidOperationException($"no statement for {change.GetType().Name}");
        }
    }

    public static string LabelColumn(SessionState state) => state.Labels.IsEmpty ? "|" : $"|{string.Join('|', state.LabelNames)}|";

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        _statements.Clear();
        _connection?.Dispose();
        _connection = null;
    }

    private SqliteConnection Connection => _connection ??= connections.OpenForWriting();

    private void SaveControl(string kind, string key, string document) =>
        Bind(Statement("INSERT INTO controls (kind, key, document) VALUES ($0,$1,$2) ON CONFLICT (kind, key) DO UPDATE SET document=$2", 3), kind, key, document);

    private void Run(string sql) => Statement(sql, 0).ExecuteNonQuery();

    private SqliteCommand Statement(string sql, int parameters)
    {
        if (_statements.TryGetValue(sql, out var command)) return command;
        command = Connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < parameters; i++) command.Parameters.Add(new SqliteParameter($"${i}", null));
        if (parameters > 0) command.Prepare();
        return _statements[sql] = command;
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        command.ExecuteNonQuery();
    }
}
