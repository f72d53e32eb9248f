using System.Text.Json.Nodes;

namespace AgentMonitor.Bench.Throughput;

/// <summary>The agent, its tools, and the policies that the benchmark compares.</summary>
internal static class Setup
{
    public const string Agent = "bench";
    private const int OwnTags = 16;

    /// <summary>What is measured, the yardstick first.</summary>
    public static IReadOnlyList<Workload> Workloads { get; } =
    [
        new("empty endpoint", "/bench/empty", 256, ["read_document"], "\"allow\""),
        new("allowed, labels unchanged", "/v1/tool-calls", 256, ["read_document"], "\"decision\":\"allow\""),
        new("denied", "/v1/tool-calls", 256, ["read_everything", "send_message"], "\"decision\":\"deny\""),
        new("allowed, adds a label", "/v1/tool-calls", OwnTags, [.. Enumerable.Range(0, OwnTags).Select(OwnTool)], "\"decision\":\"allow\""),
        new("allowed, first call of a session", "/v1/tool-calls", 1, ["read_document"], "\"decision\":\"allow\""),
        new("allowed, then its result", "/v1/tool-calls", 256, ["read_document"], "\"decision\":\"allow\"", Reports: true),
    ];

    public static async Task<string> RegisterAsync(OperatorClient operators)
    {
        await operators.SaveAgentAsync(Agent, "Load for measuring.");
        await Tool("read_document", "untrusted-content");
        await Tool("read_everything", "untrusted-content", "sensitive-data");
        await Tool("send_message", "external-communication", "state-change");
        for (var i = 0; i < OwnTags; i++) await Tool(OwnTool(i), $"own-{i}");
        return (await operators.CreateKeyAsync(Agent, "throughput")).Key;

        Task Tool(string name, params string[] tags) => operators.SaveToolAsync(Agent, name, new() { ["tags"] = Texts(tags) });
    }

    /// <summary>The starter policy and more rules up to <paramref name="count"/>, which speak of other tools, tags and agents, in turn.</summary>
    public static JsonArray WithOtherRules(JsonArray starter, int count)
    {
        var rules = starter.DeepClone().AsArray();
        for (var i = rules.Count; i < count; i++)
            rules.Add((i % 3) switch
            {
                0 => Rule(i, ["*"], [$"other_tool_{i}"], []),
                1 => Rule(i, ["*"], ["*"], [$"other-tag-{i}"]),
                _ => Rule(i, [$"other-agent-{i}"], ["*"], []),
            });
        return rules;
    }

    /// <summary>The starter policy and more rules up to <paramref name="count"/>, all of which speak of the called tool and are only told apart by the session.</summary>
    public static JsonArray WithMatchingScopes(JsonArray starter, int count)
    {
        var rules = starter.DeepClone().AsArray();
        for (var i = rules.Count; i < count; i++) rules.Add(Rule(i, ["*"], ["read_document"], []));
        return rules;
    }

    /// <summary>A rule that denies in sessions of a kind that the benchmark has none of. All members are written out.</summary>
    private static JsonObject Rule(int number, string[] agents, string[] tools, string[] tags) => new()
    {
        ["id"] = $"rule-{number}",
        ["name"] = $"Rule {number}",
        ["mode"] = "enforce",
        ["effect"] = "deny",
        ["agents"] = Texts(agents),
        ["tools"] = Texts(tools),
        ["tags"] = Texts(tags),
        ["session"] = new JsonObject { ["all"] = Texts($"absent-{number % 20}"), ["any"] = Texts(), ["none"] = Texts() },
        ["labels"] = Texts(),
        ["applies"] = "now",
    };

    private static string OwnTool(int number) => $"own_tool_{number}";

    private static JsonArray Texts(params string[] texts) => [.. texts.Select(text => JsonValue.Create(text))];
}
