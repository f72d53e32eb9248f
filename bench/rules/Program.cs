using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using AgentMonitor.Bench;
using AgentMonitor.Bench.Rules;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Tools;

// What one evaluation of the policy costs with more and more rules, beside the same with ten.
if (args is not ([] or ["--markdown"]))
{
    await Console.Error.WriteLineAsync("usage: dotnet run -c Release --project bench/rules [-- --markdown]");
    return 2;
}
var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
var agent = new AgentDefinition { Id = Policies.AgentOf(0), Name = "Agent", Owner = "support" };
var key = new SessionKey(agent.Id, "s-1");
var originKey = OriginKey.For(new byte[OriginKey.SaltLength], key);
var session = (SessionState.New(key, at) with { Origins = OriginIndex.Empty.Add(OriginBatch.Of(new(at, null, null, "alice"), OriginReader.Prompt(originKey, "Send the report to bob@example.com"))) })
    .WithLabels([new(Tag.UntrustedContent, LabelSource.ToolCall, at, "d-1", "read_inbox", null, [])]);
using var reading = JsonDocument.Parse("""{"folder":"inbox","unread":true,"limit":20}""");
using var sending = JsonDocument.Parse("""{"to":["bob@example.com"],"subject":"Report","body":"The report for July is attached. All figures are final."}""");
(string Name, ToolDefinition Tool, JsonElement Arguments)[] calls =
[
    ("reads", new(agent.Id, "read_inbox", [new(Tag.UntrustedContent), new(Tag.SensitiveData)]) { FirstSeenAt = at }, reading.RootElement),
    ("sends, destinations looked up", new(agent.Id, "send_email", [new(Tag.ExternalCommunication)]) { Destinations = ["to"], FreeText = ["body"], FirstSeenAt = at }, sending.RootElement),
];

var table = new Table(2, "rules", "call", "considered", "ratio to 10 rules", "median ns", "p99 ns", "bytes", "compiling ms");
foreach (var conditions in new[] { false, true })
    Series(conditions ? "mixed, one in ten with a condition" : "mixed", count => Policies.Mixed(count, conditions));
Series("all of the called tool", count => Policies.OfOneTool(count, "read_inbox"), only: "reads");
Console.WriteLine(table.ToString(args.Length == 1));
return 0;

void Series(string name, Func<int, PolicyDocument> make, string? only = null)
{
    var ten = new Dictionary<string, double>(StringComparer.Ordinal);
    foreach (var count in new[] { 10, 100, 1_000, 10_000 })
    {
        var started = Stopwatch.GetTimestamp();
        var policy = CompiledPolicy.Compile(make(count), 1, CelConditionCompiler.Instance, out var errors) ?? throw new InvalidOperationException(errors[0].ToString());
        var compiling = Stopwatch.GetElapsedTime(started);
        var snapshot = new ControlSnapshot { Revision = 1, Policy = policy, Agents = ImmutableDictionary<string, AgentDefinition>.Empty.Add(agent.Id, agent) };
        foreach (var (call, tool, arguments) in calls)
        {
            if (only is not null && call != only) continue;
            var tags = tool.TagsFor(arguments, out _);
            var facts = new CallFacts { Agent = agent, Users = [new("alice", false, [])], Session = session, Tool = tool, Arguments = arguments, Tags = tags, Now = at, OriginKey = originKey,
                Evidence = new CallEvidence(agent, session, tags, originKey, new CallTimes(), new CallTimes()) };
            var cost = Cost.Of(() => (long)DecisionEngine.Evaluate(snapshot, facts).Outcome, count >= 1_000 && only is not null ? 50 : 1_000, 300, TimeSpan.FromSeconds(1));
            ten.TryAdd(call, cost.Median);
            table.Add($"{count:N0} {name}", call, $"{policy.Rules.Count(rule => Considered(rule.Document, tool.Name, tags))}", $"{cost.Median / ten[call]:0.00}", $"{cost.Median:0}", $"{cost.P99:0}", $"{cost.Bytes:0}", $"{compiling.TotalMilliseconds:0}");
        }
    }
}

// The rules whose agents, tools and tags speak of the call: what the index leaves to be looked at.
bool Considered(RuleDocument rule, string tool, ImmutableArray<string> tags) =>
    rule.Mode != RuleMode.Off && rule.Agents.Any(a => Glob.Matches(a, agent.Id)) && rule.Tools.Any(t => Glob.Matches(t, tool)) && (rule.Tags.IsEmpty || rule.Tags.Any(t => tags.Contains(t)));
