using System.Text.Json.Nodes;
using AgentMonitor.Tests.Support;
using Xunit;

namespace AgentMonitor.Tests.Conformance;

/// <summary>Runs <c>conformance/decisions.json</c>: stories of several requests, over HTTP and nothing else.</summary>
public sealed class DecisionScenarioTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly JsonObject File = ConformanceFile.Read("decisions.json");

    public static TheoryData<string> Scenarios => [.. File["scenarios"]!.AsArray().Select(s => s!["name"]!.GetValue<string>())];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Scenario_HasItsDecisions(string name)
    {
        var scenario = File["scenarios"]!.AsArray().Single(s => s!["name"]!.GetValue<string>() == name)!.AsObject();
        var run = new Run(server.Api);
        try
        {
            await run.PrepareAsync(scenario);
            var number = 0;
            foreach (var step in scenario["steps"]!.AsArray())
            {
                var difference = await run.StepAsync(step!.AsObject());
                Assert.True(difference is null, $"step {++number - 1}: {difference}");
            }
        }
        finally { await run.EndAsync(); }
    }

    private sealed class Run(Api api)
    {
        private readonly Dictionary<string, string> _values = [];
        private readonly Dictionary<string, TestAgent> _agents = [];
        private JsonNode? _policyBefore;

        public async Task PrepareAsync(JsonObject scenario)
        {
            _policyBefore = (await api.OperatorAsync("GET", "/v1/policy")).Expect(200).Json;
            if (scenario["policy"] is { } policy) await PolicyAsync(policy);
            foreach (var (name, wanted) in scenario["agents"]!.AsObject())
            {
                var agent = await api.RegisterAsync(wanted!["settings"] ?? new JsonObject());
                foreach (var (tool, tags) in wanted["tools"]!.AsObject()) await agent.WithToolAsync(tool, [.. tags!.AsArray().Select(t => t!.GetValue<string>())]);
                (_agents[name], _values[name]) = (agent, agent.Id);
            }
        }

        public async Task<string?> StepAsync(JsonObject step)
        {
            if (step["policy"] is { } policy)
            {
                await PolicyAsync(policy);
                return null;
            }
            if (step["fill"] is JsonArray fill)
            {
                for (var i = 0; i < fill[2]!.GetValue<int>(); i += 64)
                    await _agents[fill[0]!.GetValue<string>()].PostAsync($"/v1/sessions/{fill[1]}/labels", new { labels = Enumerable.Range(i, 64).Select(n => $"own-{n}") });
                return null;
            }
            var reply = step["call"] is JsonArray call ? await CallAsync(call, step) : await RequestAsync(step);
            var wanted = step["status"]?.GetValue<int>() ?? 200;
            if (reply.Status != wanted) return $"wanted {wanted}, got {reply.Status}: {reply.Text}";
            if (step["expect"] is { } expected && ConformanceFile.Difference(Fill(expected), reply.Json) is { } difference) return $"{difference} in {reply.Text}";
            foreach (var (name, pointer) in step["save"] as JsonObject ?? [])
                _values[name] = pointer!.GetValue<string>()[1..].Split('/').Aggregate(reply.Json, (node, part) => node[part]!).GetValue<string>();
            return null;
        }

        // What a scenario switched must not reach the next one.
        public async Task EndAsync()
        {
            foreach (var found in (await api.OperatorAsync("GET", "/v1/switches")).Expect(200).Json["items"]!.AsArray())
            {
                string Name(string member) => Uri.EscapeDataString(found![member]!.GetValue<string>());
                var path = found!["switch"]!.GetValue<string>() switch
                {
                    "stop" => "/v1/stop",
                    "user-quarantine" => $"/v1/users/{Name("user")}/quarantine",
                    "tool-disable" when Name("agent") == "%2A" || Name("agent") == "*" => $"/v1/agents/*/tools/{Name("tool")}/disable",
                    _ => null,
                };
                if (path is not null) await api.OperatorAsync("DELETE", path);
            }
            if (_policyBefore is not null) await PolicyAsync(_policyBefore["rules"]!);
        }

        private async Task<Reply> CallAsync(JsonArray call, JsonObject step)
        {
            var body = new JsonObject
            {
                ["session"] = new JsonObject { ["id"] = call[1]!.DeepClone() },
                ["tool"] = call[2]!.DeepClone(),
                ["arguments"] = call.Count > 3 ? call[3]!.DeepClone() : new JsonObject(),
            };
            foreach (var (pointer, value) in step["with"] as JsonObject ?? []) ConformanceFile.Set(body, pointer, value?.DeepClone());
            return await api.SendAsync("POST", "/v1/tool-calls", _agents[call[0]!.GetValue<string>()].Key, Api.Body(Fill(body)));
        }

        private Task<Reply> RequestAsync(JsonObject step)
        {
            var who = step["as"]!.GetValue<string>();
            return api.SendAsync(step["method"]!.GetValue<string>(), Fill(step["path"]!.GetValue<string>()), who == "operator" ? Api.OperatorToken : _agents[who].Key,
                step["body"] is { } body ? Api.Body(Fill(body)) : null);
        }

        private async Task PolicyAsync(JsonNode rules)
        {
            var revision = (await api.OperatorAsync("GET", "/v1/policy")).Expect(200).Json["revision"]!;
            (await api.OperatorAsync("PUT", "/v1/policy", new JsonObject { ["rules"] = rules.DeepClone() }, ("If-Match", $"\"{revision}\""))).Expect(200);
        }

        private JsonNode Fill(JsonNode node) => JsonNode.Parse(Fill(node.ToJsonString()))!;

        private string Fill(string text)
        {
            foreach (var (name, value) in _values) text = text.Replace($"${{{name}}}", value, StringComparison.Ordinal);
            return text;
        }
    }
}
