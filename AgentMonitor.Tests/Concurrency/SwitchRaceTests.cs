using System.Text.Json.Nodes;
using AgentMonitor.Tests.Support;
using Xunit;

namespace AgentMonitor.Tests.Concurrency;

/// <summary>A control that looks on is on: from the moment its request is answered, with calls in flight all the time.</summary>
[Collection(nameof(Slow))]
public sealed class SwitchRaceTests(TestServer server) : IClassFixture<TestServer>
{
    private const int InFlight = 32;
    private const int Tries = 1_000;

    [Fact]
    public Task Quarantine_OnceAnswered_DeniesTheVeryNextCall() => RaceAsync(agent => $"/v1/agents/{agent.Id}/quarantine", "quarantined");

    [Fact]
    public async Task DisabledTool_OnceAnswered_DeniesTheVeryNextCallAndIsHidden() => await RaceAsync(agent => $"/v1/agents/{agent.Id}/tools/clock/disable", "tool-disabled", async agent =>
    {
        var shown = (await agent.ModelCallAsync("filter", "clock", "read")).Expect(200).Json;
        Assert.Equal("""["read"]""", shown["tools"]!.ToJsonString());
    });

    private async Task RaceAsync(Func<TestAgent, string> path, string reason, Func<TestAgent, Task>? whileSet = null)
    {
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        var start = await server.Api.SequenceAsync();
        using var ended = new CancellationTokenSource();
        var load = Enumerable.Range(0, InFlight).Select(i => Task.Run(async () =>
        {
            var answers = 0;
            while (!ended.IsCancellationRequested)
            {
                (await agent.CallAsync($"load-{i % 8}", "clock")).Expect(200);
                answers++;
            }
            return answers;
        })).ToList();

        try
        {
            for (var i = 0; i < Tries; i++)
            {
                (await server.Api.OperatorAsync("PUT", path(agent), new { reason = $"try {i}" })).Expect(200);
                var next = (await agent.CallAsync("next", "clock")).Expect(200);
                Assert.True(next is { Decision: "deny" } && next.ReasonCode == reason, $"try {i}: {next.Text}");
                if (whileSet is not null && i % 10 == 0) await whileSet(agent);
                (await server.Api.OperatorAsync("DELETE", path(agent))).Expect(204);
                Assert.Equal("allow", (await agent.CallAsync("next", "clock")).Expect(200).Decision);
            }
        }
        finally { await ended.CancelAsync(); }
        Assert.All(await Task.WhenAll(load), answers => Assert.True(answers > 0));

        // What happened while nobody looked: the ledger's order is the order in which things held.
        var set = false;
        var (allowed, denied) = (0, 0);
        foreach (var entry in await server.Api.EventsAsync(start, $"&agent={agent.Id}"))
        {
            if (Is(entry, "kind", "switch")) set = entry["data"]!["change"]!.GetValue<string>() == "set";
            if (!Is(entry, "kind", "tool-call")) continue;
            if (set) Assert.True(Is(entry, "decision", "deny"), $"allowed while the switch was set: {entry.ToJsonString()}");
            if (Is(entry, "decision", "allow")) allowed++; else denied++;
        }
        Assert.True(allowed > Tries && denied > Tries, $"{allowed} allowed, {denied} denied");
    }

    private static bool Is(JsonObject entry, string member, string value) => entry[member]?.GetValue<string>() == value;
}

/// <summary>Concurrent calls of one session are decided one after the other.</summary>
[Collection(nameof(Slow))]
public sealed class SessionRaceTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task SameCallId_SentAtOnce_GetsOneDecision()
    {
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        for (var i = 0; i < 100; i++)
        {
            var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => agent.CallAsync("s", "clock", new { i }, $"call-{i}")));
            Assert.Single(replies.Select(r => r.Expect(200).DecisionId).Distinct());
        }
        Assert.Equal(100, (await server.Api.EventsAsync(0, $"&agent={agent.Id}&kind=tool-call")).Count);
    }

    [Fact]
    public async Task SameCallId_SentAtOnceWithOtherArguments_IsAConflictForAllButOne()
    {
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        for (var i = 0; i < 50; i++)
        {
            var replies = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => agent.CallAsync("s", "clock", new { n }, $"call-{i}")));
            Assert.Single(replies, r => r.Status == 200);
            Assert.Equal(5, replies.Count(r => r.Status == 409 && r.Code == "call-id-conflict"));
        }
    }

    [Fact]
    public async Task Labels_UnderConcurrentCalls_NeverLetACommentThroughAfterBothWereGained()
    {
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        var start = await server.Api.SequenceAsync();
        for (var round = 0; round < 25; round++)
        {
            var session = $"race-{round}";
            var calls = Enumerable.Range(0, 64).Select(i => ((i * 7 + round) % 16) switch { 0 => "read", 1 => "sql", _ => "comment" });
            Assert.All(await Task.WhenAll(calls.Select(tool => agent.CallAsync(session, tool))), reply => reply.Expect(200));
        }

        var labels = new Dictionary<string, HashSet<string>>();
        var (allowed, denied) = (0, 0);
        foreach (var entry in await server.Api.EventsAsync(start, $"&agent={agent.Id}&kind=tool-call"))
        {
            var carried = labels.TryGetValue(entry["session"]!.GetValue<string>(), out var found) ? found : labels[entry["session"]!.GetValue<string>()] = [];
            var tool = entry["tool"]!.GetValue<string>();
            var isAllowed = entry["decision"]!.GetValue<string>() == "allow";
            if (tool == "comment")
            {
                Assert.Equal(!(carried.Contains("read") && carried.Contains("sql")), isAllowed);
                if (isAllowed) allowed++; else denied++;
            }
            if (isAllowed) carried.Add(tool);
        }
        Assert.True(denied > 100 && allowed > 0, $"{allowed} allowed, {denied} denied");
    }
}

/// <summary>What takes long or wants the machine for itself runs one after the other.</summary>
[CollectionDefinition(nameof(Slow), DisableParallelization = true)]
public sealed class Slow;
