using AgentMonitor.Web.Approvals;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Identity;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Live;
using AgentMonitor.Web.Sessions;
using AgentMonitor.Web.Storage;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web;

/// <summary>What happens before the first request: schema, state in memory, and what the live pages start from.</summary>
internal static class Startup
{
    public static async Task PrepareAsync(IServiceProvider services)
    {
        services.GetRequiredService<Schema>().Migrate();
        var store = services.GetRequiredService<StateStore>();
        services.GetRequiredService<LedgerWriter>().Start();
        await services.GetRequiredService<ControlRoom>().LoadAsync();
        await services.GetRequiredService<OriginKeys>().LoadAsync();
        services.GetRequiredService<KeyRing>().Load(store.Keys());
        services.GetRequiredService<ApprovalDesk>().Load();

        // Bounded by what memory keeps, so that the start does not grow with the ledger.
        var newest = store.NewestEntries(services.GetRequiredService<IOptions<MonitorOptions>>().Value.Limits.FeedEntries);
        services.GetRequiredService<LiveFeed>().Publish(newest);
        services.GetRequiredService<InFlightCalls>().Committed(newest);
    }

    /// <summary>Prints the one-time link while nobody can sign in. To the console, not the log: logs are kept and shipped.</summary>
    public static async Task OfferSetupAsync(IServiceProvider services, IEnumerable<string> addresses)
    {
        if (await services.GetRequiredService<AccountActions>().AnyAsync()) return;
        var address = addresses.FirstOrDefault()?.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal) ?? "http://localhost:5080";
        await Console.Out.WriteLineAsync($"\n  Nobody can sign in yet. Make the first admin with this link, which works once:\n\n    {address}/account/setup?token={services.GetRequiredService<SetupLink>().Open()}\n");
    }
}
