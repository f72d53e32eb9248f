using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Web.Storage;

namespace AgentMonitor.Web.Sessions;

/// <summary>Which sessions. Members that are null do not restrict.</summary>
public sealed record SessionFilter
{
    /// <summary>Sessions of this agent.</summary>
    public string? Agent { get; init; }
    /// <summary>Sessions that carry this label.</summary>
    public string? Label { get; init; }
    /// <summary>Sessions in which this user was named.</summary>
    public string? User { get; init; }
    /// <summary>Part of the session id.</summary>
    public string? Text { get; init; }
    /// <summary>Only sessions last active before this instant: for paging.</summary>
    public DateTimeOffset? Before { get; init; }
}

/// <summary>A session in a list.</summary>
public sealed record SessionSummary(SessionKey Key, DateTimeOffset StartedAt, DateTimeOffset LastActiveAt, DateTimeOffset? EndedAt,
    IReadOnlyList<string> Labels, IReadOnlyList<string> Users, long Calls, long Denials);

/// <summary>Reads sessions for pages and the operator API.</summary>
public sealed class SessionReader(StateStore store, SessionRoom room)
{
    /// <summary>Sessions, last active first.</summary>
    public async Task<IReadOnlyList<SessionSummary>> ListAsync(SessionFilter filter, int limit, CancellationToken cancellationToken) => await Task.Run(() =>
    {
        var terms = new List<string> { "1" };
        var parameters = new List<object?>();
        Term("agent = {0}", filter.Agent);
        Term("labels LIKE {0} ESCAPE '\\'", filter.Label is null ? null : $"%|{Escaped(filter.Label)}|%");
        Term("EXISTS (SELECT 1 FROM json_each(users) WHERE value = {0})", filter.User);
        Term("id LIKE {0} ESCAPE '\\'", filter.Text is null ? null : $"%{Escaped(filter.Text)}%");
        Term("last_active_at < {0}", filter.Before is { } before ? LedgerChain.Microseconds(before) : null);
        return store.Query(
            $"""
            SELECT agent, id, started_at, last_active_at, ended_at, labels, users,
              (SELECT COUNT(*) FROM ledger l WHERE l.agent = s.agent AND l.session = s.id AND l.kind = 'tool-call'),
              (SELECT COUNT(*) FROM ledger l WHERE l.agent = s.agent AND l.session = s.id AND l.kind = 'tool-call' AND l.decision = 'deny')
            FROM sessions s WHERE {string.Join(" AND ", terms)} ORDER BY last_active_at DESC LIMIT {Math.Clamp(limit, 1, 500)}
            """,
            row => new SessionSummary(
                new(row.GetString(0), row.GetString(1)), LedgerChain.FromMicroseconds(row.GetInt64(2)), LedgerChain.FromMicroseconds(row.GetInt64(3)),
                row.IsDBNull(4) ? null : LedgerChain.FromMicroseconds(row.GetInt64(4)), row.GetString(5).Split('|', StringSplitOptions.RemoveEmptyEntries),
                StoredDocuments.ReadList(row.GetString(6)), row.GetInt64(7), row.GetInt64(8)), [.. parameters]);

        void Term(string sql, object? value)
        {
            if (value is null) return;
            terms.Add(string.Format(sql, $"${parameters.Count}"));
            parameters.Add(value);
        }
    }, cancellationToken).ConfigureAwait(false);

    /// <summary>What is known of a session now, with where its values came from; null when nobody ever named it.</summary>
    public async Task<SessionState?> FindAsync(SessionKey key, CancellationToken cancellationToken) =>
        room.Peek(key) ?? await Task.Run(() => store.Session(key) is { } state ? state with { Origins = store.Origins(key) } : null, cancellationToken).ConfigureAwait(false);

    /// <summary>Sessions that name this one as a parent.</summary>
    public async Task<IReadOnlyList<SessionKey>> ChildrenAsync(SessionKey key, CancellationToken cancellationToken) => await Task.Run(() => store.Query(
        "SELECT agent, id FROM session_links WHERE parent_agent = $0 AND parent_id = $1 LIMIT 200", row => new SessionKey(row.GetString(0), row.GetString(1)), key.Agent, key.Id), cancellationToken).ConfigureAwait(false);

    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}
