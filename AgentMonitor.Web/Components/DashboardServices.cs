using AgentMonitor.Web.Components.Kit;

namespace AgentMonitor.Web.Components;

/// <summary>What the pages need.</summary>
public static class DashboardServices
{
    /// <summary>Registers the pages and what they inject beside the services of the features.</summary>
    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents(circuit =>
        {
            // A laptop that slept for a minute finds its page as it was.
            circuit.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(3);
            circuit.DetailedErrors = false;
        }).AddHubOptions(hub => hub.MaximumReceiveMessageSize = 512 * 1024);
        services.AddCascadingAuthenticationState();
        services.AddAntiforgery();
        // Not AddRadzenComponents: it registers the chat service, whose package is pruned. What the kit uses of the library injects nothing of it.
        // One of each for a circuit: who sits there, where, and what they were told.
        services.AddScoped<CurrentOperator>();
        services.AddScoped<ViewerZone>();
        services.AddScoped<Toasts>();
        services.AddScoped<SwitchDesk>();
        return services;
    }

    /// <summary>
    /// Maps the pages and their files. Comes after <c>UseAuthentication</c>, <c>UseAuthorization</c> and <c>UseAntiforgery</c>.
    /// </summary>
    public static WebApplication MapDashboard(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return app;
    }
}
