using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Identity;
using Microsoft.AspNetCore.Components.Authorization;

namespace AgentMonitor.Web.Components.Kit;

/// <summary>Who sits before this circuit. Asked afresh for every action, so that a role taken away counts at once.</summary>
public sealed class CurrentOperator(AuthenticationStateProvider authentication)
{
    /// <summary>The operator; null when nobody is signed in.</summary>
    public async Task<Operator?> GetAsync() => Operator.From((await authentication.GetAuthenticationStateAsync()).User);

    /// <summary>The operator, for an action.</summary>
    public async Task<Operator> RequireAsync() => await GetAsync() ?? throw new RefusedException(401, "signed-out", "you are signed out: sign in again, then repeat this");
}
