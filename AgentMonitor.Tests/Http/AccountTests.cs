using System.Net;
using System.Text.RegularExpressions;
using AgentMonitor.Tests.Support;
using AgentMonitor.Web.Identity;
using Xunit;

namespace AgentMonitor.Tests.Http;

/// <summary>People's way in: the one-time link, signing in and out, and what must not work.</summary>
public sealed partial class AccountTests : IDisposable
{
    private const string Password = "correct horse battery";
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("agentmonitor-accounts-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task SetupLink_MakesTheFirstAdminOnce()
    {
        await using var server = await ServerProcess.StartAsync(_data.FullName);
        var token = await PrintedTokenAsync(server);
        foreach (var wrong in new[] { "", "0123", new string('0', token.Length) })
        {
            using var stranger = new Browser(server.Api.Http.BaseAddress!);
            Assert.DoesNotContain("<form", (await stranger.GetAsync($"/account/setup?token={wrong}")).Text, StringComparison.Ordinal);
        }

        using var browser = new Browser(server.Api.Http.BaseAddress!);
        var page = await browser.GetAsync($"/account/setup?token={token}");
        var refused = await browser.PostAsync("/account/setup", page, ("token", token), ("name", "dana"), ("password", "short"));
        Assert.Contains("role=\"alert\"", refused.Text, StringComparison.Ordinal);
        var made = await browser.PostAsync("/account/setup", page, ("token", token), ("name", "dana"), ("password", Password));
        Assert.Equal((302, "/"), (made.Status, made.Location));
        // Signed in by it.
        Assert.Equal(200, (await browser.GetAsync("/")).Status);

        using var another = new Browser(server.Api.Http.BaseAddress!);
        Assert.DoesNotContain("<form", (await another.GetAsync($"/account/setup?token={token}")).Text, StringComparison.Ordinal);
        // Nor by sending what the form would have sent.
        await another.PostAsync("/account/setup", await another.GetAsync("/account/sign-in"), ("token", token), ("name", "eve"), ("password", Password));
        Assert.Equal(200, (await another.SignInAsync("eve", Password, "/")).Status);
        Assert.Equal(302, (await another.SignInAsync("dana", Password, "/")).Status);
    }

    [Fact]
    public async Task SetupLink_OnceThereIsAnAccount_IsNotPrintedAgain()
    {
        await using (var first = await TestServer.StartAsync(dataDirectory: _data.FullName)) await first.Get<AccountActions>().CreateAsync(Admin, "dana", Password, OperatorRole.Admin);
        await using var server = await ServerProcess.StartAsync(_data.FullName);
        (await server.Api.SendAsync("GET", "/readyz", null)).Expect(200);
        await server.StopAsync();
        Assert.DoesNotContain("setup?token", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_AndOut_OpensAndClosesThePages()
    {
        await using var server = await WithAccountAsync("vic", OperatorRole.Viewer);
        using var browser = new Browser(server.Address);
        Assert.Equal("/account/sign-in", (await browser.GetAsync("/")).LocationPath);
        var signedIn = await browser.SignInAsync("vic", Password, "/policy?tab=1");
        Assert.Equal((302, "/policy?tab=1"), (signedIn.Status, signedIn.Location));
        Assert.Equal(200, (await browser.GetAsync("/")).Status);
        var page = await browser.GetAsync("/account/sign-in");
        Assert.Equal(302, (await browser.PostAsync("/account/sign-out", page)).Status);
        Assert.Equal("/account/sign-in", (await browser.GetAsync("/")).LocationPath);
        Assert.Equal(["signed-in", "signed-out"], (await server.Api.EventsAsync(0, "&kind=sign-in")).Select(e => e["data"]!["action"]!.GetValue<string>()));
    }

    [Fact]
    public async Task SignIn_WithAWrongPassword_TellsNobodyWhichAccountsExist()
    {
        await using var server = await WithAccountAsync("vic", OperatorRole.Viewer);
        using var browser = new Browser(server.Address);
        var wrong = await browser.SignInAsync("vic", "wrong password!", "/");
        var unknown = await browser.SignInAsync("nobody", "wrong password!", "/");
        Assert.Equal(Alert(wrong), Alert(unknown));
        Assert.Equal("/account/sign-in", (await browser.GetAsync("/")).LocationPath);
    }

    [Fact]
    public async Task SignIn_AfterFiveFailures_IsLockedEvenWithTheRightPassword()
    {
        await using var server = await WithAccountAsync("vic", OperatorRole.Viewer);
        using var browser = new Browser(server.Address);
        for (var i = 0; i < 5; i++) Assert.Equal(200, (await browser.SignInAsync("vic", "wrong password!", "/")).Status);
        Assert.Contains("locked", Alert(await browser.SignInAsync("vic", Password, "/")), StringComparison.Ordinal);
        Assert.Equal("/account/sign-in", (await browser.GetAsync("/")).LocationPath);
    }

    [Theory]
    [InlineData("/account/sign-in")]
    [InlineData("/account/sign-out")]
    [InlineData("/account/setup")]
    public async Task Form_WithoutItsToken_IsRefused(string path)
    {
        await using var server = await WithAccountAsync("vic", OperatorRole.Viewer);
        using var browser = new Browser(server.Address);
        Assert.Equal(400, (await browser.PostAsync(path, null, ("name", "vic"), ("password", Password), ("token", "x"))).Status);
        Assert.Equal("/account/sign-in", (await browser.GetAsync("/")).LocationPath);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("/\t/evil.example/")]
    [InlineData("/\r/evil.example/")]
    [InlineData("\t//evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("evil.example")]
    [InlineData("")]
    public async Task SignIn_ToAnAddressElsewhere_GoesHome(string returnUrl)
    {
        await using var server = await WithAccountAsync("vic", OperatorRole.Viewer);
        using var browser = new Browser(server.Address);
        var reply = await browser.SignInAsync("vic", Password, returnUrl);
        Assert.Equal((302, "/"), (reply.Status, reply.Location));
    }

    [Fact]
    public async Task Account_ThatIsDisabled_CannotSignInAndItsPagesEndWithinAMinute()
    {
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await WithAccountAsync("vic", OperatorRole.Operator, clock);
        using var browser = new Browser(server.Address);
        await browser.SignInAsync("vic", Password, "/");
        Assert.Equal(200, (await browser.GetAsync("/")).Status);
        var accounts = server.Get<AccountActions>();
        var id = (await accounts.ListAsync(Admin, default)).Single(a => a.Name == "vic").Id;
        await accounts.SetDisabledAsync(Admin, id, true);
        using var another = new Browser(server.Address);
        Assert.NotEqual(302, (await another.SignInAsync("vic", Password, "/")).Status);
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("/account/sign-in", (await browser.GetAsync("/")).LocationPath);
        Assert.NotEqual(200, (await browser.PostAsync("/hubs/live/negotiate?negotiateVersion=1", null)).Status);
    }

    [Fact]
    public async Task Account_OfTheLastAdmin_CanNeitherBeDisabledNorDemoted()
    {
        await using var server = await WithAccountAsync("dana", OperatorRole.Admin);
        var accounts = server.Get<AccountActions>();
        var id = (await accounts.ListAsync(Admin, default)).Single().Id;
        Assert.Equal("last-admin", (await Assert.ThrowsAsync<Web.Configuration.RefusedException>(() => accounts.SetDisabledAsync(Admin, id, true))).Code);
        Assert.Equal("last-admin", (await Assert.ThrowsAsync<Web.Configuration.RefusedException>(() => accounts.SetRoleAsync(Admin, id, OperatorRole.Author))).Code);
        await accounts.CreateAsync(Admin, "second", Password, OperatorRole.Admin);
        await accounts.SetRoleAsync(Admin, id, OperatorRole.Viewer);
        Assert.Equal(OperatorRole.Viewer, (await accounts.ListAsync(Admin, default)).Single(a => a.Id == id).Role);
    }

    [Fact]
    public async Task Cookie_OfASignedInPerson_OpensNothingOfTheApi()
    {
        // So no page of another site can make a browser act.
        await using var server = await WithAccountAsync("dana", OperatorRole.Admin);
        using var browser = new Browser(server.Address);
        await browser.SignInAsync("dana", Password, "/");
        Assert.Equal(401, (await browser.GetAsync("/v1/agents")).Status);
    }

    private static Operator Admin => new("test", OperatorRole.Admin);

    private static async Task<TestServer> WithAccountAsync(string name, OperatorRole role, TimeProvider? clock = null)
    {
        var server = await TestServer.StartAsync(clock: clock);
        await server.Get<AccountActions>().CreateAsync(Admin, name, Password, role);
        return server;
    }

    private static async Task<string> PrintedTokenAsync(ServerProcess server)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (Printed().Match(server.Output) is { Success: true } link) return link.Groups["token"].Value;
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [GeneratedRegex("/account/setup\\?token=(?<token>[0-9a-f]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Printed();

    private static string Alert(Page page) => Error().Match(page.Text).Groups["text"].Value is { Length: > 0 } text ? text : throw new InvalidOperationException($"{page.Status}: {page.Text}");

    [GeneratedRegex("role=\"alert\"[^>]*>(?<text>[^<]+)<", RegexOptions.NonBacktracking)]
    private static partial Regex Error();

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"(?<token>[^\"]+)\"", RegexOptions.NonBacktracking)]
    private static partial Regex Token();

    private sealed record Page(int Status, string Text, string? Location)
    {
        public string? LocationPath => Location?.Split('?')[0].Replace("http://", "", StringComparison.Ordinal) is { } path && path.Contains('/', StringComparison.Ordinal) ? path[path.IndexOf('/', StringComparison.Ordinal)..] : Location;
    }

    /// <summary>Keeps cookies, follows nothing.</summary>
    private sealed class Browser(Uri address) : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address };

        public async Task<Page> GetAsync(string path)
        {
            using var response = await _http.GetAsync(path);
            return await ReadAsync(response);
        }

        public async Task<Page> PostAsync(string path, Page? form, params (string Name, string Value)[] fields)
        {
            var all = fields.ToDictionary(f => f.Name, f => f.Value);
            if (form is not null) all["__RequestVerificationToken"] = WebUtility.HtmlDecode(Token().Match(form.Text).Groups["token"].Value);
            using var content = new FormUrlEncodedContent(all);
            using var response = await _http.PostAsync(path, content);
            return await ReadAsync(response);
        }

        public async Task<Page> SignInAsync(string name, string password, string returnUrl) =>
            await PostAsync("/account/sign-in", await GetAsync("/account/sign-in"), ("name", name), ("password", password), ("returnUrl", returnUrl));

        public void Dispose() => _http.Dispose();

        private static async Task<Page> ReadAsync(HttpResponseMessage response) =>
            new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location?.OriginalString);
    }
}
