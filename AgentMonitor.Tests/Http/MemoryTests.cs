using AgentMonitor.Tests.Support;
using AgentMonitor.Web.Sessions;
using Xunit;

namespace AgentMonitor.Tests.Http;

/// <summary>What leaves memory is not forgotten.</summary>
public sealed class MemoryTests
{
    [Fact]
    public async Task Session_ThatLeftMemory_KeepsItsLabelsAndItsCallIds()
    {
        await using var server = await TestServer.StartAsync(new() { ["AgentMonitor:Limits:SessionsInMemory"] = "100" });
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        var first = (await agent.CallAsync("first", "read", new { a = 1 }, "c")).Expect(200);
        await agent.CallAsync("first", "sql");
        for (var i = 0; i < 400 || server.Get<SessionRoom>().Peek(new(agent.Id, "first")) is not null; i++) (await agent.CallAsync($"s{i}", "clock")).Expect(200);
        Assert.Equal(first.DecisionId, (await agent.CallAsync("first", "read", new { a = 1 }, "c")).Expect(200).DecisionId);
        Assert.Equal(409, (await agent.CallAsync("first", "read", new { a = 2 }, "c")).Status);
        Assert.Equal("policy", (await agent.CallAsync("first", "comment")).Expect(200).ReasonCode);
    }

    [Fact]
    public async Task CallId_OfLongAgo_GetsItsDecisionAgain()
    {
        await using var server = await TestServer.StartAsync();
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        var first = (await agent.CallAsync("s", "clock", new { n = 0 }, "c-0")).Expect(200);
        for (var i = 1; i <= AgentMonitor.Core.Sessions.RecentCalls.DefaultCapacity + 5; i++) (await agent.CallAsync("s", "clock", new { n = i }, $"c-{i}")).Expect(200);
        Assert.Equal(first.DecisionId, (await agent.CallAsync("s", "clock", new { n = 0 }, "c-0")).Expect(200).DecisionId);
        Assert.Equal(409, (await agent.CallAsync("s", "clock", new { n = 1 }, "c-0")).Status);
    }

    [Fact]
    public async Task CallId_DeniedWhileASwitchHeld_HasItsFirstDecisionAfterARestartToo()
    {
        var data = Directory.CreateTempSubdirectory("agentmonitor-replay-");
        try
        {
            TestAgent agent;
            string id;
            await using (var server = await TestServer.StartAsync(dataDirectory: data.FullName))
            {
                agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
                id = (await agent.CallAsync("s", "clock", null, "c")).Expect(200).DecisionId!;
                (await server.Api.OperatorAsync("PUT", "/v1/stop", new { reason = "incident" })).Expect(200);
                Assert.Equal("stopped", (await agent.CallAsync("s", "clock", null, "c")).Expect(200).ReasonCode);
            }
            await using (var server = await TestServer.StartAsync(dataDirectory: data.FullName))
            {
                agent = agent with { Api = server.Api };
                Assert.Equal("stopped", (await agent.CallAsync("s", "clock", null, "c")).Expect(200).ReasonCode);
                (await server.Api.OperatorAsync("DELETE", "/v1/stop")).Expect(204);
                var again = (await agent.CallAsync("s", "clock", null, "c")).Expect(200);
                Assert.Equal((id, "allow"), (again.DecisionId, again.Decision));
            }
        }
        finally { data.Delete(recursive: true); }
    }

    [Fact]
    public async Task Tool_NamedForTheFirstTime_IsListedUnclassifiedAndAChangeOfItIsRecorded()
    {
        await using var server = await TestServer.StartAsync();
        var agent = await server.Api.RegisterAsync();
        async Task<int> Recorded(string action) => (await server.Api.EventsAsync(0, $"&agent={agent.Id}&kind=registry&tool=new_tool")).Count(e => e["data"]!["action"]!.GetValue<string>() == action);
        async Task Offer(string description) => (await agent.PostAsync("/v1/model-calls", new { session = new { id = "s" }, tools = new[] { new { name = "new_tool", description, schema = new { type = "object" } } } })).Expect(200);
        await Offer("reads mail");
        while (await Recorded("tool-seen") == 0) await Task.Yield();
        var listed = (await server.Api.OperatorAsync("GET", $"/v1/agents/{agent.Id}/tools")).Expect(200).Json["items"]![0]!;
        Assert.Equal("new_tool reads mail False", $"{listed["name"]} {listed["description"]} {listed["classified"]!.GetValue<bool>()}");
        await Offer("reads mail and sends it on");
        while (await Recorded("tool-changed") == 0) await Task.Yield();
        Assert.Equal(1, await Recorded("tool-seen"));
    }
}
