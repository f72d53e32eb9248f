using System.Text;
using System.Text.Json.Nodes;
using AgentMonitor.Tests.Support;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Identity;
using AgentMonitor.Web.Live;
using Xunit;

namespace AgentMonitor.Tests.Conformance;

/// <summary>Runs <c>conformance/bad-input.json</c>: every refusal has its status and code, and leaves nothing behind.</summary>
public sealed class BadInputTests(BadInputTests.World world) : IClassFixture<BadInputTests.World>
{
    private static readonly JsonObject File = ConformanceFile.Read("bad-input.json");

    public static TheoryData<string, string> Bodies => Cross("bodies", endpoint => endpoint["body"] is not null);
    public static TheoryData<string, string> Credentials => Cross("credentials", _ => true);

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var found in File["cases"]!.AsArray())
                foreach (var endpoint in Endpoints(found!)) data.Add(found!["name"]!.GetValue<string>(), endpoint);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public Task Body_ThatCannotBeTaken_IsRefusedAndChangesNothing(string name, string endpoint) => RunAsync("bodies", name, endpoint);

    [Theory]
    [MemberData(nameof(Credentials))]
    public Task Credential_ThatIsNotKnown_IsRefusedAndChangesNothing(string name, string endpoint) => RunAsync("credentials", name, endpoint);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Request_ThatIsWrong_IsRefusedAndChangesNothing(string name, string endpoint) => RunAsync("cases", name, endpoint);

    private async Task RunAsync(string list, string name, string endpointName)
    {
        var wanted = File[list]!.AsArray().Single(c => c!["name"]!.GetValue<string>() == name)!.AsObject();
        var endpoint = File["endpoints"]![endpointName]!.AsObject();
        string Text(string text)
        {
            if (wanted["replace"] is JsonObject replaced)
                foreach (var (from, to) in replaced) text = text.Replace(from, to!.GetValue<string>(), StringComparison.Ordinal);
            return world.Fill(text);
        }

        var method = (wanted["method"] ?? endpoint["method"])!.GetValue<string>();
        var path = Text((wanted["path"] ?? endpoint["path"])!.GetValue<string>()) + wanted["query"]?.GetValue<string>();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        var authorization = world.Authorization((wanted["as"] ?? endpoint["as"])!.GetValue<string>());
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        foreach (var (header, value) in (wanted["headers"] ?? endpoint["headers"]) as JsonObject ?? []) request.Headers.TryAddWithoutValidation(header, Text(value!.GetValue<string>()));
        if (Body(wanted, endpoint) is { } body)
        {
            request.Content = new ByteArrayContent(body(Text));
            if (!wanted.ContainsKey("contentType")) request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            else if (wanted["contentType"] is { } type) request.Content.Headers.TryAddWithoutValidation("Content-Type", type.GetValue<string>());
        }

        var before = world.State();
        using var response = await world.Server.Api.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();

        var statuses = wanted["status"] is JsonArray several ? several.Select(s => s!.GetValue<int>()).ToList() : [wanted["status"]!.GetValue<int>()];
        Assert.True(statuses.Contains((int)response.StatusCode), $"wanted {wanted["status"]}, got {(int)response.StatusCode}: {text}");
        if (!wanted.ContainsKey("code") || wanted["code"] is not null)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            var problem = JsonNode.Parse(text)!;
            Assert.Equal(wanted["code"]?.GetValue<string>(), problem["code"]?.GetValue<string>());
            Assert.Equal((int)response.StatusCode, problem["status"]!.GetValue<int>());
            if (wanted["pointer"] is { } pointer) Assert.Equal(pointer.GetValue<string>(), problem["pointer"]?.GetValue<string>());
        }
        Assert.Equal(before, world.State());
    }

    private static Func<Func<string, string>, byte[]>? Body(JsonObject wanted, JsonObject endpoint)
    {
        if (wanted["text"] is { } text) return _ => Encoding.UTF8.GetBytes(text.GetValue<string>());
        if (wanted["base64"] is { } base64) return _ => Convert.FromBase64String(base64.GetValue<string>());
        if (wanted["repeat"] is JsonObject repeat)
        {
            var times = repeat["times"]!.GetValue<int>();
            var built = new StringBuilder().Insert(0, repeat["text"]!.GetValue<string>(), times).Append(repeat["then"]!.GetValue<string>()).Insert(0, "").ToString()
                + string.Concat(Enumerable.Repeat(repeat["close"]!.GetValue<string>(), times));
            return _ => Encoding.UTF8.GetBytes(built);
        }
        if (endpoint["body"] is not JsonObject valid) return null;
        var body = valid.DeepClone().AsObject();
        if (wanted["without"] is { } without) ConformanceFile.Remove(body, without.GetValue<string>());
        foreach (var (pointer, value) in wanted["with"] as JsonObject ?? []) ConformanceFile.Set(body, pointer, value?.DeepClone());
        return fill => Encoding.UTF8.GetBytes(fill(body.ToJsonString()));
    }

    private static IEnumerable<string> Endpoints(JsonNode found) => found["endpoint"] is JsonArray several ? several.Select(e => e!.GetValue<string>()) : [found["endpoint"]!.GetValue<string>()];

    private static TheoryData<string, string> Cross(string list, Func<JsonObject, bool> passes)
    {
        var data = new TheoryData<string, string>();
        foreach (var found in File[list]!.AsArray())
            foreach (var (name, endpoint) in File["endpoints"]!.AsObject())
                if (passes(endpoint!.AsObject())) data.Add(found!["name"]!.GetValue<string>(), name);
        return data;
    }

    /// <summary>What the cases' placeholders stand for.</summary>
    public sealed class World : IAsyncLifetime
    {
        private readonly Dictionary<string, string> _values = [];
        private TestAgent _agent = null!, _other = null!;
        private string _revoked = "", _expired = "";

        public TestServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Server = await TestServer.StartAsync();
            _agent = await (await Server.Api.RegisterAsync(new { unclassifiedTools = "pending" })).WithTrifectaAsync();
            _other = await Server.Api.RegisterAsync();
            var allowed = (await _agent.CallAsync("known", "read")).Expect(200);
            await _agent.CallAsync("known", "sql");
            var denied = (await _agent.CallAsync("known", "comment")).Expect(200);
            var pending = (await _agent.CallAsync("waiting", "unknown_tool")).Expect(200);
            Assert.Equal("allow deny pending", $"{allowed.Decision} {denied.Decision} {pending.Decision}");
            // The catalogue learns of the new tool behind the answer; nothing may be added while the cases count entries.
            while ((await Server.Api.EventsAsync(0, "&kind=registry&tool=unknown_tool")).Count == 0) await Task.Yield();

            var made = (await Server.Api.OperatorAsync("POST", $"/v1/agents/{_agent.Id}/keys", new { name = "revoked" })).Expect(201).Json;
            _revoked = made["key"]!.GetValue<string>();
            (await Server.Api.OperatorAsync("DELETE", $"/v1/agents/{_agent.Id}/keys/{made["id"]}")).Expect(204);
            var (text, row) = Server.Get<KeyRing>().Create(_agent.Id, "expired", DateTimeOffset.UtcNow.AddSeconds(-1));
            Server.Get<KeyRing>().Put(row);
            _expired = text;

            _values["agent"] = _agent.Id;
            _values["allowed"] = allowed.DecisionId!;
            _values["denied"] = denied.DecisionId!;
            _values["pending"] = pending.DecisionId!;
            _values["approval"] = pending.Json["approval"]!["id"]!.GetValue<string>();
            _values["revision"] = (await Server.Api.OperatorAsync("GET", "/v1/policy")).Json["revision"]!.ToString();
        }

        public string Fill(string text)
        {
            foreach (var (name, value) in _values) text = text.Replace($"${{{name}}}", value, StringComparison.Ordinal);
            return text;
        }

        public string? Authorization(string who) => who switch
        {
            "agent" => $"Bearer {_agent.Key}",
            "other" => $"Bearer {_other.Key}",
            "operator" => $"Bearer {Api.OperatorToken}",
            "none" => null,
            "unknown" => "Bearer amk_0123456789_abcdefghijklmnopqrstuvwxyz012345ABCDEF",
            "mistyped" => $"Bearer {_agent.Key[..^1]}{(_agent.Key[^1] == 'a' ? 'b' : 'a')}",
            "revoked" => $"Bearer {_revoked}",
            "expired" => $"Bearer {_expired}",
            "basic" => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"operator:{Api.OperatorToken}")),
            "empty" => "Bearer ",
            "huge" => "Bearer " + new string('x', 8_000),
            _ => throw new InvalidOperationException(who),
        };

        /// <summary>The newest entry, the number of changes of what operators control, what waits: read in the process, since it is asked a thousand times.</summary>
        public (long Sequence, long Revision, long Policy, int Waiting) State() => (
            Server.Get<LiveFeed>().LastSequence, Server.Get<ControlRoom>().Current.Revision, Server.Get<ControlRoom>().Current.Policy.Revision, Server.Get<OperatorActions>().PendingApprovals().Count);

        public async ValueTask DisposeAsync() => await Server.DisposeAsync();
    }
}
