using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web;
using AgentMonitor.Web.Components.Kit;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Identity;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace AgentMonitor.Tests.Components;

/// <summary>Pages on the real services, with a database of their own in a folder that goes away.</summary>
public abstract class PageContext : BunitContext, IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"agentmonitor-pages-{Guid.NewGuid():N}");

    protected PageContext()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["AgentMonitor:DataDirectory"] = _folder }).Build();
        Services.AddLogging();
        Services.AddSingleton<IConfiguration>(configuration);
        Services.AddSingleton<IHostEnvironment>(new Nowhere(_folder));
        Services.AddMonitorOptions(configuration).AddStorage().AddGovernance();
        Services.AddScoped<CurrentOperator>();
        Services.AddScoped<ViewerZone>();
        Services.AddScoped<Toasts>();
        SignedIn = AddAuthorization();
    }

    /// <summary>An admin for preparing.</summary>
    protected static Operator Admin { get; } = new("dana", OperatorRole.Admin);
    protected BunitAuthorizationContext SignedIn { get; }
    protected OperatorActions Actions => Services.GetRequiredService<OperatorActions>();

    public async ValueTask InitializeAsync()
    {
        await Startup.PrepareAsync(Services);
        await Actions.SaveAgentAsync(Admin, new AgentDefinition { Id = "support", Name = "Support desk" }, CancellationToken.None);
        await Actions.SaveToolAsync(Admin, new ToolDefinition("support", "refund", [new(Tag.Financial)]), CancellationToken.None);
        await Actions.SaveToolAsync(Admin, new ToolDefinition("support", "mystery", null), CancellationToken.None);
    }

    public new async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        try { Directory.Delete(_folder, recursive: true); }
        catch (IOException) { /* A file that the system still holds goes with the folder for temporary files. */ }
        GC.SuppressFinalize(this);
    }

    /// <summary>Signs somebody in, and hands them to components as the frame does.</summary>
    protected Operator SignIn(OperatorRole role)
    {
        SignedIn.SetAuthorized("kim");
        SignedIn.SetRoles(Operator.Word(role));
        return new Operator("kim", role);
    }

    private sealed class Nowhere(string folder) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Test";
        public string ApplicationName { get; set; } = "AgentMonitor";
        public string ContentRootPath { get; set; } = folder;
        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
