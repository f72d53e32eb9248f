using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentMonitor.Tests.Support;

/// <summary>An answer, read to its end.</summary>
public sealed record Reply(int Status, string Text, string? ContentType, HttpResponseHeaders Headers)
{
    public JsonNode Json => JsonNode.Parse(Text) ?? throw new InvalidOperationException("the answer is null");
    public string? Code => Field("code");
    public string? Decision => Field("decision");
    public string? ReasonCode => Field("reason", "code");
    public string? Message => Field("reason", "message");
    public string? DecisionId => Field("decisionId");
    public string[] Labels => [.. Json["session"]!["labels"]!.AsArray().Select(l => l!.GetValue<string>())];

    public Reply Expect(int status) => Status == status ? this : throw new InvalidOperationException($"wanted {status}, got {Status}: {Text}");

    private string? Field(params string[] path)
    {
        if (Text.Length == 0) return null;
        var node = (JsonNode?)Json;
        foreach (var name in path) node = node is JsonObject found ? found[name] : null;
        return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }
}

/// <summary>The API as clients see it: HTTP and nothing else.</summary>
public sealed class Api(HttpClient http)
{
    public const string OperatorToken = "operator-token-for-tests-0123456789";

    private static int _agents;

    public HttpClient Http => http;

    public async Task<Reply> SendAsync(string method, string path, string? token, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.MediaType, response.Headers);
    }

    public Task<Reply> OperatorAsync(string method, string path, object? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(method, path, OperatorToken, body is null ? null : Body(body), headers);

    public static HttpContent Body(object body) => new StringContent(body as string ?? JsonSerializer.Serialize(body, JsonSerializerOptions.Web), Encoding.UTF8, "application/json");

    /// <summary>Registers an agent with a fresh id and a key.</summary>
    public async Task<TestAgent> RegisterAsync(object? settings = null, string? id = null)
    {
        id ??= $"agent-{Interlocked.Increment(ref _agents)}";
        (await OperatorAsync("PUT", $"/v1/agents/{id}", settings ?? new { })).Expect(200);
        var key = (await OperatorAsync("POST", $"/v1/agents/{id}/keys", new { name = "test" })).Expect(201).Json["key"]!.GetValue<string>();
        return new(this, id, key);
    }

    /// <summary>The ledger after a sequence.</summary>
    public async Task<List<JsonObject>> EventsAsync(long after = 0, string filter = "")
    {
        var all = new List<JsonObject>();
        while (true)
        {
            var page = (await OperatorAsync("GET", $"/v1/events?after={after}&limit=1000{filter}")).Expect(200).Json;
            var items = page["items"]!.AsArray();
            all.AddRange(items.Select(i => i!.AsObject()));
            if (items.Count < 1000) return all;
            after = page["next"]!.GetValue<long>();
        }
    }

    /// <summary>The newest sequence of the ledger.</summary>
    public async Task<long> SequenceAsync()
    {
        var text = (await SendAsync("GET", "/metrics", null)).Expect(200).Text;
        var line = text.Split('\n').Single(l => l.StartsWith("agentmonitor_ledger_last_sequence ", StringComparison.Ordinal));
        return long.Parse(line.Split(' ')[1]);
    }
}

/// <summary>A registered agent with its key.</summary>
public sealed record TestAgent(Api Api, string Id, string Key)
{
    /// <summary>Classifies a tool. A tag is a name, or <c>name?argument</c> when it holds only with that argument.</summary>
    public async Task<TestAgent> WithToolAsync(string tool, params string[] tags)
    {
        var list = tags.Select(t => t.Split('?')).Select(p => p.Length == 1 ? (object)p[0] : new { name = p[0], whenArgument = p[1] }).ToList();
        (await Api.OperatorAsync("PUT", $"/v1/agents/{Id}/tools/{Uri.EscapeDataString(tool)}", new { tags = list })).Expect(200);
        return this;
    }

    /// <summary>The three tools of the trifecta, and one without tags.</summary>
    public async Task<TestAgent> WithTrifectaAsync()
    {
        await WithToolAsync("read", "untrusted-content");
        await WithToolAsync("sql", "sensitive-data");
        await WithToolAsync("comment", "external-communication");
        return await WithToolAsync("clock");
    }

    public Task<Reply> PostAsync(string path, object body) => Api.SendAsync("POST", path, Key, Api.Body(body));

    public Task<Reply> CallAsync(string session, string tool, object? arguments = null, string? callId = null) =>
        PostAsync("/v1/tool-calls", new { session = new { id = session }, tool, arguments = arguments ?? new { }, callId });

    public Task<Reply> ModelCallAsync(string session, params string[] tools) =>
        PostAsync("/v1/model-calls", new { session = new { id = session }, tools = tools.Select(name => new { name }) });

    public Task<Reply> GetAsync(string path) => Api.SendAsync("GET", path, Key);
}
