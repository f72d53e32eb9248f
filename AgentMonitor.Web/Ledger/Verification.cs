using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Storage;

namespace AgentMonitor.Web.Ledger;

/// <summary>The command <c>verify</c>: reads the whole ledger and says whether its chain holds.</summary>
internal static class Verification
{
    /// <summary>0: it holds; 1: it breaks; what and where is printed.</summary>
    public static int Run(IServiceProvider services)
    {
        services.GetRequiredService<Schema>().Migrate();
        var (found, count, hash) = LedgerChain.Verify(services.GetRequiredService<StateStore>().AllEntries());
        Console.WriteLine(found is null
            ? $"The chain of {count} entries holds. Its newest hash is {hash}."
            : $"The chain breaks at entry {found.Sequence}: {found.What}. {count} entries before it hold.");
        return found is null ? 0 : 1;
    }
}
