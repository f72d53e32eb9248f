using System.Collections.Concurrent;
using AgentMonitor.Tests.Concurrency;
using AgentMonitor.Tests.Support;
using Xunit;

namespace AgentMonitor.Tests.Faults;

/// <summary>SIGKILL under load, again and again: what was answered stays true.</summary>
[Collection(nameof(Slow))]
public sealed class KillTests : IDisposable
{
    private const int Kills = 20;
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("agentmonitor-kill-");

    [Fact]
    public async Task Kill_UnderLoad_LosesNothingThatWasAnswered()
    {
        var answered = new ConcurrentDictionary<string, (string CallId, int N, string Session, string Decision, string Reason)>();
        var labels = new ConcurrentDictionary<string, string[]>();
        TestAgent? agent = null, quarantined = null;
        var server = await ServerProcess.StartAsync(_data.FullName);
        try
        {
            agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
            quarantined = await server.Api.RegisterAsync();
            (await server.Api.OperatorAsync("PUT", $"/v1/agents/{quarantined.Id}/quarantine", new { reason = "stays" })).Expect(200);
            var asked = 0;
            for (var kill = 1; kill <= Kills; kill++)
            {
                // A tool is disabled or enabled in each round; what its answer said holds afterwards.
                var disabled = kill % 2 == 1;
                (await server.Api.OperatorAsync(disabled ? "PUT" : "DELETE", $"/v1/agents/{agent.Id}/tools/switched/disable", disabled ? new { reason = "round" } : null)).Expect(disabled ? 200 : 204);

                using var enough = new CountdownEvent(150);
                var load = Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
                {
                    while (true)
                    {
                        var n = Interlocked.Increment(ref asked);
                        var (session, tool) = ($"s-{kill}-{worker % 4}", (n % 5) switch { 0 => "read", 1 => "sql", 2 => "comment", _ => "clock" });
                        Reply reply;
                        try { reply = await agent.CallAsync(session, tool, new { n }, $"c-{n}"); }
                        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException) { return; }
                        reply.Expect(200);
                        answered[reply.DecisionId!] = ($"c-{n}", n, session, reply.Decision!, reply.ReasonCode!);
                        labels.AddOrUpdate(session, reply.Labels, (_, known) => [.. known.Union(reply.Labels)]);
                        if (!enough.IsSet)
                        {
                            try { enough.Signal(); }
                            catch (InvalidOperationException) { /* Another worker signalled last. */ }
                        }
                    }
                })).ToList();
                Assert.True(await Task.Run(() => enough.Wait(TimeSpan.FromSeconds(60))), server.Output);
                await server.KillAsync();
                await Task.WhenAll(load);
                await server.DisposeAsync();

                server = await ServerProcess.StartAsync(_data.FullName);
                (agent, quarantined) = (agent with { Api = server.Api }, quarantined with { Api = server.Api });
                Assert.Equal("quarantined", (await quarantined.CallAsync("s", "clock")).Expect(200).ReasonCode);
                Assert.Equal(disabled ? "tool-disabled" : "default", (await agent.CallAsync($"check-{kill}", "switched")).Expect(200).ReasonCode);
                // The newest answers, asked again: the same decision, and the session still knows what it read.
                foreach (var (id, call) in answered.Where(a => a.Value.Session.StartsWith($"s-{kill}-", StringComparison.Ordinal)).OrderByDescending(a => a.Value.N).Take(10))
                {
                    var tool = (call.N % 5) switch { 0 => "read", 1 => "sql", 2 => "comment", _ => "clock" };
                    var again = (await agent.CallAsync(call.Session, tool, new { n = call.N }, call.CallId)).Expect(200);
                    Assert.Equal((id, call.Decision, call.Reason), (again.DecisionId, again.Decision, again.ReasonCode));
                    Assert.Subset(again.Labels.ToHashSet(), labels[call.Session].ToHashSet());
                }
            }

            var ledger = (await server.Api.EventsAsync(0, $"&agent={agent.Id}&kind=tool-call")).ToDictionary(e => e["decisionId"]!.GetValue<string>());
            foreach (var (id, call) in answered)
            {
                Assert.True(ledger.TryGetValue(id, out var entry), $"{id} was answered and is not in the ledger");
                Assert.Equal((call.CallId, call.Decision, call.Reason), (entry["callId"]!.GetValue<string>(), entry["decision"]!.GetValue<string>(), entry["reason"]!.GetValue<string>()));
            }
            Assert.True(answered.Count >= Kills * 150);
        }
        finally { await server.DisposeAsync(); }

        var (exitCode, output) = await ServerProcess.VerifyAsync(_data.FullName);
        Assert.True(exitCode == 0, output);
        Assert.Contains("entries holds", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_AfterAnEntryWasChangedInTheFile_FailsAndNamesIt()
    {
        await using (var server = await ServerProcess.StartAsync(_data.FullName))
        {
            var agent = await server.Api.RegisterAsync();
            for (var i = 0; i < 5; i++) (await agent.CallAsync("s", "clock")).Expect(200);
        }
        long sequence;
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_data.FullName, "agentmonitor.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT MIN(sequence) FROM ledger WHERE kind = 'tool-call'";
            sequence = (long)(await command.ExecuteScalarAsync())!;
            command.CommandText = $"UPDATE ledger SET decision = 'deny' WHERE sequence = {sequence}";
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }
        var (exitCode, output) = await ServerProcess.VerifyAsync(_data.FullName);
        Assert.Equal(1, exitCode);
        Assert.Contains($"breaks at entry {sequence}", output, StringComparison.Ordinal);
    }

    public void Dispose() => _data.Delete(recursive: true);
}
