using AgentMonitor.Web.Configuration;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Storage;

/// <summary>Opens connections to the embedded database.</summary>
public sealed class SqliteConnections(IOptions<MonitorOptions> options, DataDirectory data)
{
    private readonly string _synchronous = options.Value.Storage.Synchronous.ToUpperInvariant() switch
    {
        "FULL" => "FULL",
        "NORMAL" => "NORMAL",
        var other => throw new InvalidOperationException($"AgentMonitor:Storage:Synchronous is `{other}`: write FULL or NORMAL"),
    };

    /// <summary>The connection string, for EF Core too.</summary>
    public string ConnectionString { get; } = options.Value.Storage.ConnectionString ?? new SqliteConnectionStringBuilder
    {
        DataSource = data.In("agentmonitor.db"),
        ForeignKeys = true,
        DefaultTimeout = 5,
    }.ToString();

    /// <summary>Opens a connection for reading. Cheap: connections are pooled.</summary>
    public SqliteConnection OpenForReading()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        return connection;
    }

    /// <summary>Opens the writer's own connection.</summary>
    public SqliteConnection OpenForWriting()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(ConnectionString) { Pooling = false }.ToString());
        connection.Open();
        using var pragma = connection.CreateCommand();
        // A larger WAL between checkpoints: a checkpoint costs two more fsyncs.
        pragma.CommandText = $"PRAGMA journal_mode=WAL; PRAGMA synchronous={_synchronous}; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-65536; PRAGMA busy_timeout=4000;";
        pragma.ExecuteNonQuery();
        return connection;
    }
}
