using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AgentMonitor.Web.Storage;

/// <summary>Brings the database to today's schema.</summary>
public sealed class Schema(IDbContextFactory<MonitorDbContext> contexts, SqliteConnections connections)
{
    /// <summary>Runs the migrations that have not run yet.</summary>
    public void Migrate()
    {
        // The journal mode is a property of the file: set once, before EF opens it.
        connections.OpenForWriting().Dispose();
        using var context = contexts.CreateDbContext();
        context.Database.Migrate();
    }

    /// <summary>Whether the database answers.</summary>
    public bool Answers()
    {
        try
        {
            using var connection = connections.OpenForReading();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT 1";
            return command.ExecuteScalar() is 1L;
        }
        catch (SqliteException)
        {
            return false;
        }
    }
}
