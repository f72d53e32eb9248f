using System.Text.Json.Nodes;
using AgentMonitor.Tests.Support;
using Xunit;

namespace AgentMonitor.Tests.Http;

/// <summary>What ends by itself ends at its instant, and waiting for a person ends when the person answers.</summary>
public sealed class TimeTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData("/v1/agents/{0}/quarantine", "quarantined")]
    [InlineData("/v1/agents/{0}/tools/clock/disable", "tool-disabled")]
    [InlineData("/v1/agents/{0}/sessions/s/quarantine", "quarantined")]
    [InlineData("/v1/stop", "stopped")]
    public async Task Switch_WithAnEnd_HoldsUntilExactlyThen(string path, string reason)
    {
        var clock = new ManualTimeProvider();
        await using var server = await TestServer.StartAsync(clock: clock);
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        var until = clock.GetUtcNow().AddMinutes(10);
        (await server.Api.OperatorAsync("PUT", string.Format(path, agent.Id), new { reason = "for a while", until })).Expect(200);
        clock.Advance(TimeSpan.FromMinutes(10) - Moment);
        Assert.Equal(reason, (await agent.CallAsync("s", "clock")).Expect(200).ReasonCode);
        clock.Advance(Moment);
        Assert.Equal("allow", (await agent.CallAsync("s", "clock")).Expect(200).Decision);
        // And it is written down that it ended, by nobody.
        JsonObject? expired = null;
        while (expired is null) expired = (await server.Api.EventsAsync(0, "&kind=switch")).FirstOrDefault(e => e["data"]!["change"]!.GetValue<string>() == "expired");
        Assert.Null(expired["actor"]);
    }

    [Fact]
    public async Task Approval_ThatNobodyAnswers_ExpiresAndCannotBeGivenAfterwards()
    {
        var clock = new ManualTimeProvider();
        await using var server = await TestServer.StartAsync(clock: clock);
        var agent = await server.Api.RegisterAsync(new { unclassifiedTools = "pending" });
        var asked = (await agent.CallAsync("s", "pay", new { amount = 1 }, "c")).Expect(200);
        Assert.Equal("pending", asked.Decision);
        var approval = asked.Json["approval"]!;
        Assert.Equal(clock.GetUtcNow().AddMinutes(30), approval["expiresAt"]!.GetValue<DateTimeOffset>());
        clock.Advance(TimeSpan.FromMinutes(30) - Moment);
        Assert.Equal("pending", (await agent.GetAsync($"/v1/tool-calls/{asked.DecisionId}")).Decision);
        clock.Advance(Moment);
        Assert.Equal("approval-ended", (await server.Api.OperatorAsync("POST", $"/v1/approvals/{approval["id"]}", new { decision = "approve" })).Expect(409).Code);
        clock.Advance(TimeSpan.FromSeconds(2));
        var ended = (await agent.GetAsync($"/v1/tool-calls/{asked.DecisionId}?wait=30")).Expect(200);
        Assert.Equal(("deny", "approval-expired", "Nobody answered in time, so this call was not approved."), (ended.Decision, ended.ReasonCode, ended.Message));
        Assert.Equal("approval-expired", (await agent.CallAsync("s", "pay", new { amount = 1 }, "c")).Expect(200).ReasonCode);
        Assert.Empty(ended.Labels);
    }

    [Fact]
    public async Task Wait_WhileAPersonDecides_EndsWithTheAnswer()
    {
        await using var server = await TestServer.StartAsync();
        var agent = await server.Api.RegisterAsync(new { unclassifiedTools = "pending" });
        var asked = (await agent.CallAsync("s", "pay")).Expect(200);
        var waiting = Enumerable.Range(0, 5).Select(_ => agent.GetAsync($"/v1/tool-calls/{asked.DecisionId}?wait=60")).ToList();
        Assert.All(waiting, w => Assert.False(w.IsCompleted));
        (await server.Api.OperatorAsync("POST", $"/v1/approvals/{asked.Json["approval"]!["id"]}", new { decision = "approve" })).Expect(204);
        Assert.All(await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(30)), reply => Assert.Equal("allow", reply.Expect(200).Decision));
    }

    [Fact]
    public async Task Wait_WhenNobodyAnswers_EndsPendingAfterItsTime()
    {
        var clock = new ManualTimeProvider();
        // The clock runs until the request has waited, however long it takes to arrive: the approval must outlive that.
        await using var server = await TestServer.StartAsync(new() { ["AgentMonitor:Approvals:Expiry"] = "1000.00:00:00" }, clock);
        var agent = await server.Api.RegisterAsync(new { unclassifiedTools = "pending" });
        var asked = (await agent.CallAsync("s", "pay")).Expect(200);
        var waiting = agent.GetAsync($"/v1/tool-calls/{asked.DecisionId}?wait=20");
        while (!waiting.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Equal("pending", (await waiting).Expect(200).Decision);
    }

    [Fact]
    public async Task Approvals_AnsweredByManyAtOnce_AreAnsweredOnce()
    {
        await using var server = await TestServer.StartAsync();
        var agent = await server.Api.RegisterAsync(new { unclassifiedTools = "pending" });
        for (var i = 0; i < 20; i++)
        {
            var asked = (await agent.CallAsync($"s{i}", "pay")).Expect(200);
            var replies = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => server.Api.OperatorAsync("POST", $"/v1/approvals/{asked.Json["approval"]!["id"]}", new { decision = n % 2 == 0 ? "approve" : "reject" })));
            Assert.Single(replies, r => r.Status == 204);
            Assert.All(replies.Where(r => r.Status != 204), r => Assert.Equal("approval-ended", r.Expect(409).Code));
        }
        Assert.Equal(20, (await server.Api.EventsAsync(0, $"&agent={agent.Id}&kind=approval")).Count);
    }

    [Fact]
    public async Task EverythingThatHeld_AfterARestart_HoldsStill()
    {
        var data = Directory.CreateTempSubdirectory("agentmonitor-restart-");
        try
        {
            TestAgent agent, quarantined;
            Reply asked;
            await using (var server = await TestServer.StartAsync(dataDirectory: data.FullName))
            {
                agent = await (await server.Api.RegisterAsync(new { unclassifiedTools = "pending" })).WithTrifectaAsync();
                quarantined = await server.Api.RegisterAsync();
                await agent.CallAsync("s", "read");
                await agent.CallAsync("s", "sql", null, "c");
                asked = (await agent.CallAsync("t", "pay", new { amount = 5 })).Expect(200);
                (await server.Api.OperatorAsync("PUT", $"/v1/agents/{quarantined.Id}/quarantine", new { reason = "incident" })).Expect(200);
            }
            await using (var server = await TestServer.StartAsync(dataDirectory: data.FullName))
            {
                (agent, quarantined) = (agent with { Api = server.Api }, quarantined with { Api = server.Api });
                Assert.Equal("policy", (await agent.CallAsync("s", "comment")).Expect(200).ReasonCode);
                Assert.Equal(409, (await agent.CallAsync("s", "sql", new { other = 1 }, "c")).Status);
                Assert.Equal("quarantined", (await quarantined.CallAsync("s", "clock")).Expect(200).ReasonCode);
                (await server.Api.OperatorAsync("POST", $"/v1/approvals/{asked.Json["approval"]!["id"]}", new { decision = "approve" })).Expect(204);
                Assert.Equal("allow", (await agent.GetAsync($"/v1/tool-calls/{asked.DecisionId}")).Decision);
            }
        }
        finally { data.Delete(recursive: true); }
    }
}
