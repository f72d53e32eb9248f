using AgentMonitor.Web.Identity;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace AgentMonitor.Web.Storage;

/// <summary>
/// The schema, for migrations, accounts and reads that are not hot. Everything that a decision touches is plain SQL in
/// <see cref="SqliteLedgerStore"/>: measured, change tracking costs twenty times as much.
/// </summary>
public sealed class MonitorDbContext(DbContextOptions<MonitorDbContext> options) : IdentityDbContext<Account, IdentityRole, string>(options)
{
    /// <summary>The ledger.</summary>
    public DbSet<LedgerRow> Ledger => Set<LedgerRow>();
    /// <summary>Sessions.</summary>
    public DbSet<SessionRow> Sessions => Set<SessionRow>();
    /// <summary>Where the values came from that sessions have seen.</summary>
    public DbSet<SessionOriginRow> SessionOrigins => Set<SessionOriginRow>();
    /// <summary>Which session received which other's context.</summary>
    public DbSet<SessionLinkRow> SessionLinks => Set<SessionLinkRow>();
    /// <summary>Agents, tools, switches and other documents that operators control.</summary>
    public DbSet<ControlRow> Controls => Set<ControlRow>();
    /// <summary>Keys of agents.</summary>
    public DbSet<KeyRow> Keys => Set<KeyRow>();
    /// <summary>Policy revisions.</summary>
    public DbSet<PolicyRow> Policies => Set<PolicyRow>();
    /// <summary>Approvals.</summary>
    public DbSet<ApprovalRow> Approvals => Set<ApprovalRow>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<LedgerRow>(row =>
        {
            row.ToTable("ledger");
            row.HasKey(r => r.Sequence);
            row.Property(r => r.Sequence).ValueGeneratedNever();
            row.HasIndex(r => new { r.Agent, r.Session, r.Sequence }).HasDatabaseName("ix_ledger_session");
            row.HasIndex(r => r.DecisionId).HasDatabaseName("ix_ledger_decision").HasFilter("decision_id IS NOT NULL");
            row.HasIndex(r => r.At).HasDatabaseName("ix_ledger_at");
            row.HasIndex(r => new { r.Agent, r.Sequence }).HasDatabaseName("ix_ledger_not_allowed").HasFilter("decision IN ('deny', 'pending')");
        });
        builder.Entity<SessionRow>(row =>
        {
            row.ToTable("sessions");
            row.HasKey(r => new { r.Agent, r.Id });
            row.HasIndex(r => r.LastActiveAt).HasDatabaseName("ix_sessions_last_active");
        });
        builder.Entity<SessionOriginRow>(row =>
        {
            row.ToTable("session_origins");
            row.HasKey(r => r.Id);
            row.HasIndex(r => new { r.Agent, r.Session, r.Id }).HasDatabaseName("ix_session_origins_session");
        });
        builder.Entity<SessionLinkRow>(row =>
        {
            row.ToTable("session_links");
            row.HasKey(r => new { r.ParentAgent, r.ParentId, r.Agent, r.Id });
        });
        builder.Entity<ControlRow>(row =>
        {
            row.ToTable("controls");
            row.HasKey(r => new { r.Kind, r.Key });
        });
        builder.Entity<KeyRow>(row =>
        {
            row.ToTable("agent_keys");
            row.HasKey(r => r.Id);
        });
        builder.Entity<PolicyRow>(row =>
        {
            row.ToTable("policy_revisions");
            row.HasKey(r => r.Revision);
            row.Property(r => r.Revision).ValueGeneratedNever();
        });
        builder.Entity<ApprovalRow>(row =>
        {
            row.ToTable("approvals");
            row.HasKey(r => r.Id);
            row.HasIndex(r => r.Status).HasDatabaseName("ix_approvals_waiting").HasFilter("status = 'pending'");
        });
        foreach (var entity in builder.Model.GetEntityTypes().Where(e => e.ClrType.Namespace == typeof(LedgerRow).Namespace))
            foreach (var property in entity.GetProperties())
                property.SetColumnName(SnakeCase(property.Name));
    }

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
}
