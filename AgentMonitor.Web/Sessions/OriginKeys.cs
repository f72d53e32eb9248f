using System.Security.Cryptography;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Origins;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Storage;

namespace AgentMonitor.Web.Sessions;

/// <summary>The keys under which the origins of sessions are hashed, derived from a salt that each installation makes for itself.</summary>
public sealed class OriginKeys(StateStore store, LedgerWriter writer)
{
    private byte[]? _salt;

    /// <summary>Reads the salt, or makes it in a new installation.</summary>
    public async Task LoadAsync()
    {
        if (store.Salt() is null)
            await writer.AppendAsync([], [new StateChange.SaveSalt(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(OriginKey.SaltLength)))]).ConfigureAwait(false);
        _salt = store.Salt();
    }

    /// <summary>The key of a session.</summary>
    public OriginKey Of(SessionKey session) => OriginKey.For(_salt ?? throw new InvalidOperationException("the salt was not loaded"), session);
}
