using AgentMonitor.Core.Ledger;
using Microsoft.Data.Sqlite;

namespace AgentMonitor.Web.Storage;

/// <summary>Ledger entries to rows and back, in one column order.</summary>
internal static class LedgerRows
{
    public const string Columns =
        "sequence, at, kind, agent, session, users, tool, call_id, decision_id, arguments_digest, decision, reason, rules, policy_revision, actor, data, data_digest, previous_hash, hash";

    public static LedgerEntry Read(SqliteDataReader row) => new()
    {
        Sequence = row.GetInt64(0),
        At = LedgerChain.FromMicroseconds(row.GetInt64(1)),
        Kind = row.GetString(2),
        Agent = Text(row, 3),
        Session = Text(row, 4),
        Users = StoredDocuments.ReadList(Text(row, 5)),
        Tool = Text(row, 6),
        CallId = Text(row, 7),
        DecisionId = Text(row, 8),
        ArgumentsDigest = Text(row, 9),
        Decision = Text(row, 10),
        Reason = Text(row, 11),
        Rules = StoredDocuments.ReadList(Text(row, 12)),
        PolicyRevision = row.GetInt64(13),
        Actor = Text(row, 14),
        Data = row.GetString(15),
        DataDigest = row.GetString(16),
        PreviousHash = row.GetString(17),
        Hash = row.GetString(18),
    };

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
