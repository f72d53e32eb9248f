using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentMonitor.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace AgentMonitor.Tests.Http;

/// <summary>Holds the OpenAPI document to what the program does: its endpoints, its answers, its problem codes.</summary>
public sealed partial class OpenApiTests(TestServer server) : IClassFixture<TestServer>, IAsyncLifetime
{
    private OpenApiDocument _document = null!;

    public async ValueTask InitializeAsync() => _document = new((await server.Api.SendAsync("GET", "/openapi/v1.json", null)).Expect(200).Text);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Document_AskedWithoutCredential_IsServedAsJson()
    {
        var reply = (await server.Api.SendAsync("GET", "/openapi/v1.json", null)).Expect(200);
        Assert.Equal("application/json", reply.ContentType);
        Assert.StartsWith("3.1.", reply.Json["openapi"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void Endpoints_MappedUnderV1_AreTheOperationsOfTheDocument()
    {
        // What answers every other address under /v1 is no endpoint of the API.
        var mapped = server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.TrimStart('/').StartsWith("v1/", StringComparison.Ordinal) && e.RoutePattern.RawText != "/v1/{**rest}")
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} /{e.RoutePattern.RawText!.TrimStart('/')}"));
        Assert.Equal(mapped.Order(StringComparer.Ordinal), _document.Operations.Select(o => o.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Operations_Each_NameThemselvesTheirTagTheirParametersAndWhomTheyTake()
    {
        Assert.Distinct(_document.Operations.Select(o => o.Id));
        var tags = _document.Root["tags"]!.AsArray().Select(t => t!["name"]!.GetValue<string>()).ToList();
        foreach (var operation in _document.Operations)
        {
            Assert.Contains(Assert.Single(operation.Json["tags"]!.AsArray())!.GetValue<string>(), tags);
            Assert.All(operation.Takes, taken => Assert.Contains(taken, (string[])["agent", "viewer", "operator", "author", "admin"]));
            var parameters = _document.Root["paths"]![operation.Path]!["parameters"]!.AsArray().Concat(operation.Json["parameters"]?.AsArray() ?? [])
                .Select(p => _document.Resolve(p!.AsObject())).ToList();
            Assert.Equal(
                PathParameter().Matches(operation.Path).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal),
                parameters.Where(p => p["in"]!.GetValue<string>() == "path").Select(p => p["name"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Examples_OfTheDocument_MatchTheirSchemas()
    {
        var checkedExamples = 0;
        Walk(_document.Root);
        Assert.True(checkedExamples > 100, $"only {checkedExamples} examples were found");

        void Walk(JsonNode? node)
        {
            if (node is JsonArray array)
                foreach (var item in array) Walk(item);
            if (node is not JsonObject found) return;
            if (found["schema"] is JsonObject schema)
            {
                var examples = found["examples"] is JsonObject named ? [.. named.Select(e => e.Value!["value"])] : found.ContainsKey("example") ? [found["example"]] : Array.Empty<JsonNode?>();
                foreach (var example in examples)
                {
                    Assert.Empty(_document.Errors(schema, example, closed: true));
                    checkedExamples++;
                }
            }
            foreach (var (name, member) in found)
                if (name is not ("example" or "examples")) Walk(member);
        }
    }

    [Fact]
    public async Task Operations_WithNoOrAnotherKindOfCredential_AreRefusedAsTheDocumentSays()
    {
        var agent = await server.Api.RegisterAsync();
        foreach (var operation in _document.Operations)
        {
            var path = PathParameter().Replace(operation.Path, "x");
            Matches(operation, await server.Api.SendAsync(operation.Method, path, null), 401, "credential-required");
            Matches(operation, await server.Api.SendAsync(operation.Method, path, "amk_unknown"), 401, "unknown-credential");
            if (operation.Takes is not [var taken]) continue;
            var refused = taken == "agent" ? await server.Api.OperatorAsync(operation.Method, path) : await server.Api.SendAsync(operation.Method, path, agent.Key);
            Matches(operation, refused, 403, taken == "agent" ? "agent-required" : "operator-required");
        }
    }

    [Fact]
    public async Task AgentEndpoints_RequestsAndAnswers_MatchTheDocument()
    {
        var parent = await server.Api.RegisterAsync();
        await parent.CallAsync("p", "read");
        var agent = await (await server.Api.RegisterAsync(new { unclassifiedTools = "pending" })).WithTrifectaAsync();
        const string calls = "/v1/tool-calls", one = "/v1/tool-calls/{decisionId}", result = "/v1/tool-calls/{decisionId}/result", models = "/v1/model-calls";

        // Allowed, repeated, denied, pending, and what is wrong with a call.
        var question = new
        {
            session = new { id = "s", parents = new[] { new { agent = parent.Id, id = "p" } }, grants = new[] { "financial" } },
            users = new[] { new { id = "alice@example.com", roles = new[] { "pm" }, token = "t" } },
            tool = "sql",
            arguments = new { query = "select 1", password = "secret" },
            callId = "c1",
            prompt = "How many?",
        };
        var allowed = await AskAsync("POST", calls, calls, agent.Key, question, 200);
        Assert.Equal("allow", allowed.Decision);
        Assert.Equal(allowed.DecisionId, (await AskAsync("POST", calls, calls, agent.Key, question, 200)).DecisionId);
        var denied = await AskAsync("POST", calls, calls, agent.Key, new { session = new { id = "s" }, tool = "comment" }, 200);
        Assert.Equal("deny", denied.Decision);
        Assert.NotNull(denied.Json["reason"]!["advice"]);
        var pending = await AskAsync("POST", calls, calls, agent.Key, new { session = new { id = "w" }, tool = "new" }, 200);
        Assert.Equal("pending", pending.Decision);
        Assert.NotNull(pending.Json["approval"]);
        await AskAsync("POST", calls, calls, agent.Key, new { session = new { id = "s" }, tool = "read", callId = "c1" }, 409, "call-id-conflict");
        await AskAsync("POST", calls, calls, agent.Key, new { session = new { } }, 400, "missing-member");
        await AskAsync("POST", calls, calls, agent.Key, new { session = new { id = "s" }, tool = 7 }, 400, "wrong-type");
        await AskAsync("POST", calls, calls, agent.Key, "{", 400, "malformed-json");
        await AskAsync("POST", calls, calls, agent.Key, """{"tool":"a","tool":"b"}""", 400, "duplicate-member");
        await AskAsync("POST", calls, calls, agent.Key, new { session = new { id = "s", parents = new[] { new { agent = "nobody", id = "p" } } }, tool = "read" }, 400, "unknown-agent");
        await AskAsync("POST", calls, calls, agent.Key, new { session = new { id = "s", parents = new[] { new { agent = agent.Id, id = "s" } } }, tool = "read" }, 400, "own-parent");

        // A decision, for its agent and explained for an operator, while it waits and afterwards.
        await AskAsync("GET", one, $"/v1/tool-calls/{pending.DecisionId}?wait=1", agent.Key, null, 200);
        var explained = await AskAsync("GET", one, $"/v1/tool-calls/{denied.DecisionId}?explain=full", Api.OperatorToken, null, 200);
        Assert.NotEmpty(explained.Json["evidence"]!.AsArray());
        Assert.NotEmpty(explained.Json["matched"]!.AsArray());
        Assert.Null((await AskAsync("GET", one, $"/v1/tool-calls/{allowed.DecisionId}?explain=full", Api.OperatorToken, null, 200)).Json["sentence"]);
        await AskAsync("GET", one, $"/v1/tool-calls/{denied.DecisionId}?explain=full", agent.Key, null, 403, "operator-required");
        await AskAsync("GET", one, $"/v1/tool-calls/{denied.DecisionId}", parent.Key, null, 404, "no-such-decision");
        await AskAsync("GET", one, $"/v1/tool-calls/{denied.DecisionId}?wait=long", agent.Key, null, 400, "bad-value");

        // Results.
        var report = new { status = "ok", durationMs = 1.5, content = new { rows = 3 }, labels = new[] { "own-label" }, fromSession = new { agent = parent.Id, id = "p" } };
        Assert.Contains("own-label", (await AskAsync("POST", result, $"/v1/tool-calls/{allowed.DecisionId}/result", agent.Key, report, 200)).Labels);
        await AskAsync("POST", result, $"/v1/tool-calls/{denied.DecisionId}/result", agent.Key, new { status = "error" }, 409, "not-allowed");
        await AskAsync("POST", result, "/v1/tool-calls/none/result", agent.Key, new { status = "ok" }, 404, "no-such-decision");
        await AskAsync("POST", result, $"/v1/tool-calls/{allowed.DecisionId}/result", agent.Key, new { status = "fine" }, 400, "bad-value");

        // Model calls, with something filtered.
        var offer = new { session = new { id = "s" }, users = new[] { new { id = "alice@example.com" } }, prompt = "How many?", tools = new object[] { new { name = "sql", description = "Asks.", schema = new { type = "object" } }, new { name = "comment" } }, callId = "m1" };
        var filtered = await AskAsync("POST", models, models, agent.Key, offer, 200);
        Assert.Equal("comment", Assert.Single(filtered.Json["filtered"]!.AsArray())!["tool"]!.GetValue<string>());
        await AskAsync("POST", models, models, agent.Key, new { session = new { id = "s" } }, 400, "missing-member");

        // Sessions.
        const string labels = "/v1/sessions/{id}/labels", end = "/v1/sessions/{id}/end";
        Assert.Equal(["sensitive-data"], (await AskAsync("POST", labels, "/v1/sessions/fresh/labels", agent.Key, new { labels = new[] { "sensitive-data" }, why = "the prompt" }, 200)).Labels);
        await AskAsync("POST", labels, "/v1/sessions/fresh/labels", agent.Key, new { labels = Array.Empty<string>() }, 400, "bad-value");
        await AskAsync("POST", end, "/v1/sessions/fresh/end", agent.Key, null, 200);
        await AskAsync("POST", end, "/v1/sessions/none/end", agent.Key, null, 404, "no-such-session");
        await AskAsync("POST", labels, "/v1/sessions/fresh/labels", agent.Key, new { labels = new[] { "sensitive-data" } }, 409, "session-ended");
    }

    [Fact]
    public async Task OperatorEndpoints_RequestsAndAnswers_MatchTheDocument()
    {
        const string token = Api.OperatorToken;
        var agent = await (await server.Api.RegisterAsync(id: "described")).WithTrifectaAsync();

        // Agents and keys.
        const string one = "/v1/agents/{agent}", keys = "/v1/agents/{agent}/keys", key = "/v1/agents/{agent}/keys/{id}";
        await AskAsync("PUT", one, "/v1/agents/described", token, new { name = "Described", description = "d", owner = "o", defaultDecision = "allow", unclassifiedTools = "pending", tags = new[] { "internal" }, trustedDestinations = new[] { "*@example.com" } }, 200);
        await AskAsync("PUT", one, "/v1/agents/described", token, new { trustedDestinations = new[] { "*" } }, 400, "bad-destination");
        await AskAsync("PUT", one, "/v1/agents/Not%20an%20id", token, new { }, 400, "agent-id");
        await AskAsync("GET", one, "/v1/agents/described", token, null, 200);
        await AskAsync("GET", one, "/v1/agents/none", token, null, 404, "no-such-agent");
        await AskAsync("GET", "/v1/agents", "/v1/agents", token, null, 200);
        var made = await AskAsync("POST", keys, "/v1/agents/described/keys", token, new { name = "second", expiresAt = "2099-01-01T00:00:00Z" }, 201);
        await AskAsync("POST", keys, "/v1/agents/described/keys", token, new { name = "late", expiresAt = "2001-01-01T00:00:00Z" }, 400, "expires-in-the-past");
        await AskAsync("DELETE", key, $"/v1/agents/described/keys/{made.Json["id"]}", token, null, 204);
        await AskAsync("DELETE", key, "/v1/agents/described/keys/none", token, null, 404, "no-such-key");
        await AskAsync("GET", keys, "/v1/agents/described/keys", token, null, 200);

        // Tools and switches.
        const string tool = "/v1/agents/{agent}/tools/{tool}", disable = "/v1/agents/{agent}/tools/{tool}/disable";
        await AskAsync("PUT", tool, "/v1/agents/described/tools/create_event", token,
            new { description = "d", tags = new object[] { "state-change", new { name = "external-communication", whenArgument = "participants" } }, destinations = new[] { "participants" }, freeText = new[] { "text" }, resultMetadata = new[] { "id" } }, 200);
        await AskAsync("PUT", tool, "/v1/agents/described/tools/create_event", token, new { tags = new[] { "Not a tag" } }, 400, "bad-name");
        await AskAsync("PUT", tool, "/v1/agents/described/tools/create_event", token, new { destinations = new[] { "!to" } }, 400, "bad-argument-name");
        await AskAsync("PUT", tool, "/v1/agents/described/tools/create_event", token, new { resultMetadata = new[] { "!" } }, 400, "bad-field-name");
        await AskAsync("PUT", tool, "/v1/agents/described/tools/create_event", token, new { freeText = Enumerable.Range(0, 65).Select(i => $"a{i}") }, 400, "too-many-names");
        (await agent.PostAsync("/v1/model-calls", new { session = new { id = "t" }, tools = new[] { new { name = "create_event", schema = new { properties = new { attendees = new { type = "array" } } } } } })).Expect(200);
        await agent.CallAsync("t", "create_event", new { attendees = new[] { "a@example.com" } });
        await AskAsync("GET", tool, "/v1/agents/described/tools/create_event", token, null, 200);
        await AskAsync("GET", tool, "/v1/agents/described/tools/none", token, null, 404, "no-such-tool");
        await AskAsync("GET", tool, "/v1/agents/none/tools/none", token, null, 404, "no-such-agent");
        await AskAsync("PUT", disable, "/v1/agents/described/tools/create_event/disable", token, new { reason = "test", until = "2099-01-01T00:00:00Z" }, 200);
        Assert.Contains((await AskAsync("GET", "/v1/agents/{agent}/tools", "/v1/agents/described/tools", token, null, 200)).Json["items"]!.AsArray(), t => t!["disabled"] is not null);
        await agent.CallAsync("s", "sql");
        foreach (var (template, path) in ((string, string)[])[
            (disable, "/v1/agents/*/tools/other/disable"), ("/v1/agents/{agent}/quarantine", "/v1/agents/described/quarantine"),
            ("/v1/agents/{agent}/sessions/{session}/quarantine", "/v1/agents/described/sessions/s/quarantine"), ("/v1/users/{user}/quarantine", "/v1/users/bob/quarantine"), ("/v1/stop", "/v1/stop")])
        {
            var receipt = await AskAsync("PUT", template, path, token, new { reason = "test" }, 200);
            if (template.Contains("session", StringComparison.Ordinal)) Assert.NotNull(receipt.Json["lastAllowed"]);
            await AskAsync("PUT", template, path, token, new { reason = " " }, 400, "reason-required");
            await AskAsync("PUT", template, path, token, new { reason = "test", until = "2001-01-01T00:00:00Z" }, 400, "until-in-the-past");
            await AskAsync("GET", "/v1/switches", "/v1/switches", token, null, 200);
            await AskAsync("DELETE", template, $"{path}?reason=done", token, null, 204);
            await AskAsync("DELETE", template, path, token, null, 404, "not-in-force");
        }

        // Approvals.
        var asked = await agent.CallAsync("s", "new", new { a = 1 });
        var waiting = (await AskAsync("GET", "/v1/approvals", "/v1/approvals", token, null, 200)).Json["items"]!.AsArray().Single(a => a!["decisionId"]!.GetValue<string>() == asked.DecisionId);
        await AskAsync("POST", "/v1/approvals/{id}", $"/v1/approvals/{waiting!["id"]}", token, new { decision = "approve", reason = "fine" }, 204);
        await AskAsync("POST", "/v1/approvals/{id}", $"/v1/approvals/{waiting["id"]}", token, new { decision = "reject" }, 409, "approval-ended");
        await AskAsync("POST", "/v1/approvals/{id}", $"/v1/approvals/{waiting["id"]}", token, new { decision = "maybe" }, 400, "bad-value");

        // Sessions and events.
        const string session = "/v1/agents/{agent}/sessions/{session}", label = "/v1/agents/{agent}/sessions/{session}/labels/{label}";
        await agent.ModelCallAsync("s", "sql", "comment");
        await agent.PostAsync($"/v1/tool-calls/{asked.DecisionId}/result", new { status = "ok", labels = new[] { "own" } });
        await AskAsync("GET", "/v1/sessions", "/v1/sessions?agent=described&label=sensitive-data&limit=5", token, null, 200);
        await AskAsync("GET", "/v1/sessions", "/v1/sessions?limit=0", token, null, 400, "bad-value");
        Assert.NotEmpty((await AskAsync("GET", session, "/v1/agents/described/sessions/s", token, null, 200)).Json["evidence"]!.AsArray());
        await AskAsync("GET", session, "/v1/agents/described/sessions/none", token, null, 404, "no-such-session");
        await AskAsync("DELETE", label, "/v1/agents/described/sessions/s/labels/own?reason=test", token, null, 204);
        await AskAsync("DELETE", label, "/v1/agents/described/sessions/s/labels/sensitive-data", token, new { reason = "test" }, 204);
        await AskAsync("DELETE", label, "/v1/agents/described/sessions/s/labels/own?reason=test", token, null, 404, "no-such-label");
        await AskAsync("DELETE", label, "/v1/agents/described/sessions/s/labels/own", token, null, 400, "reason-required");
        await AskAsync("GET", "/v1/events", "/v1/events?limit=1000", token, null, 200);
        await AskAsync("GET", "/v1/events", "/v1/events?kind=none", token, null, 400, "bad-value");

        // The policy: what was answered can be saved again, and most of a rule can be left out.
        var policy = (await AskAsync("GET", "/v1/policy", "/v1/policy", token, null, 200)).Json;
        var revision = ("If-Match", $"\"{policy["revision"]}\"");
        var saved = await AskAsync("PUT", "/v1/policy", "/v1/policy?comment=test", token, policy, 200, null, revision);
        // Presets.
        const string preset = "/v1/policy/preset";
        Assert.Equal("seed", (await AskAsync("GET", "/v1/policy/presets", "/v1/policy/presets", token, null, 200)).Json["active"]!.GetValue<string>());
        var strict = await AskAsync("PUT", preset, preset, token, new { preset = "strict", comment = "test" }, 200, null, ("If-Match", $"\"{saved.Json["revision"]}\""));
        Assert.Contains(strict.Json["rules"]!.AsArray(), r => r!["granted"]!.GetValueKind() == JsonValueKind.False);
        await AskAsync("PUT", preset, preset, token, new { preset = "seed" }, 412, "policy-changed", ("If-Match", $"\"{saved.Json["revision"]}\""));
        await AskAsync("PUT", preset, preset, token, new { preset = "none" }, 404, "no-such-preset");
        await AskAsync("PUT", preset, preset, token, new { }, 400, "missing-member");
        saved = await AskAsync("PUT", preset, preset, token, new { preset = "seed" }, 200);
        saved = await AskAsync("PUT", "/v1/policy", "/v1/policy", token, new { rules = new[] { new { id = "short", effect = "deny", session = new { all = new[] { "x" } } } } }, 200, null, ("If-Match", $"\"{saved.Json["revision"]}\""));
        var next = ("If-Match", $"\"{saved.Json["revision"]}\"");
        await AskAsync("PUT", "/v1/policy", "/v1/policy", token, new { rules = Array.Empty<object>() }, 412, "policy-changed", revision);
        await AskAsync("PUT", "/v1/policy", "/v1/policy", token, new { rules = Array.Empty<object>() }, 428, "if-match-required");
        await AskAsync("PUT", "/v1/policy", "/v1/policy", token, new { rules = 7 }, 400, "policy-malformed", next);
        var wrong = new { id = "Not an id", effect = "deny", agents = Array.Empty<string>() };
        var invalid = await AskAsync("PUT", "/v1/policy", "/v1/policy", token, new { rules = new[] { wrong } }, 422, "policy-invalid", next);
        Assert.Equal(2, invalid.Json["errors"]!.AsArray().Count);
        // Other tests share the server and count on the starter policy.
        await AskAsync("PUT", "/v1/policy", "/v1/policy", token, policy, 200, null, next);

        await AskAsync("DELETE", one, "/v1/agents/described", token, null, 204);
    }

    [Fact]
    public void ProblemCodes_OfTheSource_AreInTheDocumentAndTheGuide()
    {
        var root = Repository();
        // Accounts have pages and no API.
        var files = Directory.EnumerateFiles(Path.Combine(root, "AgentMonitor.Web"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !Path.GetRelativePath(root, f).Split(Path.DirectorySeparatorChar).Any(p => p is "obj" or "bin" or "Components") && !Path.GetFileName(f).StartsWith("Account", StringComparison.Ordinal))
            .Select(File.ReadAllText).ToList();
        var thrown = files.SelectMany(text => Refusal().Matches(text).Select(m => (Status: int.Parse(m.Groups[1].Value), Code: m.Groups[2].Value))
            .Concat(InvalidInput().Matches(text).Select(m => (Status: 400, Code: m.Groups[1].Value)))).Distinct().Order().ToList();
        Assert.Contains((400, "wrong-type"), thrown);
        Assert.Contains((400, "missing-member"), thrown);
        Assert.Contains((400, "reason-required"), thrown);
        Assert.Contains((401, "unknown-credential"), thrown);
        Assert.Contains((409, "call-id-conflict"), thrown);

        var guide = Guide(root);
        var documented = Statuses().SelectMany(status => Codes(status).Select(code => (Status: status, Code: code))).ToList();
        Assert.Empty(thrown.Except(documented).Select(p => $"{p} is not in openapi.json"));
        Assert.Empty(documented.Except(guide).Select(p => $"{p} is not in docs/api.md"));
        Assert.Empty(guide.Except(documented).Select(p => $"{p} is in docs/api.md only"));
        Assert.Empty(documented.Where(p => !files.Any(text => text.Contains($"\"{p.Code}\"", StringComparison.Ordinal))).Select(p => $"{p} is not in the source"));
        Assert.Equal(documented.Select(p => p.Code).Distinct().Order(StringComparer.Ordinal), Enum(_document.Schema("Problem")["properties"]!["code"]!));
    }

    [Fact]
    public void PolicyErrorCodes_OfTheSource_AreInTheDocumentAndTheGuide()
    {
        var root = Repository();
        var found = PolicyError().Matches(File.ReadAllText(Path.Combine(root, "AgentMonitor.Core", "Policy", "CompiledPolicy.cs"))).Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.Equal(found, Enum(_document.Schema("PolicyError")["properties"]!["code"]!));
        var guide = File.ReadAllText(Path.Combine(root, "docs", "api.md"));
        Assert.All(found, code => Assert.Contains($"`{code}`", guide, StringComparison.Ordinal));
    }

    [Fact]
    public void Roles_OfTheSource_AreTheDocuments()
    {
        var source = File.ReadAllText(Path.Combine(Repository(), "AgentMonitor.Web", "Control", "OperatorEndpoints.cs"));
        var mapped = MappedRole().Matches(source).Select(m => (Method: m.Groups[1].Value, Path: m.Groups[2].Value, Role: m.Groups[3].Value.ToLowerInvariant()))
            .Concat(MappedSwitch().Matches(source).SelectMany(m => new[] { (Method: "PUT", Path: m.Groups[1].Value, Role: "operator"), (Method: "DELETE", Path: m.Groups[1].Value, Role: "operator") })).ToList();
        Assert.True(mapped.Count >= 25, $"only {mapped.Count} endpoints were found in the source");
        Assert.All(mapped, m => Assert.Equal([m.Role], _document.Operation(m.Method, m.Path).Takes));
    }

    /// <summary>Asks, and holds request and answer to the document.</summary>
    private async Task<Reply> AskAsync(string method, string template, string path, string token, object? body, int status, string? code = null, params (string Name, string Value)[] headers)
    {
        var operation = _document.Operation(method, template);
        if (body is not null && status < 400)
        {
            var sent = body as JsonNode ?? JsonSerializer.SerializeToNode(body, JsonSerializerOptions.Web);
            Assert.Empty(_document.Errors(operation.Json["requestBody"]!["content"]!["application/json"]!["schema"]!.AsObject(), JsonNode.Parse(sent!.ToJsonString()), closed: true));
        }
        return Matches(operation, await server.Api.SendAsync(method, path, token, body is null ? null : Api.Body(body), headers), status, code);
    }

    private Reply Matches(DocumentedOperation operation, Reply reply, int status, string? code)
    {
        Assert.True(status == reply.Status, $"{operation}: wanted {status}, got {reply.Status}: {reply.Text}");
        var response = _document.Response(operation, status);
        Assert.True(response is not null, $"{operation}: {status} is not in the document");
        if (response["content"] is not JsonObject content) Assert.Equal("", reply.Text);
        else
        {
            Assert.True(content[reply.ContentType ?? ""] is JsonObject, $"{operation}: {status} with {reply.ContentType} is not in the document");
            Assert.Empty(_document.Errors(content[reply.ContentType!]!["schema"]!.AsObject(), reply.Json, closed: true).Select(e => $"{operation} {status} {e}"));
        }
        if (code is null) return reply;
        Assert.Equal(code, reply.Code);
        if (status is 400 or 403 or 404 or 409) Assert.Contains($"`{code}`", response["description"]!.GetValue<string>(), StringComparison.Ordinal);
        return reply;
    }

    private IEnumerable<int> Statuses() => _document.Schema("Problem")["properties"]!["status"]!["enum"]!.AsArray().Select(s => s!.GetValue<int>());

    private List<string> Codes(int status) => Enum(_document.Schema($"Problem{status}")["allOf"]![1]!["properties"]!["code"]!);

    private static List<string> Enum(JsonNode schema) => [.. schema["enum"]!.AsArray().Select(c => c!.GetValue<string>())];

    // The table of the guide: `| 405, 413 | codes |`. A row of several statuses names a code for each, in that order.
    private static List<(int Status, string Code)> Guide(string root)
    {
        var found = new List<(int, string)>();
        foreach (var row in File.ReadLines(Path.Combine(root, "docs", "api.md")).Select(line => GuideRow().Match(line)).Where(m => m.Success))
        {
            var statuses = row.Groups[1].Value.Split(", ").Select(int.Parse).ToList();
            var codes = Code().Matches(row.Groups[2].Value.Split(", with ")[0]).Select(m => m.Groups[1].Value).ToList();
            if (statuses.Count > 1) Assert.Equal(statuses.Count, codes.Count);
            found.AddRange(codes.Select((code, i) => (statuses.Count > 1 ? statuses[i] : statuses[0], code)));
        }
        return found;
    }

    private static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AgentMonitor.sln"))) return folder.FullName;
        Assert.Skip("The source is not above the tests' output, so its codes cannot be read.");
        throw new InvalidOperationException();
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathParameter();

    [GeneratedRegex(@"\b(?:new(?: RefusedException)?|WriteAsync)\((?:context, )?([1-5]\d\d), ""([a-z0-9-]+)""")]
    private static partial Regex Refusal();

    [GeneratedRegex(@"\bInvalid\(""([a-z0-9-]+)""")]
    private static partial Regex InvalidInput();

    [GeneratedRegex(@"\bfound\.Add\(new\(""([a-z0-9-]+)""")]
    private static partial Regex PolicyError();

    [GeneratedRegex("""\bMap\("([A-Z]+)",\s"(/v1[^"]*)",\sOperatorRole\.(\w+)""")]
    private static partial Regex MappedRole();

    [GeneratedRegex("""\bMapSwitch\("(/v1[^"]*)",""")]
    private static partial Regex MappedSwitch();

    [GeneratedRegex(@"^\| ([1-5]\d\d(?:, [1-5]\d\d)*) \| (.*) \|$")]
    private static partial Regex GuideRow();

    [GeneratedRegex("`([a-z0-9-]+)`")]
    private static partial Regex Code();
}
