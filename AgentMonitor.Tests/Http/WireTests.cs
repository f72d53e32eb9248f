using System.Text.Json.Nodes;
using AgentMonitor.Tests.Support;
using Xunit;

namespace AgentMonitor.Tests.Http;

public sealed class WireTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData("abc-123", true)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)]
    [InlineData("with blank", false)]
    [InlineData("<script>", true)]
    public async Task RequestId_OfPrintableCharacters_IsEchoedOnAnswersAndRefusals(string id, bool echoed)
    {
        foreach (var (path, token) in new[] { ("/v1/agents", Api.OperatorToken), ("/v1/agents", (string?)null), ("/livez", null) })
        {
            var reply = await server.Api.SendAsync("GET", path, token, null, ("X-Request-ID", id));
            Assert.Equal(echoed ? id : null, reply.Headers.TryGetValues("X-Request-ID", out var values) ? values.Single() : null);
        }
    }

    [Fact]
    public async Task RequestId_ThatIsTooLong_IsNotEchoed() =>
        Assert.False((await server.Api.SendAsync("GET", "/livez", null, null, ("X-Request-ID", new string('x', 129)))).Headers.Contains("X-Request-ID"));

    [Fact]
    public async Task Refusal_IsAProblemWithEveryMember()
    {
        var reply = await server.Api.SendAsync("GET", "/v1/agents", null);
        Assert.Equal((401, "application/problem+json"), (reply.Status, reply.ContentType));
        Assert.Equal("Bearer", reply.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal(["type", "title", "status", "code", "detail"], reply.Json.AsObject().Select(m => m.Key));
        Assert.Equal("about:blank", reply.Json["type"]!.GetValue<string>());
        Assert.Equal("Unauthorized", reply.Json["title"]!.GetValue<string>());
    }

    [Fact]
    public async Task PolicyRefusal_NamesEveryErrorAndItsPlace()
    {
        var policy = (await server.Api.OperatorAsync("GET", "/v1/policy")).Expect(200);
        Assert.Equal($"\"{policy.Json["revision"]}\"", policy.Headers.ETag!.Tag);
        var rules = policy.Json["rules"]!.DeepClone().AsArray();
        rules[0]!["id"] = "Not A Slug";
        rules[1]!["tags"] = new JsonArray("Not A Tag");
        var reply = await server.Api.OperatorAsync("PUT", "/v1/policy", new JsonObject { ["rules"] = rules }, ("If-Match", policy.Headers.ETag.Tag));
        Assert.Equal((422, "policy-invalid"), (reply.Status, reply.Code));
        Assert.Equal(["bad-rule-id /rules/0/id", "bad-name /rules/1/tags/0"], reply.Json["errors"]!.AsArray().Select(e => $"{e!["code"]} {e["pointer"]}"));
    }

    [Fact]
    public async Task Policy_ReadAndSavedUnchanged_IsTheNextRevisionAndTheSameRules()
    {
        var before = (await server.Api.OperatorAsync("GET", "/v1/policy")).Expect(200);
        var saved = (await server.Api.OperatorAsync("PUT", "/v1/policy", new JsonObject { ["rules"] = before.Json["rules"]!.DeepClone() }, ("If-Match", before.Headers.ETag!.Tag))).Expect(200);
        Assert.Equal(before.Json["revision"]!.GetValue<long>() + 1, saved.Json["revision"]!.GetValue<long>());
        Assert.Equal(before.Json["rules"]!.ToJsonString(), saved.Json["rules"]!.ToJsonString());
        Assert.Equal(412, (await server.Api.OperatorAsync("PUT", "/v1/policy", new JsonObject { ["rules"] = before.Json["rules"]!.DeepClone() }, ("If-Match", before.Headers.ETag.Tag))).Status);
    }

    [Theory]
    [InlineData(58)]
    [InlineData(62)]
    public async Task Arguments_AsDeepAsTheLimitAllows_CanBeReadBack(int levels)
    {
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        var arguments = $$"""{"d":{{new string('[', levels)}}{{new string(']', levels)}}}""";
        var reply = (await agent.Api.SendAsync("POST", "/v1/tool-calls", agent.Key, Api.Body($$"""{"session":{"id":"s"},"tool":"clock","arguments":{{arguments}}}"""))).Expect(200);
        (await server.Api.OperatorAsync("GET", $"/v1/tool-calls/{reply.DecisionId}?explain=full")).Expect(200);
        Assert.Equal(200, (await server.Api.OperatorAsync("GET", $"/v1/events?agent={agent.Id}&kind=tool-call")).Status);
        Assert.Equal(200, (await server.Api.OperatorAsync("GET", $"/v1/agents/{agent.Id}/sessions/s")).Status);
        (await agent.PostAsync($"/v1/tool-calls/{reply.DecisionId}/result", new { status = "ok" })).Expect(200);
    }

    [Fact]
    public async Task Answers_CarryNoSniff()
    {
        var reply = (await server.Api.OperatorAsync("GET", "/v1/agents")).Expect(200);
        Assert.Equal("nosniff", reply.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.False(reply.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Key_IsShownOnceAndNeverListed()
    {
        var agent = await server.Api.RegisterAsync();
        var made = (await server.Api.OperatorAsync("POST", $"/v1/agents/{agent.Id}/keys", new { name = "ci", expiresAt = "2099-01-01T00:00:00Z" })).Expect(201);
        var key = made.Json["key"]!.GetValue<string>();
        Assert.Matches("^amk_[0-9A-Za-z]{10}_[0-9A-Za-z]{38}$", key);
        Assert.Equal("no-store", made.Headers.CacheControl!.ToString());
        var listed = (await server.Api.OperatorAsync("GET", $"/v1/agents/{agent.Id}/keys")).Expect(200);
        Assert.Contains(made.Json["id"]!.GetValue<string>(), listed.Text, StringComparison.Ordinal);
        foreach (var text in new[] { listed.Text, string.Concat((await server.Api.EventsAsync(0, $"&agent={agent.Id}")).Select(e => e.ToJsonString())) })
            Assert.DoesNotContain(key.Split('_')[2], text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_OfARemovedAgent_OpensNothing()
    {
        var agent = await server.Api.RegisterAsync();
        (await server.Api.OperatorAsync("DELETE", $"/v1/agents/{agent.Id}")).Expect(204);
        Assert.Equal(401, (await agent.CallAsync("s", "clock")).Status);
        await server.Api.RegisterAsync(id: agent.Id);
        Assert.Equal(401, (await agent.CallAsync("s", "clock")).Status);
    }

    [Fact]
    public async Task Secrets_InArgumentsPromptAndReason_AreNotKept()
    {
        const string secret = "sk-abcdefghijklmnopqrstuvwxyz";
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        (await agent.PostAsync("/v1/tool-calls", new { session = new { id = "s" }, tool = "clock", arguments = new { password = "swordfish", text = secret }, prompt = $"use {secret}" })).Expect(200);
        (await agent.PostAsync("/v1/sessions/s/labels", new { labels = new[] { "own" }, why = secret })).Expect(200);
        var kept = string.Concat((await server.Api.EventsAsync(0, $"&agent={agent.Id}")).Select(e => e.ToJsonString()));
        Assert.DoesNotContain("swordfish", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("abcdefghijklmnop", kept, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    public async Task Health_IsOpenAndGood(string path) => Assert.Equal(200, (await server.Api.SendAsync("GET", path, null)).Status);

    [Fact]
    public async Task Hub_WithoutACredential_IsRefused()
    {
        foreach (var token in new[] { null, "nonsense", (await server.Api.RegisterAsync()).Key })
            Assert.Equal(401, (await server.Api.SendAsync("POST", "/hubs/live/negotiate?negotiateVersion=1", token)).Status);
        Assert.Equal(401, (await server.Api.SendAsync("POST", "/hubs/live/negotiate?negotiateVersion=1&access_token=nonsense", null)).Status);
        Assert.Equal(200, (await server.Api.SendAsync("POST", "/hubs/live/negotiate?negotiateVersion=1", Api.OperatorToken)).Status);
    }
}

public sealed class EventTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Events_ReadPageByPage_AreTheWholeLedgerOnce()
    {
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        for (var i = 0; i < 25; i++) await agent.CallAsync("s", "clock");
        var paged = new List<long>();
        long after = 0;
        while (true)
        {
            var page = (await server.Api.OperatorAsync("GET", $"/v1/events?after={after}&limit=7&agent={agent.Id}")).Expect(200).Json;
            var items = page["items"]!.AsArray().Select(i => i!["sequence"]!.GetValue<long>()).ToList();
            if (items.Count == 0) break;
            paged.AddRange(items);
            after = page["next"]!.GetValue<long>();
        }
        Assert.Equal((await server.Api.EventsAsync(0, $"&agent={agent.Id}")).Select(e => e["sequence"]!.GetValue<long>()), paged);
        Assert.Equal(paged.Order(), paged);
    }

    [Fact]
    public async Task Events_Filtered_AreThoseThatPass()
    {
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        await agent.PostAsync("/v1/tool-calls", new { session = new { id = "a" }, tool = "read", users = new[] { new { id = "alice" } } });
        await agent.CallAsync("a", "sql");
        await agent.CallAsync("a", "comment");
        await agent.CallAsync("b", "comment");
        async Task<string> Tools(string filter) => string.Join(' ', (await server.Api.EventsAsync(0, $"&agent={agent.Id}&kind=tool-call{filter}")).Select(e => e["tool"]!.GetValue<string>()));
        Assert.Equal("read sql comment comment", await Tools(""));
        Assert.Equal("read sql comment", await Tools("&session=a"));
        Assert.Equal("comment", await Tools("&decision=deny"));
        Assert.Equal("comment comment", await Tools("&tool=comment"));
        Assert.Equal("read", await Tools("&user=alice"));
        Assert.Equal("", await Tools("&user=bob"));
        Assert.Equal("", await Tools("&session=a' OR '1'='1"));
    }

    [Fact]
    public async Task Events_OfTheWholeLedger_AreAChainThatHolds()
    {
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        await agent.CallAsync("s", "read", new { text = "ü🙂\u2028\"" });
        var previous = new string('0', 64);
        long sequence = 0;
        foreach (var entry in await server.Api.EventsAsync())
        {
            Assert.Equal(++sequence, entry["sequence"]!.GetValue<long>());
            Assert.Equal(previous, entry["previousHash"]!.GetValue<string>());
            previous = entry["hash"]!.GetValue<string>();
        }
    }

    [Fact]
    public async Task Events_Followed_TellWhatIsWrittenLater()
    {
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        var other = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/events?follow=true&agent={agent.Id}&kind=tool-call");
        request.Headers.Authorization = new("Bearer", Api.OperatorToken);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var response = await server.Api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        Assert.Equal((200, "application/x-ndjson"), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
        for (var i = 0; i < 5; i++)
        {
            await other.CallAsync("s", "clock");
            var written = (await agent.CallAsync("s", "clock", new { i })).Expect(200);
            var told = JsonNode.Parse((await lines.ReadLineAsync(patience.Token))!)!;
            Assert.Equal(written.DecisionId, told["decisionId"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task Events_FollowedFromASequence_BeginWithWhatWasMissed()
    {
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        var after = await server.Api.SequenceAsync();
        var missed = new List<string>();
        for (var i = 0; i < 20; i++) missed.Add((await agent.CallAsync("s", "clock")).DecisionId!);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/events?follow=true&after={after}&agent={agent.Id}");
        request.Headers.Authorization = new("Bearer", Api.OperatorToken);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var response = await server.Api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
        foreach (var id in missed) Assert.Equal(id, JsonNode.Parse((await lines.ReadLineAsync(patience.Token))!)!["decisionId"]!.GetValue<string>());
    }
}
