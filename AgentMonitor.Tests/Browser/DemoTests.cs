using AgentMonitor.Tests.Support;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace AgentMonitor.Tests.Browser;

/// <summary>What a newcomer sees: the program with its demo agent, which is attacked through a feature request.</summary>
[Collection(BrowserCollection.Name)]
public sealed class DemoTests(BrowserFixture browser)
{
    [Fact]
    public async Task Demo_DeniedMail_ShowsThatItsRecipientComesFromTheRequestAndNotFromTheUser()
    {
        var data = Directory.CreateTempSubdirectory("agentmonitor-demo-");
        await using (var server = await ServerProcess.StartDemoAsync(data.FullName))
        {
            var signedIn = await browser.SetUpAsync(server);
            var (session, denied) = await DeniedMailAsync(server.Api);
            var page = await browser.OpenAsync(server, signedIn, $"/agents/pm-portal/sessions/{session}");

            var recipient = page.Locator($"#decision-{denied} .destinations li").First;
            await Assertions.Expect(recipient).ToContainTextAsync("data-import@elsewhere.example");
            await Assertions.Expect(recipient).ToContainTextAsync("not vouched for");
            await Assertions.Expect(recipient).ToContainTextAsync("query_feature_requests");
            await Assertions.Expect(recipient).ToContainTextAsync("not from alice@example.com");
            Assert.Empty((await page.RunAxe()).Violations.Select(v => v.Id));

            await recipient.GetByRole(AriaRole.Link, new() { Name = "show the call" }).ClickAsync();
            var source = page.Locator(".story-named");
            await Assertions.Expect(source).ToContainTextAsync("query_feature_requests");
            await Assertions.Expect(source).ToBeInViewportAsync();
            Assert.Contains("?decision=", page.Url, StringComparison.Ordinal);
            await page.Context.CloseAsync();
        }
        data.Delete(recursive: true);
    }

    // The demo plays its conversations in turn; the mail comes within half a minute.
    private static async Task<(string Session, string Decision)> DeniedMailAsync(Api api)
    {
        for (var i = 0; i < 450; i++)
        {
            if ((await api.EventsAsync(filter: "&kind=tool-call&tool=send_email&decision=deny")) is [var denied, ..])
                return (denied["session"]!.GetValue<string>(), denied["decisionId"]!.GetValue<string>());
            await Task.Delay(200);
        }
        throw new TimeoutException("the demo's agent was not denied a mail within 90 seconds");
    }
}
