using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Identity;

/// <summary>Ends open pages of people whose account was disabled, removed or changed, within a minute.</summary>
public sealed class AccountRevalidation(ILoggerFactory loggers, IServiceScopeFactory scopes, IOptions<IdentityOptions> options) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    /// <inheritdoc/>
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var manager = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        var principal = authenticationState.User;
        if (await manager.GetUserAsync(principal) is not { Disabled: false } account) return false;
        return principal.FindFirst(options.Value.ClaimsIdentity.SecurityStampClaimType)?.Value == await manager.GetSecurityStampAsync(account);
    }
}
