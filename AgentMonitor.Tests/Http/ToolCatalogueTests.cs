using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMonitor.Tests.Support;
using Xunit;

namespace AgentMonitor.Tests.Http;

/// <summary>What the monitor learns of tools, what it suggests, and what it takes as their roles.</summary>
public sealed class ToolCatalogueTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly object EmailSchema = new { type = "object", properties = new { to = new { type = "string", format = "email" }, body = new { type = "string" } } };

    [Fact]
    public async Task Schema_AsOffered_IsKept_AndReplacedByTheNextOne()
    {
        var agent = await server.Api.RegisterAsync();
        await OfferAsync(agent, "send_email", EmailSchema);
        var tool = await UntilAsync(server, agent, "send_email", t => t["schema"] is not null);

        Assert.True(JsonNode.DeepEquals(JsonSerializer.SerializeToNode(EmailSchema), tool["schema"]));
        Assert.Equal(["external-communication", "state-change"], Names(tool["suggestions"]!["tags"]!));
        Assert.Equal(["to"], Names(tool["suggestions"]!["destinations"]!));
        Assert.Equal(["body"], Names(tool["suggestions"]!["freeText"]!));
        Assert.False(tool["classified"]!.GetValue<bool>());

        await OfferAsync(agent, "send_email", new { type = "object", description = new string('x', 17_000) });
        tool = await UntilAsync(server, agent, "send_email", t => t["schemaTooLarge"] is not null);
        Assert.Null(tool["schema"]);
        Assert.Null((await server.Api.OperatorAsync("GET", $"/v1/agents/{agent.Id}/tools")).Expect(200).Json["items"]![0]!["suggestions"]);
    }

    [Fact]
    public async Task Change_AfterItWasClassified_IsSaid_UntilItIsClassifiedAgain()
    {
        var agent = await server.Api.RegisterAsync();
        await agent.WithToolAsync("send_email", "external-communication");
        // What is offered first is what was classified.
        await OfferAsync(agent, "send_email", EmailSchema);
        Assert.False((await UntilAsync(server, agent, "send_email", t => t["schema"] is not null))["changedSinceClassified"]!.GetValue<bool>());

        await OfferAsync(agent, "send_email", new { type = "object" });
        await UntilAsync(server, agent, "send_email", t => t["changedSinceClassified"]!.GetValue<bool>());
        await agent.WithToolAsync("send_email", "external-communication");
        var tool = await GetAsync(server, agent, "send_email");
        Assert.False(tool["changedSinceClassified"]!.GetValue<bool>());
        Assert.NotNull(tool["classifiedBy"]);
    }

    [Fact]
    public async Task Names_OfCallsAndResults_AreBounded_WrittenRarely_AndSurviveARestart()
    {
        var folder = Directory.CreateTempSubdirectory("agentmonitor-names-").FullName;
        try
        {
            JsonObject before;
            string id;
            await using (var first = await TestServer.StartAsync(dataDirectory: folder))
            {
                var agent = await first.Api.RegisterAsync();
                id = agent.Id;
                await agent.WithToolAsync("read", "untrusted-content");
                var revision = 0L;
                for (var call = 0; call < 25; call++)
                {
                    var decision = (await agent.CallAsync("s", "read", new { folder = "inbox", note = new string('a', 60) + " " + new string('b', 60) })).Expect(200);
                    (await agent.PostAsync($"/v1/tool-calls/{decision.DecisionId}/result", new { status = "ok", content = new[] { new { id = call, sender = "a@example.com", body = "Hello." } } })).Expect(200);
                    if (call == 12)
                    {
                        await UntilAsync(first, agent, "read", t => Seen(t, "observedArguments", "folder") == 10 && Seen(t, "observedResultFields", "id") == 10);
                        revision = first.Get<Web.Control.ControlRoom>().Current.Revision;
                    }
                }
                // Between ten and a hundred there is nothing to write.
                Assert.Equal(revision, first.Get<Web.Control.ControlRoom>().Current.Revision);

                (await agent.CallAsync("s", "read", Enumerable.Range(0, 200).ToDictionary(i => $"a{i}", i => i))).Expect(200);
                before = await UntilAsync(first, agent, "read", t => t["observedArguments"]!.AsArray().Count == 64);
                Assert.Equal(["id", "sender"], Names(before["suggestions"]!["resultMetadata"]!));
                Assert.True(before["observedArguments"]!.AsArray().Single(a => a!["name"]!.GetValue<string>() == "note")!["longText"]!.GetValue<bool>());
                Assert.DoesNotContain("a@example.com", before.ToJsonString(), StringComparison.Ordinal);
            }
            await using var second = await TestServer.StartAsync(dataDirectory: folder);
            var after = (await second.Api.OperatorAsync("GET", $"/v1/agents/{id}/tools/read")).Expect(200).Json;
            Assert.True(JsonNode.DeepEquals(before, after), $"{before}\n{after}");
        }
        finally
        {
            try { Directory.Delete(folder, recursive: true); }
            catch (IOException) { /* The server's last file is still being closed; the folder is a temporary one. */ }
        }
    }

    [Fact]
    public async Task FirstCall_OfAnUnknownTool_ShowsItsArguments_AndNoRefusedOneDoes()
    {
        var agent = await server.Api.RegisterAsync();
        (await agent.PostAsync("/v1/tool-calls", new { session = new { id = "s", parents = new[] { new { agent = agent.Id, id = "s" } } }, tool = "refused", arguments = new { x = 1 } })).Expect(400);
        await agent.CallAsync("s", "deploy", new { target = "production" });
        Assert.Equal(1, Seen(await UntilAsync(server, agent, "deploy", _ => true), "observedArguments", "target"));
        Assert.Equal("no-such-tool", (await server.Api.OperatorAsync("GET", $"/v1/agents/{agent.Id}/tools/refused")).Expect(404).Code);
    }

    [Theory]
    [InlineData("destinations", "!to", "bad-argument-name")]
    [InlineData("destinations", "", "bad-argument-name")]
    [InlineData("destinations", " to", "bad-argument-name")]
    [InlineData("freeText", "*", "bad-argument-name")]
    [InlineData("freeText", "!body", "bad-argument-name")]
    [InlineData("resultMetadata", "!", "bad-field-name")]
    [InlineData("resultMetadata", "!!id", "bad-field-name")]
    [InlineData("resultMetadata", "!*", "bad-field-name")]
    [InlineData("resultMetadata", "a\u0000b", "bad-field-name")]
    public async Task Roles_WithWhatIsNoName_AreRefused_AndNothingIsChanged(string member, string name, string code)
    {
        var agent = await server.Api.RegisterAsync();
        await agent.WithToolAsync("t", "financial");
        var refused = await server.Api.OperatorAsync("PUT", $"/v1/agents/{agent.Id}/tools/t", new Dictionary<string, object> { [member] = new[] { "ok", name }, ["tags"] = Array.Empty<string>() });

        Assert.Equal((400, code, $"/{member}"), (refused.Status, refused.Code, refused.Json["pointer"]!.GetValue<string>()));
        Assert.Equal("financial", (await GetAsync(server, agent, "t"))["tags"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task Roles_BeyondTheirBound_AreRefused_AndWhatFitsIsKeptOnce()
    {
        var agent = await server.Api.RegisterAsync();
        foreach (var member in (string[])["destinations", "freeText", "resultMetadata"])
        {
            var many = await server.Api.OperatorAsync("PUT", $"/v1/agents/{agent.Id}/tools/t", new Dictionary<string, object> { [member] = Enumerable.Range(0, 65).Select(i => $"a{i}") });
            Assert.Equal((400, "too-many-names"), (many.Status, many.Code));
        }
        Assert.Equal("bad-field-name", (await server.Api.OperatorAsync("PUT", $"/v1/agents/{agent.Id}/tools/t", new { resultMetadata = new[] { new string('a', 129) } })).Expect(400).Code);
        var saved = (await server.Api.OperatorAsync("PUT", $"/v1/agents/{agent.Id}/tools/t", new { destinations = new[] { "*", "to", "to" }, freeText = new[] { new string('a', 128) }, resultMetadata = new[] { "*", "!body" } })).Expect(200).Json;
        Assert.Equal(["*", "to"], saved["destinations"]!.AsArray().Select(d => d!.GetValue<string>()));
        Assert.Equal(["*", "!body"], saved["resultMetadata"]!.AsArray().Select(d => d!.GetValue<string>()));
    }

    private static async Task OfferAsync(TestAgent agent, string name, object schema) =>
        (await agent.PostAsync("/v1/model-calls", new { session = new { id = "m" }, tools = new[] { new { name, description = "Sends an e-mail.", schema } } })).Expect(200);

    private static async Task<JsonObject> GetAsync(TestServer server, TestAgent agent, string tool) =>
        (await server.Api.OperatorAsync("GET", $"/v1/agents/{agent.Id}/tools/{tool}")).Expect(200).Json.AsObject();

    // What is seen is written down behind the answers.
    private static async Task<JsonObject> UntilAsync(TestServer server, TestAgent agent, string tool, Func<JsonObject, bool> holds)
    {
        while (true)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var reply = await server.Api.OperatorAsync("GET", $"/v1/agents/{agent.Id}/tools/{tool}");
            if (reply.Status == 200 && holds(reply.Json.AsObject())) return reply.Json.AsObject();
        }
    }

    private static long? Seen(JsonObject tool, string list, string name) => tool[list]!.AsArray().FirstOrDefault(f => f!["name"]!.GetValue<string>() == name)?["seen"]?.GetValue<long>();

    private static string[] Names(JsonNode list) => [.. list.AsArray().Select(n => n!["name"]!.GetValue<string>())];
}
