using System.Text.Json;
using AgentMonitor.Tests.Support;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace AgentMonitor.Tests.Browser;

/// <summary>Every page, wide and narrow, light and dark: no accessibility violation, no sideways scrolling, no error in the console.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PagesTests(BrowserFixture browser)
{
    private static readonly string[] Pages =
    [
        "/", "/live", "/agents", "/agents/{agent}", "/agents/{agent}?tab=sessions", "/agents/{agent}?tab=denials", "/agents/{agent}?tab=keys", "/agents/{agent}?tab=settings",
        "/tools", "/agents/{agent}/tools/send_email", "/agents/{agent}/tools/none", "/sessions", "/agents/{agent}/sessions/tainted", "/policy", "/approvals", "/audit", "/users", "/decisions/{denied}", "/live?open={denied}", "/nowhere",
    ];

    public static TheoryData<string, int, ColorScheme> Views()
    {
        var views = new TheoryData<string, int, ColorScheme>();
        foreach (var page in Pages)
            foreach (var width in (int[])[1440, 390])
                foreach (var colours in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
                    views.Add(page, width, colours);
        return views;
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Page_InEachSizeAndColour_HasNoViolation(string path, int width, ColorScheme colours)
    {
        var (agent, denied) = await StoryAsync();
        var page = await browser.OpenAsync(path.Replace("{agent}", agent, StringComparison.Ordinal).Replace("{denied}", denied, StringComparison.Ordinal), width, width < 500 ? 844 : 900, colours);
        var errors = new List<string>();
        page.PageError += (_, error) => errors.Add(error);
        // Skeletons give way to content; what is still busy is not what a person reads.
        await Assertions.Expect(page.Locator("[aria-busy=true]")).ToHaveCountAsync(0);

        var result = await page.RunAxe();

        Assert.True(result.Violations.Length == 0, $"{path} {width} {colours}:\n{string.Join("\n", result.Violations.Select(v => $"{v.Id}: {v.Help}\n  {string.Join("\n  ", v.Nodes.Take(3).Select(n => n.Html))}"))}");
        Assert.Equal(0, await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Empty(errors);
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData("/account/sign-in")]
    [InlineData("/account/setup?token=used")]
    public async Task AccountPage_WithoutSignIn_HasNoViolation(string path)
    {
        var context = await browser.Chromium.NewContextAsync(new() { BaseURL = browser.Address });
        var page = await context.NewPageAsync();
        await BrowserFixture.GoAsync(page, path);

        Assert.Empty((await page.RunAxe()).Violations.Select(v => v.Id));
        await context.CloseAsync();
    }

    [Fact]
    public async Task Page_WithoutSignIn_LeadsToSignInAndBack()
    {
        var context = await browser.Chromium.NewContextAsync(new() { BaseURL = browser.Address });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/audit");
        await page.GetByLabel("Name").FillAsync("dana");
        await page.GetByLabel("Password").FillAsync("correct horse battery staple");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Audit", Level = 1 })).ToBeVisibleAsync();
        await context.CloseAsync();
    }

    [Fact]
    public async Task Session_OfADeniedCall_TellsWhatLabelledIt()
    {
        var (agent, _) = await StoryAsync();
        var page = await browser.OpenAsync($"/agents/{agent}/sessions/tainted");

        var story = page.Locator("main");
        foreach (var words in (string[])["read", "sql", "comment", "untrusted-content", "sensitive-data", "denied"]) await Assertions.Expect(story.GetByText(words).Locator("visible=true").First).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Names_WithMarkup_AreShownAsText()
    {
        const string Attack = "<img src=x onerror=\"document.title='owned'\">";
        var agent = await (await browser.Api.RegisterAsync()).WithTrifectaAsync();
        (await agent.PostAsync("/v1/tool-calls", new
        {
            session = new { id = Attack },
            users = new[] { new { id = Attack } },
            tool = Attack,
            arguments = new Dictionary<string, string> { [Attack] = Attack },
            prompt = Attack,
        })).Expect(200);
        var decision = (await agent.CallAsync(Attack, "comment", new { body = Attack })).Expect(200).DecisionId;

        foreach (var path in (string[])["/live", $"/live?open={decision}", $"/agents/{agent.Id}", $"/agents/{agent.Id}/tools/{Uri.EscapeDataString(Attack)}", "/tools", "/agents/{agent}/tools/send_email", "/agents/{agent}/tools/none", "/sessions", $"/agents/{agent.Id}/sessions/{Uri.EscapeDataString(Attack)}", "/audit", $"/decisions/{decision}"])
        {
            var page = await browser.OpenAsync(path);
            await Assertions.Expect(page.Locator("[aria-busy=true]")).ToHaveCountAsync(0);
            Assert.NotEqual("owned", await page.TitleAsync());
            Assert.Equal(0, await page.Locator("img[src=x]").CountAsync());
            await page.Context.CloseAsync();
        }
    }

    // One agent with a denied call, a pending one, an unclassified tool, a disabled one and a quarantined session.
    private async Task<(string Agent, string Denied)> StoryAsync()
    {
        if (s_story is { } known) return known;
        var agent = await (await browser.Api.RegisterAsync(new { name = "Product management", owner = "product@example.com", unclassifiedTools = "pending" }, "story")).WithTrifectaAsync();
        (await agent.PostAsync("/v1/model-calls", new { session = new { id = "tainted" }, prompt = "Please triage request 7.", tools = new[] { new { name = "read" }, new { name = "sql" }, new { name = "comment" } } })).Expect(200);
        foreach (var tool in (string[])["read", "sql"])
        {
            var call = (await agent.PostAsync("/v1/tool-calls", new { session = new { id = "tainted" }, users = new[] { new { id = "alice@example.com", roles = new[] { "pm" } } }, tool, arguments = new { id = 7 }, callId = tool, prompt = "Please triage request 7." })).Expect(200);
            (await agent.PostAsync($"/v1/tool-calls/{call.DecisionId}/result", new { status = "ok", durationMs = 12, content = "…" })).Expect(200);
        }
        var denied = (await agent.CallAsync("tainted", "comment", new { request_id = 7, body = "the hash" })).Expect(200);
        Assert.Equal("deny", denied.Decision);
        Assert.Equal("pending", (await agent.CallAsync("waiting", "deploy", new { to = "production" })).Decision);
        (await agent.PostAsync("/v1/tool-calls", new { session = new { id = "child", parents = new[] { new { agent = agent.Id, id = "tainted" } } }, tool = "comment", arguments = new { } })).Expect(200);
        var email = new { properties = new { to = new { type = "string", format = "email" }, body = new { type = "string", description = "What it says." } } };
        (await agent.PostAsync("/v1/model-calls", new { session = new { id = "asking" }, tools = new[] { new { name = "send_email", description = "Sends an e-mail.", schema = email } } })).Expect(200);
        // What is offered is written down behind the answer, and nothing is shown of a tool before.
        while ((await browser.Api.OperatorAsync("GET", $"/v1/agents/{agent.Id}/tools/send_email")).Status != 200) TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        (await browser.Api.OperatorAsync("PUT", $"/v1/agents/{agent.Id}/tools/send_email", new { tags = new[] { "external-communication" }, resultMetadata = new[] { "*", "!body" } })).Expect(200);
        (await browser.Api.OperatorAsync("PUT", $"/v1/agents/{agent.Id}/tools/clock/disable", new { reason = "not needed until Monday" })).Expect(200);
        (await browser.Api.OperatorAsync("PUT", $"/v1/agents/{agent.Id}/sessions/waiting/quarantine", new { reason = "looks odd" })).Expect(200);
        (await browser.Api.OperatorAsync("POST", $"/v1/agents/{agent.Id}/keys", new { name = "second" })).Expect(201);
        Assert.Equal("pending", (await agent.CallAsync("asking", "deploy", new { to = "staging" })).Decision);
        s_story = (agent.Id, denied.DecisionId!);
        return s_story.Value;
    }

    private static (string Agent, string Denied)? s_story;
}
