using System.Diagnostics;
using System.Text.RegularExpressions;
using AgentMonitor.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace AgentMonitor.Tests.Browser;

/// <summary>Watching and stopping in a real browser, while agents work.</summary>
[Collection(BrowserCollection.Name)]
public sealed partial class LivePageTests(BrowserFixture browser)
{
    [Fact]
    public async Task Live_AtTwoHundredDecisionsASecond_ShowsEachWithinASecondAndStaysResponsive()
    {
        var agent = await (await browser.Api.RegisterAsync(id: "busy")).WithTrifectaAsync();
        var page = await browser.OpenAsync("/live?agent=busy");
        using var stop = new CancellationTokenSource();
        var load = LoadAsync(agent, perSecond: 200, stop.Token);

        // Ten thousand rows pass through the page first.
        var waited = Stopwatch.StartNew();
        while (Volatile.Read(ref s_sent) < 10_000 && waited.Elapsed < TimeSpan.FromMinutes(3)) await Task.Delay(200);
        Assert.True(s_sent >= 10_000, $"only {s_sent} decisions in {waited.Elapsed}");

        // How old is the newest row that is shown? Its argument says when it was sent.
        var ages = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            var text = await page.Locator("[data-row]").First.InnerTextAsync();
            var shown = int.Parse(Sent().Match(text).Groups["n"].Value);
            ages.Add(s_clock.Elapsed.TotalSeconds - s_sentAt[shown]);
            await Task.Delay(Random.Shared.Next(100, 400));
        }
        // A click is answered while rows arrive.
        var clicked = Stopwatch.StartNew();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("Resume") }).First.WaitForAsync();
        var answered = clicked.Elapsed;
        await stop.CancelAsync();
        await load;

        ages.Sort();
        Assert.True(ages[ages.Count / 2] < 1, $"the newest row shown was {string.Join(", ", ages.Select(d => d.ToString("0.00")))} s old");
        Assert.True(answered < TimeSpan.FromSeconds(2), $"Pause took {answered.TotalSeconds:0.00} s");
        var nodes = await page.EvaluateAsync<int>("document.querySelectorAll('*').length");
        Assert.True(nodes < 5_000, $"the page holds {nodes} elements: its lists are not bounded");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Quarantine_ClickedInOneBrowser_StopsTheAgentAndShowsInBoth()
    {
        var agent = await (await browser.Api.RegisterAsync(id: "runaway")).WithTrifectaAsync();
        Assert.Equal("allow", (await agent.CallAsync("s", "read")).Decision);
        var first = await browser.OpenAsync("/agents/runaway");
        var second = await browser.OpenAsync("/agents/runaway");

        await first.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Quarantine") }).First.ClickAsync();
        var dialog = first.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Textbox).First.FillAsync("it mails customers");
        await first.Keyboard.PressAsync("Enter");
        await Assertions.Expect(dialog.GetByText(new Regex("In force since", RegexOptions.IgnoreCase))).ToBeVisibleAsync();

        var next = await agent.CallAsync("s", "read");
        Assert.Equal(("deny", "quarantined"), (next.Decision, next.ReasonCode));
        await Assertions.Expect(second.GetByText("quarantined").First).ToBeVisibleAsync();
        await Assertions.Expect(second.GetByText("it mails customers").First).ToBeVisibleAsync();
        await first.Context.CloseAsync();
        await second.Context.CloseAsync();
    }

    [Fact]
    public async Task Drawer_OfADeniedCallOnTheLivePage_QuarantinesTheAgent()
    {
        var agent = await (await browser.Api.RegisterAsync(id: "drawer")).WithTrifectaAsync();
        foreach (var tool in (string[])["read", "sql", "comment"]) (await agent.CallAsync("s", tool)).Expect(200);
        var page = await browser.OpenAsync("/live?agent=drawer&decision=deny");

        await page.GetByText("no-exfiltration").First.ClickAsync();
        await Assertions.Expect(page.GetByText(new Regex("had read untrusted content")).First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("Quarantine agent|Quarantine the agent", RegexOptions.IgnoreCase) }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).Last.GetByRole(AriaRole.Textbox).First.FillAsync("attack");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText(new Regex("In force since", RegexOptions.IgnoreCase)).First).ToBeVisibleAsync();

        Assert.Equal("quarantined", (await agent.CallAsync("other", "clock")).ReasonCode);
        await page.Context.CloseAsync();
    }

    private static readonly Stopwatch s_clock = Stopwatch.StartNew();
    // Seconds on that clock when each call was sent.
    private static readonly double[] s_sentAt = new double[1_000_000];
    private static int s_sent;

    [GeneratedRegex(@"\bn: (?<n>\d+)", RegexOptions.NonBacktracking)]
    private static partial Regex Sent();

    // Paced by the clock: when the machine falls behind, the next calls follow at once.
    private static async Task LoadAsync(TestAgent agent, int perSecond, CancellationToken stop)
    {
        var started = Stopwatch.StartNew();
        string[] tools = ["read", "sql", "comment", "clock"];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            for (var i = worker; !stop.IsCancellationRequested; i += 8)
            {
                var due = TimeSpan.FromSeconds((double)i / perSecond) - started.Elapsed;
                if (due > TimeSpan.Zero) await Task.Delay(due, CancellationToken.None);
                s_sentAt[i] = s_clock.Elapsed.TotalSeconds;
                (await agent.CallAsync($"load-{i / 40}", tools[i % 4], new { n = i })).Expect(200);
                Interlocked.Increment(ref s_sent);
            }
        }));
    }
}
