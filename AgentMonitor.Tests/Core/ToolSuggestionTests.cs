using System.Text.Json.Nodes;
using AgentMonitor.Core.Tools;
using Xunit;

namespace AgentMonitor.Tests.Core;

public sealed class ToolSuggestionTests
{
    [Fact]
    public void SendingTool_IsExternal_WithItsRecipientsAndItsProse()
    {
        var found = Suggest("send_email", "", """{"properties":{"to":{"type":"array","items":{"type":"string","format":"email"}},"subject":{"type":"string"},"body":{"type":"string"},"priority":{"enum":["low","high"]},"retries":{"type":"integer"}},"required":["to"]}""");

        Assert.Equal([Tag.ExternalCommunication, Tag.StateChange], found.Tags.Select(t => t.Name));
        Assert.Equal("`to` is an e-mail address by its schema", Assert.Single(found.Destinations).Reason);
        Assert.Equal(["subject", "body"], found.FreeText.Select(f => f.Name));
        Assert.Equal("the name begins with `send`: it sends to somebody", found.Tags[0].Reason);
    }

    [Theory]
    [InlineData("delete_file", "path", "destructive state-change")]
    [InlineData("TransferFunds", "amount", "financial state-change")]
    [InlineData("pay-invoice", "iban", "financial state-change")]
    [InlineData("run_python", "code", "code-execution state-change")]
    [InlineData("list_emails", "folder", "sensitive-data untrusted-content")]
    [InlineData("getWeather", "city", "")]
    [InlineData("calculate_mean", "numbers", "")]
    [InlineData("fetch_page", "url", "external-communication untrusted-content")]
    [InlineData("read_file", "path", "sensitive-data untrusted-content")]
    [InlineData("frobnicate", "x", "")]
    [InlineData("", "", "")]
    public void Tags_FollowFromTheVerbAndItsNouns(string name, string argument, string tags) =>
        Assert.Equal(tags, string.Join(' ', Suggest(name, "", "{\"properties\":{\"" + argument + "\":{\"type\":\"string\"}}}").Tags.Select(t => t.Name).Order(StringComparer.Ordinal)));

    [Fact]
    public void OptionalGuests_MakeAToolExternal_OnlyWithThem()
    {
        var external = Suggest("create_event", "", """{"properties":{"title":{"type":"string"},"attendees":{"type":"array","items":{"type":"string"}}},"required":["title"]}""").Tags.Single(t => t.Name == Tag.ExternalCommunication);
        Assert.Equal("attendees", external.WhenArgument);
        Assert.Null(Suggest("create_event", "", """{"properties":{"attendees":{"type":"array","items":{"type":"string"}}},"required":["attendees"]}""").Tags.Single(t => t.Name == Tag.ExternalCommunication).WhenArgument);
    }

    [Fact]
    public void Annotations_AddTags_AndTakeNoneAwayThatTheNameGives()
    {
        const string Schema = """{"inputSchema":{"properties":{"path":{"type":"string"}}},"annotations":{"readOnlyHint":true,"openWorldHint":true}}""";
        Assert.Equal([Tag.UntrustedContent, Tag.StateChange, Tag.Destructive], Suggest("delete_file", "", Schema).Tags.Select(t => t.Name));
        Assert.Contains(Suggest("tidy", "", """{"properties":{},"annotations":{"destructiveHint":true}}""").Tags, t => t.Name == Tag.Destructive);
    }

    [Fact]
    public void LongTextInCalls_IsFreeText()
    {
        var tool = new ToolDefinition("a", "update_record", null) { Knowledge = ToolKnowledge.Nothing.WithFields([new("details", FieldKind.Text, 20, 12), new("state", FieldKind.Text, 20, 0)], []) };
        Assert.Equal("it held long text in 12 calls", Assert.Single(ToolSuggestions.For(tool).FreeText).Reason);
    }

    [Fact]
    public void ResultFields_ThatASystemWrites_AreMetadata_OfAToolThatReturnsOthersText()
    {
        var knowledge = ToolKnowledge.Nothing.WithFields([], [new("id", FieldKind.Text, 3, 0), new("sender", FieldKind.Text, 3, 0), new("body", FieldKind.Text, 3, 3), new("size", FieldKind.Number, 3, 0), new("created_by", FieldKind.Text, 3, 1)]);
        Assert.Equal(["id", "sender", "size"], ToolSuggestions.For(new ToolDefinition("a", "read_inbox", null) { Knowledge = knowledge }).ResultMetadata.Select(m => m.Name));
        Assert.Empty(ToolSuggestions.For(new ToolDefinition("a", "clock", []) { Knowledge = knowledge }).ResultMetadata);
    }

