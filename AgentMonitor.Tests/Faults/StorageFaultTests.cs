using System.Diagnostics;
using AgentMonitor.Tests.Concurrency;
using AgentMonitor.Tests.Support;
using Microsoft.Data.Sqlite;
using Xunit;

namespace AgentMonitor.Tests.Faults;

/// <summary>A ledger that cannot record decides nothing, says so, and goes on by itself when it can.</summary>
[Collection(nameof(Slow))]
public sealed class StorageFaultTests
{
    private static readonly Dictionary<string, string> Impatient = new() { ["AgentMonitor:Storage:QueueTimeout"] = "00:00:02" };

    [Fact]
    public async Task Decision_WhileTheDatabaseIsLocked_IsRefusedAndLeavesNothingBehind()
    {
        await using var server = await TestServer.StartAsync(Impatient);
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        (await agent.CallAsync("s", "clock")).Expect(200);
        var before = await server.Api.SequenceAsync();
        using (Lock(server))
        {
            var refused = await Task.WhenAll(agent.CallAsync("s", "read", callId: "while-locked"), agent.CallAsync("t", "read"), agent.ModelCallAsync("u", "read"),
                agent.PostAsync("/v1/sessions/v/labels", new { labels = new[] { "own" } }));
            Assert.All(refused, reply =>
            {
                Assert.Equal(503, reply.Status);
                Assert.Contains(reply.Code, new[] { "ledger-busy", "ledger-unavailable" });
                Assert.Equal("application/problem+json", reply.ContentType);
                Assert.True(reply.Headers.Contains("Retry-After"));
            });
        }
        // By itself: nobody restarts anything.
        await EventuallyAsync(async () => (await server.Api.SendAsync("GET", "/readyz", null)).Status == 200 && (await agent.CallAsync("after", "clock")).Status == 200);
        var entries = await server.Api.EventsAsync(before, $"&agent={agent.Id}&kind=tool-call");
        foreach (var session in new[] { "s", "t" })
        {
            // Either nothing of it was kept, or decision and labels both, which a client that asks again is told.
            var recorded = entries.Any(e => e["session"]!.GetValue<string>() == session);
            Assert.Equal(recorded ? ["untrusted-content"] : [], (await agent.CallAsync(session, "clock")).Expect(200).Labels);
        }
        var again = (await agent.CallAsync("s", "read", callId: "while-locked")).Expect(200);
        Assert.Single((await server.Api.EventsAsync(0, $"&agent={agent.Id}&kind=tool-call")).Where(e => e["callId"]?.GetValue<string>() == "while-locked"), e => e["decisionId"]!.GetValue<string>() == again.DecisionId);
    }

    [Fact]
    public async Task Readiness_AfterTheDatabaseWasLocked_ComesBackWithoutARequest()
    {
        // Whoever sends requests only to what is ready would wait for ever otherwise.
        await using var server = await TestServer.StartAsync(Impatient);
        var agent = await server.Api.RegisterAsync();
        using (Lock(server)) Assert.Equal(503, (await agent.ModelCallAsync("s")).Status);
        await EventuallyAsync(async () => (await server.Api.SendAsync("GET", "/readyz", null)).Status == 200);
    }

    [Fact]
    public async Task Switch_WhileTheDatabaseIsLocked_IsRefusedAndDoesNotLookOnAfterwards()
    {
        await using var server = await TestServer.StartAsync(Impatient);
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        using (Lock(server))
        {
            var refused = await server.Api.OperatorAsync("PUT", $"/v1/agents/{agent.Id}/quarantine", new { reason = "incident" });
            Assert.Equal(503, refused.Status);
        }
        await EventuallyAsync(async () => (await agent.CallAsync("s", "clock")).Status == 200);
        var listed = (await server.Api.OperatorAsync("GET", "/v1/switches")).Expect(200).Json["items"]!.AsArray().Count;
        var recorded = (await server.Api.EventsAsync(0, "&kind=switch")).Count;
        Assert.Equal(listed == 0 ? "allow" : "deny", (await agent.CallAsync("s", "clock")).Expect(200).Decision);
        Assert.Equal(recorded, listed);
    }

    [Fact]
    public async Task Key_RevokedAgainAfterTheFirstAttemptFailed_StaysRevokedAfterARestart()
    {
        var data = Directory.CreateTempSubdirectory("agentmonitor-revoke-");
        try
        {
            TestAgent agent;
            await using (var server = await TestServer.StartAsync(Impatient, dataDirectory: data.FullName))
            {
                agent = await server.Api.RegisterAsync();
                var path = $"/v1/agents/{agent.Id}/keys/{agent.Key.Split('_')[1]}";
                using (Lock(server)) Assert.Equal(503, (await server.Api.OperatorAsync("DELETE", path)).Status);
                var other = await server.Api.RegisterAsync();
                await EventuallyAsync(async () => (await other.CallAsync("s", "clock")).Status == 200);
                (await server.Api.OperatorAsync("DELETE", path)).Expect(204);
                Assert.Equal(401, (await agent.CallAsync("s", "clock")).Status);
            }
            await using (var server = await TestServer.StartAsync(dataDirectory: data.FullName))
                Assert.Equal(401, (await (agent with { Api = server.Api }).CallAsync("s", "clock")).Status);
        }
        finally { data.Delete(recursive: true); }
    }

    [Fact]
    public async Task Decision_WhenTheDiskIsFull_IsRefusedUntilThereIsRoomAgain()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("limits the size of files with the tools of Linux");
        var data = Directory.CreateTempSubdirectory("agentmonitor-full-");
        try
        {
            // No file may grow beyond 1.5 MB: to SQLite that is a full disk. The soft limit can be lifted again.
            await using var server = await ServerProcess.StartAsync(data.FullName, "trap '' XFSZ; ulimit -S -f 1536", ("DOTNET_EnableWriteXorExecute", "0"));
            var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
            var big = new string('x', 1_900);
            Reply reply;
            var answered = 0;
            do
            {
                reply = await agent.CallAsync("s", "clock", new { big, answered });
                answered++;
            }
            while (reply.Status == 200 && answered < 5_000);
            Assert.Equal((503, "ledger-unavailable"), (reply.Status, reply.Code));
            Assert.Equal(503, (await server.Api.SendAsync("GET", "/readyz", null)).Status);
            Assert.Equal(200, (await server.Api.SendAsync("GET", "/livez", null)).Status);

            using (var lift = Process.Start("prlimit", $"--pid {server.Id} --fsize=unlimited")) await lift.WaitForExitAsync();
            await EventuallyAsync(async () => (await agent.CallAsync("s", "clock")).Status == 200);
            Assert.Equal(200, (await server.Api.SendAsync("GET", "/readyz", null)).Status);
            var recorded = await server.Api.EventsAsync(0, $"&agent={agent.Id}&kind=tool-call");
            Assert.InRange(recorded.Count, answered, answered + 200);
            await server.DisposeAsync();
            Assert.Equal(0, (await ServerProcess.VerifyAsync(data.FullName)).ExitCode);
        }
        finally { data.Delete(recursive: true); }
    }

    private static SqliteConnection Lock(TestServer server)
    {
        var connection = new SqliteConnection($"Data Source={server.Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        command.ExecuteNonQuery();
        return connection;
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
