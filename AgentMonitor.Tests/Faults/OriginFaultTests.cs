using System.Collections.Concurrent;
using AgentMonitor.Tests.Concurrency;
using AgentMonitor.Tests.Support;
using AgentMonitor.Web.Sessions;
using AgentMonitor.Web.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Xunit;

namespace AgentMonitor.Tests.Faults;

/// <summary>What was told and answered still vouches: after SIGKILL, out of memory, after a restart, in a database of the former version.</summary>
[Collection(nameof(Slow))]
public sealed class OriginFaultTests : IDisposable
{
    private const int Kills = 3;
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("agentmonitor-origins-");

    private string Database => Path.Combine(_data.FullName, "agentmonitor.db");

    [Fact]
    public async Task Kill_WhilePromptsAndResultsAreReported_LosesNoOriginThatWasAnswered()
    {
        var told = new ConcurrentDictionary<string, string>();
        var server = await ServerProcess.StartAsync(_data.FullName);
        try
        {
            var agent = await RegisterAsync(server.Api);
            for (var kill = 1; kill <= Kills; kill++)
            {
                var number = 0;
                using var enough = new CountdownEvent(60);
                var load = Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
                {
                    while (true)
                    {
                        var n = Interlocked.Increment(ref number);
                        var (session, value) = ($"s-{kill}-{worker}", $"name{kill}x{n}@acme.example");
                        try
                        {
                            // By turns in the user's words and in a trusted result.
                            var call = (await SayAsync(agent, session, "contacts", n % 2 == 0 ? $"Write to {value}" : null)).Expect(200);
                            if (n % 2 == 1) (await agent.PostAsync($"/v1/tool-calls/{call.DecisionId}/result", new { status = "ok", content = new[] { value } })).Expect(200);
                        }
                        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException) { return; }
                        told[value] = session;
                        if (enough.IsSet) continue;
                        try { enough.Signal(); }
                        catch (InvalidOperationException) { /* Another worker signalled last. */ }
                    }
                })).ToList();
                Assert.True(await Task.Run(() => enough.Wait(TimeSpan.FromSeconds(60))), server.Output);
                await server.KillAsync();
                await Task.WhenAll(load);
                await server.DisposeAsync();
                server = await ServerProcess.StartAsync(_data.FullName);
                agent = agent with { Api = server.Api };
            }
            foreach (var session in told.Values.Distinct()) (await agent.CallAsync(session, "read")).Expect(200);
            Assert.True(told.Count >= Kills * 60);
            await Parallel.ForEachAsync(told, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (value, _) =>
                Assert.Equal("allow", (await agent.CallAsync(value.Value, "send_mail", new { to = value.Key })).Expect(200).Decision));
            Assert.Equal("deny", (await agent.CallAsync(told.Values.First(), "send_mail", new { to = "mallory@evil.example" })).Expect(200).Decision);
        }
        finally { await server.DisposeAsync(); }
        Assert.Equal(0, (await ServerProcess.VerifyAsync(_data.FullName)).ExitCode);
    }

    [Fact]
    public async Task Session_ThatLeftMemory_KeepsItsOrigins()
    {
        await using var server = await TestServer.StartAsync(new() { ["AgentMonitor:Limits:SessionsInMemory"] = "100" }, dataDirectory: _data.FullName);
        var agent = await RegisterAsync(server.Api);
        await SayAsync(agent, "first", "contacts", "Write to bob@acme.example");
        await agent.CallAsync("first", "read");
        (await agent.CallAsync("first", "save_note", new { name = "Mallory Jones" })).Expect(200);
        for (var i = 0; i < 400 || server.Get<SessionRoom>().Peek(new(agent.Id, "first")) is not null; i++) (await agent.CallAsync($"s{i}", "contacts")).Expect(200);

        Assert.Equal("allow", (await agent.CallAsync("first", "send_mail", new { to = "bob@acme.example" })).Expect(200).Decision);
        Assert.Equal("deny", (await agent.CallAsync("first", "send_mail", new { to = "mallory@evil.example" })).Expect(200).Decision);
        // What it wrote itself is remembered too.
        var read = (await agent.CallAsync("first", "contacts")).Expect(200);
        (await agent.PostAsync($"/v1/tool-calls/{read.DecisionId}/result", new { status = "ok", content = new[] { "Mallory Jones" } })).Expect(200);
        Assert.Equal("deny", (await agent.CallAsync("first", "send_mail", new { to = "Mallory Jones" })).Expect(200).Decision);
    }

    [Fact]
    public async Task Salt_IsMadeOnce_AndStays()
    {
        TestAgent agent;
        string salt;
        await using (var server = await TestServer.StartAsync(dataDirectory: _data.FullName))
        {
            agent = await RegisterAsync(server.Api);
            await SayAsync(agent, "s", "contacts", "Write to bob@acme.example");
            salt = await SaltAsync();
            Assert.Matches("^[0-9a-f]{64}$", salt);
        }
        await using (var server = await TestServer.StartAsync(dataDirectory: _data.FullName))
        {
            agent = agent with { Api = server.Api };
            Assert.Equal(salt, await SaltAsync());
            await agent.CallAsync("s", "read");
            Assert.Equal("allow", (await agent.CallAsync("s", "send_mail", new { to = "bob@acme.example" })).Expect(200).Decision);
        }
        // Another installation has another.
        var other = Directory.CreateTempSubdirectory("agentmonitor-origins-");
        try
        {
            await using (await TestServer.StartAsync(dataDirectory: other.FullName)) Assert.NotEqual(salt, await SaltAsync(Path.Combine(other.FullName, "agentmonitor.db")));
        }
        finally { other.Delete(recursive: true); }
    }

    [Fact]
    public async Task Texts_ThatWereReported_AreNotInTheDatabase()
    {
        await using (var server = await TestServer.StartAsync(dataDirectory: _data.FullName))
        {
            var agent = await RegisterAsync(server.Api);
            var call = (await agent.CallAsync("s", "contacts")).Expect(200);
            (await agent.PostAsync($"/v1/tool-calls/{call.DecisionId}/result", new { status = "ok", content = new[] { "zanzibar-4711@acme.example" } })).Expect(200);
        }
        foreach (var file in _data.EnumerateFiles("agentmonitor.db*"))
            Assert.Equal(-1, File.ReadAllBytes(file.FullName).AsSpan().IndexOf("zanzibar-4711"u8));
    }

    [Fact]
    public async Task Database_OfTheFormerSchema_IsMigratedAtTheStart()
    {
        TestAgent agent;
        await using (var server = await TestServer.StartAsync(dataDirectory: _data.FullName))
        {
            agent = await RegisterAsync(server.Api);
            (await agent.CallAsync("s", "read", callId: "c")).Expect(200);
        }
        // Back to what the first version wrote: without origins, a salt and trusted destinations.
        await using (var context = new MonitorDbContext(new DbContextOptionsBuilder<MonitorDbContext>().UseSqlite($"Data Source={Database};Pooling=False").Options))
        {
            await context.GetService<IMigrator>().MigrateAsync("Initial");
            await context.Database.ExecuteSqlRawAsync("DELETE FROM controls WHERE kind = 'salt'; UPDATE controls SET document = json_remove(document, '$.trustedDestinations', '$.TrustedDestinations') WHERE kind = 'agent'");
            Assert.NotEmpty(await context.Database.GetPendingMigrationsAsync());
        }
        await using (var server = await TestServer.StartAsync(dataDirectory: _data.FullName))
        {
            agent = agent with { Api = server.Api };
            Assert.Equal(["untrusted-content"], (await agent.CallAsync("s", "read", callId: "c")).Expect(200).Labels);
            Assert.Equal("deny", (await agent.CallAsync("s", "send_mail", new { to = "bob@acme.example" })).Expect(200).Decision);
            await SayAsync(agent, "s", "contacts", "Write to bob@acme.example");
            Assert.Equal("allow", (await agent.CallAsync("s", "send_mail", new { to = "bob@acme.example" })).Expect(200).Decision);
            Assert.Empty((await server.Api.OperatorAsync("GET", $"/v1/agents/{agent.Id}")).Expect(200).Json["trustedDestinations"]!.AsArray());
        }
        Assert.Equal(0, (await ServerProcess.VerifyAsync(_data.FullName)).ExitCode);
    }

    private static async Task<TestAgent> RegisterAsync(Api api)
    {
        (await api.OperatorAsync("PUT", "/v1/policy/preset", new { preset = "strict" })).Expect(200);
        var agent = await api.RegisterAsync();
        await agent.WithToolAsync("read", "untrusted-content");
        await agent.WithToolAsync("contacts");
        await agent.WithToolAsync("save_note", "state-change");
        (await api.OperatorAsync("PUT", $"/v1/agents/{agent.Id}/tools/send_mail", new { tags = new[] { "external-communication" }, destinations = new[] { "to" } })).Expect(200);
        return agent;
    }

    private static Task<Reply> SayAsync(TestAgent agent, string session, string tool, string? prompt) =>
        agent.PostAsync("/v1/tool-calls", new { session = new { id = session }, tool, prompt });

    private Task<string> SaltAsync() => SaltAsync(Database);

    private static async Task<string> SaltAsync(string database)
    {
        await using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) || ':' || MIN(document) FROM controls WHERE kind = 'salt'";
        var found = ((string)(await command.ExecuteScalarAsync())!).Split(':');
        Assert.Equal("1", found[0]);
        return found[1];
    }

    public void Dispose() => _data.Delete(recursive: true);
}
