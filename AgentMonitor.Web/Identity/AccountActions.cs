using System.Security.Cryptography;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Ledger;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace AgentMonitor.Web.Identity;

/// <summary>An account as listed.</summary>
public sealed record AccountView(string Id, string Name, OperatorRole Role, bool Disabled, bool LockedOut, DateTimeOffset CreatedAt, DateTimeOffset? LastSignInAt);

/// <summary>What is done with people's accounts; every change and every sign-in goes into the ledger.</summary>
public sealed class AccountActions(IServiceScopeFactory scopes, LedgerWriter writer, ControlRoom control, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Whether anybody can sign in.</summary>
    public async Task<bool> AnyAsync()
    {
        await using var scope = scopes.CreateAsyncScope();
        return await Manager(scope).Users.AnyAsync();
    }

    /// <summary>All accounts, by name. Role admin.</summary>
    public async Task<IReadOnlyList<AccountView>> ListAsync(Operator actor, CancellationToken cancellationToken)
    {
        actor.Demand(OperatorRole.Admin);
        await using var scope = scopes.CreateAsyncScope();
        var manager = Manager(scope);
        var views = new List<AccountView>();
        foreach (var account in await manager.Users.OrderBy(a => a.UserName).ToListAsync(cancellationToken))
            views.Add(new(account.Id, account.UserName!, await RoleOfAsync(manager, account), account.Disabled, await manager.IsLockedOutAsync(account), account.CreatedAt, account.LastSignInAt));
        return views;
    }

    /// <summary>Makes an account. Role admin.</summary>
    public async Task CreateAsync(Operator actor, string name, string password, OperatorRole role)
    {
        actor.Demand(OperatorRole.Admin);
        await _turn.WaitAsync();
        try { await CreateAsync(name, password, role, actor.Name, $"{actor.Name} made the account {name} with the role {Operator.Word(role)}."); }
        finally { _turn.Release(); }
    }

    /// <summary>Makes the first admin; refused once there is any account.</summary>
    internal async Task CreateFirstAsync(string name, string password)
    {
        await _turn.WaitAsync();
        try
        {
            if (await AnyAsync()) throw new RefusedException(409, "already-set-up", "there is an account already: sign in");
            await CreateAsync(name, password, OperatorRole.Admin, name, $"{name} was made the first admin through the one-time link.");
        }
        finally { _turn.Release(); }
    }

    /// <summary>Gives an account another role. Role admin; the last admin stays one.</summary>
    public Task SetRoleAsync(Operator actor, string accountId, OperatorRole role) => ChangeAsync(actor, accountId, async (manager, account) =>
    {
        var before = await RoleOfAsync(manager, account);
        if (before == role) return null;
        if (before == OperatorRole.Admin) await DemandOtherAdminAsync(manager, account);
        Check(await manager.RemoveFromRolesAsync(account, await manager.GetRolesAsync(account)));
        Check(await manager.AddToRoleAsync(account, Operator.Word(role)));
        return ("role-changed", $"{actor.Name} gave {account.UserName} the role {Operator.Word(role)} instead of {Operator.Word(before)}.");
    });

    /// <summary>Disables or enables an account; its open pages end within a minute. Role admin.</summary>
    public Task SetDisabledAsync(Operator actor, string accountId, bool disabled) => ChangeAsync(actor, accountId, async (manager, account) =>
    {
        if (account.Disabled == disabled) return null;
        if (disabled && await RoleOfAsync(manager, account) == OperatorRole.Admin) await DemandOtherAdminAsync(manager, account);
        account.Disabled = disabled;
        Check(await manager.UpdateAsync(account));
        return (disabled ? "account-disabled" : "account-enabled", $"{actor.Name} {(disabled ? "disabled" : "enabled")} the account {account.UserName}.");
    });

    /// <summary>Sets another password and ends the account's sessions. Role admin.</summary>
    public Task SetPasswordAsync(Operator actor, string accountId, string password) => ChangeAsync(actor, accountId, async (manager, account) =>
    {
        Check(await manager.ResetPasswordAsync(account, await manager.GeneratePasswordResetTokenAsync(account), password));
        Check(await manager.SetLockoutEndDateAsync(account, null));
        return ("password-set", $"{actor.Name} set another password for {account.UserName}.");
    });

    /// <summary>Records a sign-in, a failed one or a sign-out.</summary>
    internal async Task RecordSignInAsync(string name, string action, string sentence) => await writer.AppendAsync([new LedgerEntry
    {
        At = clock.GetUtcNow(),
        Kind = LedgerKind.SignIn,
        PolicyRevision = control.Current.Policy.Revision,
        Actor = Core.Redaction.Redactor.Cut(name, 100),
        Data = LedgerText.Action(action, sentence),
    }], []);

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task CreateAsync(string name, string password, OperatorRole role, string actor, string sentence)
    {
        if (!Identifiers.IsForeignId(name) || name.Length > 100) throw new RefusedException(400, "account-name", "a name has 1 to 100 characters, without surrounding blanks");
        await using var scope = scopes.CreateAsyncScope();
        var manager = Manager(scope);
        var roles = scope.ServiceProvider.GetRequiredService<RoleManager<IdentityRole>>();
        foreach (var word in Enum.GetValues<OperatorRole>().Select(Operator.Word))
            if (!await roles.RoleExistsAsync(word)) Check(await roles.CreateAsync(new(word)));
        var account = new Account { UserName = name, CreatedAt = clock.GetUtcNow() };
        Check(await manager.CreateAsync(account, password));
        Check(await manager.AddToRoleAsync(account, Operator.Word(role)));
        await RecordAsync(actor, "account-created", sentence);
    }

    private async Task ChangeAsync(Operator actor, string accountId, Func<UserManager<Account>, Account, Task<(string Action, string Sentence)?>> change)
    {
        actor.Demand(OperatorRole.Admin);
        await _turn.WaitAsync();
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var manager = Manager(scope);
            var account = await manager.FindByIdAsync(accountId) ?? throw new RefusedException(404, "no-such-account", "there is no such account");
            if (await change(manager, account) is not { } done) return;
            Check(await manager.UpdateSecurityStampAsync(account));
            await RecordAsync(actor.Name, done.Action, done.Sentence);
        }
        finally { _turn.Release(); }
    }

    private async Task RecordAsync(string actor, string action, string sentence) => await writer.AppendAsync([new LedgerEntry
    {
        At = clock.GetUtcNow(),
        Kind = LedgerKind.Registry,
        PolicyRevision = control.Current.Policy.Revision,
        Actor = actor,
        Data = LedgerText.Action(action, sentence),
    }], []);

    private static async Task DemandOtherAdminAsync(UserManager<Account> manager, Account account)
    {
        var admins = await manager.GetUsersInRoleAsync(Operator.Word(OperatorRole.Admin));
        if (admins.All(a => a.Id == account.Id || a.Disabled)) throw new RefusedException(409, "last-admin", $"{account.UserName} is the last admin: give somebody else the role first");
    }

    private static async Task<OperatorRole> RoleOfAsync(UserManager<Account> manager, Account account) =>
        (await manager.GetRolesAsync(account)).Select(Operator.Parse).OfType<OperatorRole>().DefaultIfEmpty(OperatorRole.Viewer).Max();

    private static UserManager<Account> Manager(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<UserManager<Account>>();

    private static void Check(IdentityResult result)
    {
        if (!result.Succeeded) throw new RefusedException(400, "account-invalid", string.Join(" ", result.Errors.Select(e => e.Description)));
    }
}

/// <summary>The one-time link that makes the first admin. It lives in this process only and works once.</summary>
public sealed class SetupLink
{
    private string? _token;

    /// <summary>Makes the link's token.</summary>
    public string Open() => _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    /// <summary>Whether this is the token, still unused.</summary>
    public bool Accepts(string? token) => _token is { } expected && token is not null
        && CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(expected), System.Text.Encoding.UTF8.GetBytes(token));

    /// <summary>Makes the link useless.</summary>
    public void Close() => _token = null;
}
