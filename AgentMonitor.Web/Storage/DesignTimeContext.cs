using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace AgentMonitor.Web.Storage;

/// <summary>The context for <c>dotnet ef migrations add</c>, which needs the model and no database.</summary>
public sealed class DesignTimeContext : IDesignTimeDbContextFactory<MonitorDbContext>
{
    /// <inheritdoc/>
    public MonitorDbContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<MonitorDbContext>().UseSqlite("Data Source=:memory:").Options);
}
