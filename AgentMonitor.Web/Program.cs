using AgentMonitor.Web;
using AgentMonitor.Web.Api;
using AgentMonitor.Web.Components;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Decisions;
using AgentMonitor.Web.Demo;
using AgentMonitor.Web.Identity;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Live;
using AgentMonitor.Web.Sessions;
using Microsoft.Extensions.Options;

string[] settings = [.. args.Where(a => a is not ("--demo" or "verify"))];

// The settings lie beside the solution and are copied beside the program. Nothing is watched for changes while it runs: a watcher over
// a folder that holds the database costs a twentieth of the throughput.
var builder = WebApplication.CreateBuilder([.. settings, "--hostBuilder:reloadConfigOnChange=false"]);
builder.Configuration.Sources.Clear();
builder.Configuration.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: false, reloadOnChange: false);
builder.Configuration.AddEnvironmentVariables();
builder.Configuration.AddCommandLine(settings);
builder.WebHost.ConfigureKestrel(server => server.AddServerHeader = false);
builder.WebHost.UseStaticWebAssets();

builder.Services.AddMonitorOptions(builder.Configuration).AddStorage().AddGovernance().AddAccounts().AddDashboard();
builder.Services.AddSignalR();
builder.Services.AddDemo();

var app = builder.Build();
if (args.Contains("verify")) return Verification.Run(app.Services);

await Startup.PrepareAsync(app.Services);

app.UseSecurityHeaders();
app.UseExceptionHandler("/error");
app.UseMiddleware<Problems>();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();

app.MapDecisions();
app.MapOperators();
app.MapEvents();
app.MapOpenApiDocument();
app.MapHealth();
// Otherwise the pages' own "no such page" would answer a program.
app.Map("/v1/{**rest}", (RequestDelegate)(_ => throw new RefusedException(404, "no-such-resource", "there is nothing at this address for this method")));
app.MapAccounts();
app.MapHub<LiveHub>("/hubs/live");
app.MapSessionExport();
app.MapDashboard();
if (app.Services.GetRequiredService<IOptions<MonitorOptions>>().Value.BenchEndpoint) app.MapBench();

await app.StartAsync();
await Startup.OfferSetupAsync(app.Services, app.Urls);
if (args.Contains("--demo")) app.Services.GetRequiredService<DemoHost>().Start(app.Urls.First());
await app.WaitForShutdownAsync();
return 0;

/// <summary>The program; public for tests that host it.</summary>
public partial class Program;
