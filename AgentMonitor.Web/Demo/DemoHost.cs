namespace AgentMonitor.Web.Demo;

/// <summary>Placeholder registration for the demo's parts.</summary>
public sealed class DemoHost
{
    /// <summary>Begins to play.</summary>
    public void Start(string address) => _ = address;
}

internal static class DemoServices
{
    public static void AddDemo(this IServiceCollection services) => services.AddSingleton<DemoHost>();
}
