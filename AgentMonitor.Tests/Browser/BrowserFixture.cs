using System.Text.RegularExpressions;
using AgentMonitor.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace AgentMonitor.Tests.Browser;

/// <summary>The real program and a real Chromium, shared by the browser tests; they run one after the other.</summary>
public sealed partial class BrowserFixture : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("agentmonitor-browser-").FullName;
    private IPlaywright _playwright = null!;
    private string _signedIn = "";

    public ServerProcess Server { get; private set; } = null!;
    public IBrowser Chromium { get; private set; } = null!;
    public Api Api => Server.Api;
    public string Address => AddressOf(Server);

    public async ValueTask InitializeAsync()
    {
        Server = await ServerProcess.StartAsync(_data);
        _playwright = await Playwright.CreateAsync();
        Chromium = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        _signedIn = await SetUpAsync(Server);
    }

    public async ValueTask DisposeAsync()
    {
        await Chromium.DisposeAsync();
        _playwright.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>A page of a signed-in admin, in a browser profile of its own.</summary>
    public Task<IPage> OpenAsync(string path, int width = 1440, int height = 900, ColorScheme colours = ColorScheme.Light) => OpenAsync(Server, _signedIn, path, width, height, colours);

    /// <summary>The same on another program, such as one that plays the demo; <paramref name="signedIn"/> is what <see cref="SetUpAsync"/> answered.</summary>
    public async Task<IPage> OpenAsync(ServerProcess server, string signedIn, string path, int width = 1440, int height = 900, ColorScheme colours = ColorScheme.Light)
    {
        var context = await Chromium.NewContextAsync(new()
        {
            BaseURL = AddressOf(server),
            StorageState = signedIn,
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = colours,
            TimezoneId = "Europe/Berlin",
        });
        var page = await context.NewPageAsync();
        await GoAsync(page, path);
        return page;
    }

    /// <summary>Goes to a page and waits until its circuit has drawn it.</summary>
    public static async Task GoAsync(IPage page, string path)
    {
        await page.GotoAsync(path);
        await page.Locator("h1").First.WaitForAsync();
    }

    /// <summary>Makes the first account the way a new user does, by the link that the program prints at its first start.</summary>
    /// <returns>The browser's state, signed in.</returns>
    public async Task<string> SetUpAsync(ServerProcess server)
    {
        for (var i = 0; i < 600 && !SetupLink().IsMatch(server.Output); i++) await Task.Delay(50);
        var context = await Chromium.NewContextAsync(new() { BaseURL = AddressOf(server) });
        var page = await context.NewPageAsync();
        await page.GotoAsync(SetupLink().Match(server.Output).Value);
        await page.GetByLabel("Your name").FillAsync("dana");
        await page.GetByLabel("Password").FillAsync("correct horse battery staple");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the account" }).ClickAsync();
        await page.Locator("h1").First.WaitForAsync();
        var state = await context.StorageStateAsync();
        await context.CloseAsync();
        return state;
    }

    private static string AddressOf(ServerProcess server) => server.Api.Http.BaseAddress!.ToString().TrimEnd('/');

    [GeneratedRegex(@"http://\S+/account/setup\?token=[0-9a-f]+", RegexOptions.NonBacktracking)]
    private static partial Regex SetupLink();
}

/// <summary>Browser tests share one program and one Chromium.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class BrowserCollection : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser";
}
