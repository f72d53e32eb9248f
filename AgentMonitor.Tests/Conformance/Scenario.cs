using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentMonitor.Tests.Support;
using Xunit;

namespace AgentMonitor.Tests.Conformance;

/// <summary>Runs a story of several requests over HTTP and nothing else; <c>conformance/README.md</c> says what it consists of.</summary>
internal sealed partial class Scenario(Api api, JsonObject file)
{
    private readonly Dictionary<string, string> _values = [];
    private readonly Dictionary<string, TestAgent> _agents = [];
    private JsonNode? _policyBefore;

    public static TheoryData<string> Names(JsonObject file) => [.. file["scenarios"]!.AsArray().Select(s => s!["name"]!.GetValue<string>())];

    public static async Task RunAsync(Api api, JsonObject file, string name)
    {
        var scenario = file["scenarios"]!.AsArray().Single(s => s!["name"]!.GetValue<string>() == name)!.AsObject();
        var run = new Scenario(api, file);
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

    private async Task PrepareAsync(JsonObject scenario)
    {
        _policyBefore = (await api.OperatorAsync("GET", "/v1/policy")).Expect(200).Json;
        if (scenario["policy"] is { } policy) await PolicyAsync(policy);
        else if ((scenario["preset"] ?? file["preset"]) is { } preset) await PresetAsync(preset);
        foreach (var (name, wanted) in (scenario["agents"] ?? file["agents"])!.AsObject())
        {
            var agent = await api.RegisterAsync(wanted!["settings"] ?? scenario["settings"] ?? new JsonObject());
            foreach (var (tool, roles) in wanted["tools"]!.AsObject())
                if (roles is JsonArray tags) await agent.WithToolAsync(tool, [.. tags.Select(t => t!.GetValue<string>())]);
                else (await api.OperatorAsync("PUT", $"/v1/agents/{agent.Id}/tools/{tool}", roles!)).Expect(200);
            (_agents[name], _values[name]) = (agent, agent.Id);
        }
    }

    private async Task<string?> StepAsync(JsonObject step)
    {
        if (step["policy"] is { } policy)
        {
            await PolicyAsync(policy);
            return null;
        }
        if (step["preset"] is { } preset)
        {
            await PresetAsync(preset);
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
        if (step["explain"] is { } explained && await ExplainAsync(explained, reply) is { } wrong) return wrong;
        return step.ContainsKey("result") || step.ContainsKey("values") ? await ReportAsync(step, reply) : null;
    }

    // What a scenario switched must not reach the next one.
    private async Task EndAsync()
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
        if (step["prompt"] is { } prompt) body["prompt"] = prompt.DeepClone();
        foreach (var (pointer, value) in step["with"] as JsonObject ?? []) ConformanceFile.Set(body, pointer, value?.DeepClone());
        return await api.SendAsync("POST", "/v1/tool-calls", _agents[call[0]!.GetValue<string>()].Key, Api.Body(Fill(body)));
    }

    private Task<Reply> RequestAsync(JsonObject step)
    {
        var who = step["as"]!.GetValue<string>();
        var headers = (step["headers"] as JsonObject ?? []).Select(h => (h.Key, Fill(h.Value!.GetValue<string>()))).ToArray();
        return api.SendAsync(step["method"]!.GetValue<string>(), Fill(step["path"]!.GetValue<string>()), who == "operator" ? Api.OperatorToken : _agents[who].Key,
            step["body"] is { } body ? Api.Body(Fill(body)) : null, headers);
    }

    // How an operator sees the decision. The time of day in its sentences is no matter of the case.
    private async Task<string?> ExplainAsync(JsonNode wanted, Reply decided)
    {
        var explained = (await api.OperatorAsync("GET", $"/v1/tool-calls/{decided.DecisionId}?explain=full")).Expect(200);
        var text = TimeOfDay().Replace(explained.Json.ToJsonString(), "HH:MM:SS UTC");
        return ConformanceFile.Difference(Fill(wanted), JsonNode.Parse(text)) is { } difference ? $"explained: {difference} in {text}" : null;
    }

    private async Task<string?> ReportAsync(JsonObject step, Reply decided)
    {
        if (decided.Decision != "allow") return $"there is no result to report: {decided.Text}";
        // Many values: value-FROM, value-FROM+1, …
        var content = step["values"] is JsonArray range
            ? new JsonArray([.. Enumerable.Range(range[0]!.GetValue<int>(), range[1]!.GetValue<int>()).Select(i => (JsonNode)JsonValue.Create($"value-{i}"))])
            : step["result"]?.DeepClone();
        var body = new JsonObject { ["status"] = "ok", ["content"] = content };
        foreach (var (name, value) in step["report"] as JsonObject ?? []) body[name] = value?.DeepClone();
        var reply = await api.SendAsync("POST", $"/v1/tool-calls/{decided.DecisionId}/result", _agents[step["call"]![0]!.GetValue<string>()].Key, Api.Body(Fill(body)));
        return reply.Status == 200 ? null : $"the report got {reply.Status}: {reply.Text}";
    }

    private async Task PolicyAsync(JsonNode rules)
    {
        var revision = (await api.OperatorAsync("GET", "/v1/policy")).Expect(200).Json["revision"]!;
        (await api.OperatorAsync("PUT", "/v1/policy", new JsonObject { ["rules"] = rules.DeepClone() }, ("If-Match", $"\"{revision}\""))).Expect(200);
    }

    private async Task PresetAsync(JsonNode preset) => (await api.OperatorAsync("PUT", "/v1/policy/preset", new JsonObject { ["preset"] = preset.DeepClone() })).Expect(200);

    private JsonNode Fill(JsonNode node) => JsonNode.Parse(Fill(node.ToJsonString()))!;

    private string Fill(string text)
    {
        foreach (var (name, value) in _values) text = text.Replace($"${{{name}}}", value, StringComparison.Ordinal);
        return text;
    }

    [GeneratedRegex(@"\d\d:\d\d:\d\d UTC")]
    private static partial Regex TimeOfDay();
}
