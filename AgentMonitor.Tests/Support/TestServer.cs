using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace AgentMonitor.Tests.Support;

/// <summary>
/// The real program in this process, on a random port of Kestrel, with a data directory of its own. As a class fixture one server
/// serves a class; tests that need settings, a clock or a restart start their own.
/// </summary>
public sealed class TestServer : IAsyncLifetime
{
    private readonly Dictionary<string, string> _settings;
    private readonly TimeProvider? _clock;
    private readonly bool _ownsData;
    private Factory? _factory;

    public TestServer() : this([], null, null) { }

    private TestServer(Dictionary<string, string> settings, TimeProvider? clock, string? dataDirectory)
    {
        (_settings, _clock, _ownsData) = (settings, clock, dataDirectory is null);
        DataDirectory = dataDirectory ?? Directory.CreateTempSubdirectory("agentmonitor-test-").FullName;
    }

    public string DataDirectory { get; }
    public string Database => Path.Combine(DataDirectory, "agentmonitor.db");
    public Uri Address { get; private set; } = null!;
    public Api Api { get; private set; } = null!;
    public IServiceProvider Services => _factory!.Services;

    /// <summary>Starts a server of its own for a test.</summary>
    /// <param name="settings">Settings, such as <c>AgentMonitor:Approvals:Expiry</c>.</param>
    /// <param name="clock">The program's clock.</param>
    /// <param name="dataDirectory">A folder that outlives the server; null: a new one that goes with it.</param>
    public static async Task<TestServer> StartAsync(Dictionary<string, string>? settings = null, TimeProvider? clock = null, string? dataDirectory = null)
    {
        var server = new TestServer(settings ?? [], clock, dataDirectory);
        await server.InitializeAsync();
        return server;
    }

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    /// <summary>A client of its own, without credentials, that follows no redirect; cookies are kept when asked for.</summary>
    public HttpClient Client(bool cookies = false) => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = cookies, MaxConnectionsPerServer = 256 })
    {
        BaseAddress = Address,
        Timeout = TimeSpan.FromSeconds(90),
    };

    public ValueTask InitializeAsync()
    {
        _factory = new(this);
        _factory.UseKestrel(0);
        _factory.StartServer();
        Address = _factory.ClientOptions.BaseAddress;
        Api = new(Client());
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        Api.Http.Dispose();
        if (_factory is not null) await _factory.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        if (_ownsData) Directory.Delete(DataDirectory, recursive: true);
    }

    private sealed class Factory(TestServer server) : WebApplicationFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Production");
            builder.UseSetting("urls", "http://127.0.0.1:0");
            builder.UseSetting("Logging:LogLevel:Default", "Error");
            builder.UseSetting("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Error");
            builder.UseSetting("AgentMonitor:DataDirectory", server.DataDirectory);
            builder.UseSetting("AgentMonitor:Bootstrap:OperatorToken", Api.OperatorToken);
            foreach (var (name, value) in server._settings) builder.UseSetting(name, value);
            if (server._clock is { } clock) builder.ConfigureTestServices(services => services.Replace(ServiceDescriptor.Singleton(clock)));
        }
    }
}