    [Fact]
    public void SendingTool_WithoutATellingName_HasEveryArgumentLookedAt()
    {
        var found = Suggest("broadcast", "", """{"properties":{"what":{"type":"string"},"message":{"type":"string"}}}""");
        Assert.Equal(ToolDefinition.All, Assert.Single(found.Destinations).Name);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"properties":7}""")]
    [InlineData("""{"properties":{"a":7,"\ud800":{"type":"string"},"b":{"type":["string","null"],"description":7}}}""")]
    [InlineData("""{"properties":{"a":{"anyOf":[7,{"type":"string","format":"uri"}]}},"required":{"a":1},"annotations":[]}""")]
    public void Schema_ThatIsNoneOrOdd_IsReadAsFarAsItGoes(string schema) =>
        Assert.Contains(Suggest("send_it", "Sends it.", schema).Tags, t => t.Name == Tag.ExternalCommunication);

    [Theory]
    [InlineData("DeleteHTTPCache")]
    [InlineData("cache.deletes")]
    [InlineData("deleteURLs2")]
    [InlineData("svc__delete-entries")]
    public void Names_AreTakenApart_HoweverTheyAreWritten(string name) => Assert.Contains(Suggest(name, "", "{}").Tags, t => t.Name == Tag.Destructive && t.Reason.Contains("`delete`", StringComparison.Ordinal));

    // What people said that the tools of public benchmarks do. The floors lie below what was measured, so that a change for the worse shows.
    [Fact]
    public void Suggestions_OfRecordedTools_ReachTheFloors()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "AgentMonitor.sln"))) root = root.Parent;
        var data = Path.Combine(root?.FullName ?? "", "..", "shared", "data", "replay");
        Assert.SkipUnless(File.Exists(Path.Combine(data, "tools.jsonl")), "The recorded tools are not beside the repository.");
        var labels = JsonNode.Parse(File.ReadAllText(Path.Combine(data, "labels.json")))!.AsArray().ToDictionary(l => l!["key"]!.GetValue<string>(), l => l!);
        var scores = new Dictionary<string, (int Right, int Wrong, int Missed)>();
        foreach (var line in File.ReadLines(Path.Combine(data, "tools.jsonl")))
        {
            var recorded = JsonNode.Parse(line)!;
            var name = recorded["tool"]!.GetValue<string>();
            if (!labels.TryGetValue($"{recorded["suite"]}/{name}", out var label)) continue;
            var schema = SchemaOf(recorded["parameters"]!);
            var arguments = ToolSchema.Read(schema).Arguments.Select(a => a.Name).ToList();
            var found = Suggest(name, recorded["description"]?.GetValue<string>() ?? "", schema);
            var got = new ToolDefinition("a", name, []) { Destinations = [.. found.Destinations.Select(d => d.Name)], FreeText = [.. found.FreeText.Select(f => f.Name)] };
            var wanted = new ToolDefinition("a", name, []) { Destinations = Names(label["sink_args"]!), FreeText = Names(label["content_args"]!) };
            foreach (var (member, tag) in ((string, string)[])[("reads_untrusted", Tag.UntrustedContent), ("reads_sensitive", Tag.SensitiveData), ("external_communication", Tag.ExternalCommunication), ("state_change", Tag.StateChange), ("destructive", Tag.Destructive), ("financial", Tag.Financial)])
                Score(tag, label[member]!.GetValue<bool>() || tag == Tag.ExternalCommunication && label["external_if_arg"] is not null ? [tag] : [], [.. found.Tags.Select(t => t.Name).Where(t => t == tag)]);
            Score("destinations", [.. arguments.Where(wanted.IsDestination)], [.. arguments.Where(got.IsDestination)]);
            Score("freeText", [.. arguments.Where(wanted.IsFreeText)], [.. arguments.Where(got.IsFreeText)]);
        }

        foreach (var (role, (precision, recall)) in s_floors)
        {
            var (right, wrong, missed) = scores[role];
            TestContext.Current.SendDiagnosticMessage($"{role}: precision {100 * right / (right + wrong)}, recall {100 * right / (right + missed)} ({right} right, {wrong} wrong, {missed} missed)");
            Assert.True(100 * right >= precision * (right + wrong), $"{role}: {right} right, {wrong} wrong: precision below {precision} %");
            Assert.True(100 * right >= recall * (right + missed), $"{role}: {right} right, {missed} missed: recall below {recall} %");
        }

        void Score(string role, IReadOnlyCollection<string> wanted, IReadOnlyCollection<string> got)
        {
            var (right, wrong, missed) = scores.GetValueOrDefault(role);
            scores[role] = (right + wanted.Intersect(got).Count(), wrong + got.Except(wanted).Count(), missed + wanted.Except(got).Count());
        }
    }

    private static readonly Dictionary<string, (int Precision, int Recall)> s_floors = new()
    {
        [Tag.UntrustedContent] = (85, 80), [Tag.SensitiveData] = (90, 85), [Tag.ExternalCommunication] = (90, 75), [Tag.StateChange] = (92, 95), [Tag.Destructive] = (85, 75), [Tag.Financial] = (80, 75),
        ["destinations"] = (75, 75), ["freeText"] = (65, 90),
    };

    private static System.Collections.Immutable.ImmutableArray<string> Names(JsonNode list) => [.. list.AsArray().Select(n => n!.GetValue<string>())];

    // Some suites list their parameters instead of writing a schema.
    private static string SchemaOf(JsonNode parameters)
    {
        if (parameters is not JsonArray list) return parameters.ToJsonString();
        var properties = new JsonObject();
        foreach (var parameter in list) properties[parameter!["name"]!.GetValue<string>()] = new JsonObject { ["type"] = parameter["type"]?.DeepClone(), ["description"] = parameter["description"]?.DeepClone() };
        return new JsonObject { ["properties"] = properties, ["required"] = new JsonArray([.. list.Where(p => p!["required"]?.GetValue<bool>() == true).Select(p => p!["name"]!.DeepClone())]) }.ToJsonString();
    }

    private static ToolSuggestions Suggest(string name, string description, string schema) =>
        ToolSuggestions.For(new ToolDefinition("a", name, null) { Description = description, Knowledge = ToolKnowledge.Nothing.WithSchema(schema) });
}
