using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Components.Pages.Agents;
using AgentMonitor.Web.Components.Pages.Policy;
using AgentMonitor.Web.Components.Pages.Tools;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Live;
using Xunit;

namespace AgentMonitor.Tests.Components;

public sealed class ToolAndAgentFormTests
{
    private static readonly DateTimeOffset Noon = StoryEntries.Noon;

    [Fact]
    public void ToolForm_OfAnUnclassifiedTool_SavesAsClassified_EvenWithoutTags()
    {
        var saved = ToolForm.From(new ToolDefinition("a", "read", null)).ToDefinition();

        Assert.True(saved.IsClassified);
        Assert.Empty(saved.Tags);
    }

    [Fact]
    public void ToolForm_KeepsWhatItDoesNotShow_AndWhatWasNotChanged()
    {
        var before = new ToolDefinition("a", "create_event", [new("external-communication", "participants"), new("calendar")])
        {
            Description = "Makes an event",
            DescriptionFromAgent = true,
            Fingerprint = "f",
            Destinations = ["to"],
            FreeText = ["body"],
            ResultMetadata = ["id"],
            FirstSeenAt = Noon,
        };

        var saved = ToolForm.From(before).ToDefinition();

        Assert.Equal(before.Tags.OrderBy(t => t.Name), saved.Tags.OrderBy(t => t.Name));
        Assert.Equal(("Makes an event", true, "f", Noon), (saved.Description, saved.DescriptionFromAgent, saved.Fingerprint, saved.FirstSeenAt));
        Assert.Equal(["to", "body", "id"], [.. saved.Destinations, .. saved.FreeText, .. saved.ResultMetadata]);
    }

    [Fact]
    public void ToolForm_WithAChangedDescription_IsNoLongerTheAgents()
    {
        var form = ToolForm.From(new ToolDefinition("a", "x", []) { Description = "by the agent", DescriptionFromAgent = true });
        form.Description = "by me";
        Assert.False(form.ToDefinition().DescriptionFromAgent);
    }

    [Fact]
    public void ToolForm_Roles_UnderTheAsterisk_AreDestinationsUnlessFreeText()
    {
        var form = ToolForm.From(new ToolDefinition("a", "x", []));
        form.SetRole("to", ArgumentRole.Destination);
        form.SetRole("to", ArgumentRole.FreeText);
        Assert.Equal((ArgumentRole.FreeText, ArgumentRole.None), (form.RoleOf("to"), form.RoleOf("cc")));
        Assert.Null(form.AddDestination("*"));
        Assert.Equal((ArgumentRole.FreeText, ArgumentRole.Destination), (form.RoleOf("to"), form.RoleOf("cc")));
        form.SetRole("to", ArgumentRole.Destination);
        Assert.Equal(["*"], form.ToDefinition().Destinations);
        Assert.Equal(ArgumentRole.Destination, form.RoleOf("to"));
    }

    [Fact]
    public void ToolForm_Metadata_UnderTheAsterisk_IsExcepted()
    {
        var form = ToolForm.From(new ToolDefinition("a", "x", []));
        form.SetMetadata("id", systemWrote: true);
        form.SetMetadata("body", systemWrote: false);
        Assert.Equal(["id"], form.Metadata);
        Assert.Null(form.AddMetadata("*"));
        form.SetMetadata("body", systemWrote: false);
        Assert.Equal((true, false), (form.IsMetadata("sender"), form.IsMetadata("body")));
        form.SetMetadata("body", systemWrote: true);
        Assert.True(form.IsMetadata("body"));
        Assert.NotNull(form.AddMetadata("!"));
        Assert.NotNull(form.AddDestination("!to"));
        Assert.NotNull(form.AddFreeText("*"));
    }

    [Fact]
    public void ToolForm_Suggestions_AreOpenUntilAcceptedOrDecidedOtherwise()
    {
        var tool = new ToolDefinition("a", "send_email", null) { Knowledge = ToolKnowledge.Nothing.WithSchema("""{"properties":{"to":{"type":"string"},"cc":{"type":"string"},"body":{"type":"string"}}}""") };
        var suggested = ToolSuggestions.For(tool);
        var form = ToolForm.From(tool);
        Assert.Equal(5, form.Open(suggested).Count);
        Assert.False(form.IsChanged);

        form.SetRole("cc", ArgumentRole.FreeText);
        Assert.Equal(["to"], form.Open(suggested).Destinations.Select(d => d.Name));
        form.AcceptAll(form.Open(suggested));
        Assert.Equal(0, form.Open(suggested).Count);
        Assert.Equal(["tags: + external-communication, + state-change", "destinations: + to", "free text: + cc, + body"], form.Changes());
    }

    [Fact]
    public void Warnings_OfAToolThatActs_NameTheMissingDestination()
    {
        Assert.Contains("every call counts as unvouched", Assert.Single(ToolWords.Warnings(new ToolDefinition("a", "x", [new(Tag.Financial)]))), StringComparison.Ordinal);
        Assert.Empty(ToolWords.Warnings(new ToolDefinition("a", "x", [new(Tag.Financial)]) { Destinations = ["iban"] }));
        Assert.Empty(ToolWords.Warnings(new ToolDefinition("a", "x", [new(Tag.StateChange)])));
    }

    [Theory]
    [InlineData("agents/support/tools/refund", "support", "refund")]
    [InlineData("agents/a%20b/tools/x%2Fy%2520?tab=1", "a b", "x/y%20")]
    [InlineData("agents/support/tools/x/y", "support", "x/y")]
    [InlineData("agents/support/sessions/x", null, null)]
    public void ToolAddress_IsReadAsItWasSent(string path, string? agent, string? tool) =>
        Assert.Equal((agent, tool), ToolAddress.OfPage(path) is { } found ? (found.Agent, found.Tool) : (null, null));

    [Fact]
    public void ToolForm_OwnTag_IsASlug()
    {
        var form = ToolForm.From(new ToolDefinition("a", "x", []));
        form.OwnTag = "Customer data";
        Assert.NotNull(form.AddOwn());
        form.OwnTag = " PII ";
        Assert.Null(form.AddOwn());
        Assert.Equal(["pii"], form.ToDefinition().Tags.Select(t => t.Name));
    }

    [Fact]
    public void Consequences_SayWhatSessionsGain()
    {
        Assert.Contains("Its calls will add untrusted-content to sessions.", ToolWords.Consequences([new(Tag.UntrustedContent)]));
        Assert.Contains("Calls with the argument participants will add external-communication too; calls without it will not.",
            ToolWords.Consequences([new(Tag.ExternalCommunication, "participants")]));
        Assert.Contains("add no label", Assert.Single(ToolWords.Consequences([])), StringComparison.Ordinal);
    }

    [Fact]
    public void ToolRows_PutUnclassifiedFirst_AndFindThemByTheTagsTheyAreTreatedAs()
    {
        var snapshot = Snapshot()
            .WithTool(new ToolDefinition("pm", "busy", [new(Tag.Financial)]))
            .WithTool(new ToolDefinition("pm", "quiet", [new(Tag.UntrustedContent)]))
            .WithTool(new ToolDefinition("pm", "new", null));
        var rows = ToolRows.Build(snapshot, null, [new("pm", "busy", 10, 2)], Noon);

        Assert.Equal(["new", "busy", "quiet"], ToolRows.Select(rows, new(null, null, null, null)).Select(r => r.Tool.Name));
        Assert.Equal(["new", "quiet"], ToolRows.Select(rows, new(null, null, Tag.UntrustedContent, null)).Select(r => r.Tool.Name));
        Assert.Equal(["busy"], ToolRows.Select(rows, new(null, null, null, "denied")).Select(r => r.Tool.Name));
    }

    [Fact]
    public void ToolRows_TellASwitchOfTheAgentFromOneForAll()
    {
        var everywhere = new Switch(SwitchTarget.ForTool("*", "x"), "dana", "why", Noon, Noon.AddHours(1));
        var snapshot = Snapshot().WithTool(new ToolDefinition("pm", "x", [])) with { };
        snapshot = snapshot with { Switches = snapshot.Switches.SetItem(everywhere.Target, everywhere) };

        var row = Assert.Single(ToolRows.Build(snapshot, "pm", [], Noon));
        Assert.Null(row.Own);
        Assert.Equal(everywhere, row.InForce);
        Assert.False(Assert.Single(ToolRows.Build(snapshot, "pm", [], Noon.AddHours(1))).IsDisabled);
    }

    [Theory]
    [InlineData("", "name", "Id")]
    [InlineData("PM", "name", "Id")]
    [InlineData("pm", "name", "Id")]
    [InlineData("new", " ", "Name")]
    public void AgentForm_SaysWhatIsWrong(string id, string name, string field) =>
        Assert.Contains(field, new AgentForm { Id = id, Name = name }.Validate(["pm"]).Keys);

    [Fact]
    public void AgentForm_OfAChange_DoesNotAskForAnotherId() => Assert.Empty(new AgentForm { Id = "pm", Name = "PM" }.Validate(null));

    [Theory]
    [InlineData("PM Portal", "pm-portal")]
    [InlineData("  Über: Äpfel 2 ", "ber-pfel-2")]
    [InlineData("!!!", "")]
    public void AgentForm_MakesASlugOfAName(string name, string slug) => Assert.Equal(slug, AgentForm.SlugOf(name));

    [Fact]
    public void AgentForm_AddsTrustedDestinations_AndKeepsTheRest()
    {
        var before = new AgentDefinition { Id = "pm", Name = "PM", Tags = ["own"], TrustedDestinations = ["#ops"], CreatedAt = Noon };
        var form = AgentForm.From(before);
        form.NewDestination = " *@example.com ";

        Assert.Null(form.AddDestination());
        var saved = form.ToDefinition(before);

        Assert.Equal(["#ops", "*@example.com"], saved.TrustedDestinations);
        Assert.Equal(before with { TrustedDestinations = saved.TrustedDestinations }, saved);
        Assert.Equal("", form.NewDestination);
    }

    [Theory]
    [InlineData("a*b", "A star can stand for the name in *@example.com")]
    [InlineData("**", "Only one star is possible.")]
    [InlineData("*@nowhere", "A domain such as example.com follows the star.")]
    [InlineData("#OPS", "#OPS is in the list already.")]
    public void AgentForm_SaysWhatIsWrongWithADestination(string pattern, string words)
    {
        var form = AgentForm.From(new AgentDefinition { Id = "pm", Name = "PM", TrustedDestinations = ["#ops"] });
        form.NewDestination = pattern;

        Assert.StartsWith(words, form.AddDestination(), StringComparison.Ordinal);
        Assert.Equal(["#ops"], form.TrustedDestinations);
        Assert.Equal(pattern, form.NewDestination);
    }

    [Fact]
    public void AgentForm_SaysWhatTheAgentVouchesFor()
    {
        Assert.Null(AgentForm.Vouches([]));
        Assert.Equal("vouches for #ops", AgentForm.Vouches(["#ops"]));
        Assert.Equal("vouches for every address at example.com and everything below wiki.example.com", AgentForm.Vouches(["*@example.com", "wiki.example.com/*"]));
        Assert.Equal("vouches for example.com and every host below it, #ops and 2 more", AgentForm.Vouches(["*.example.com", "#ops", "a", "b"]));
    }

    [Fact]
    public void AgentRows_SayTheState_QuarantineBeforeStop()
    {
        var stop = new Switch(SwitchTarget.StopAll, "dana", "why", Noon, null);
        var quarantine = new Switch(SwitchTarget.ForAgent("pm"), "lee", "why", Noon, null);
        var snapshot = Snapshot();

        Assert.Equal(AgentStateKind.NeverAsked, State(snapshot, null));
        Assert.Equal(AgentStateKind.Running, State(snapshot, Noon.AddMinutes(-1)));
        Assert.Equal(AgentStateKind.Idle, State(snapshot, Noon.AddHours(-1)));
        snapshot = snapshot with { Switches = snapshot.Switches.SetItem(stop.Target, stop) };
        Assert.Equal(AgentStateKind.Stopped, State(snapshot, Noon));
        snapshot = snapshot with { Switches = snapshot.Switches.SetItem(quarantine.Target, quarantine) };
        Assert.Equal(AgentStateKind.Quarantined, State(snapshot, Noon));

        static AgentStateKind State(ControlSnapshot snapshot, DateTimeOffset? asked) =>
            AgentRows.Row(snapshot, snapshot.Agents["pm"], [new MinuteCount(Noon, 1, 0, 0)], asked, Noon).State;
    }

    [Fact]
    public void AgentRows_AreSortedAndFiltered()
    {
        var snapshot = Snapshot("pm", "support", "research");
        var rows = AgentRows.Build(snapshot, id => [new MinuteCount(Noon, id.Length, id == "pm" ? 3 : 0, 0)], id => Noon, Noon);

        Assert.Equal(["pm", "research", "support"], AgentRows.Select(rows, null, null, null).Select(r => r.Agent.Id));
        Assert.Equal(["research", "support", "pm"], AgentRows.Select(rows, null, null, "-calls").Select(r => r.Agent.Id));
        Assert.Equal(["pm"], AgentRows.Select(rows, null, "attention", null).Select(r => r.Agent.Id));
        Assert.Equal(["support"], AgentRows.Select(rows, "UPP", null, null).Select(r => r.Agent.Id));
    }

    [Fact]
    public void RuleMatches_CountDecidedMatchedAndShadow_OnceEach()
    {
        var entries = new StoryEntries()
            .Call("d1", "x", "deny", reason: "policy", rules: ["r1", "r2"])
            .Call("d2", "x", shadow: ["s1"])
            .Call("d3", "x", "deny", reason: "tool-disabled", rules: ["r1"]).All;
        var matches = RuleMatches.Count([.. entries.Reverse()], Noon, 100);

        Assert.Equal((1, 2, 0), matches.Of("r1"));
        Assert.Equal((0, 1, 0), matches.Of("r2"));
        Assert.Equal((0, 0, 1), matches.Of("s1"));
        Assert.Null(matches.Since);
        Assert.False(matches.AddNewer(entries));
        Assert.Equal((1, 2, 0), matches.Of("r1"));
    }

    [Fact]
    public void RuleMatches_SayFromWhenOn_WhenThereWereTooMany()
    {
        var entries = new StoryEntries().Call("d1", "x").Call("d2", "x").All;
        Assert.Equal(entries[0].At, RuleMatches.Count([.. entries.Reverse()], Noon.AddDays(-1), 2).Since);
    }

    private static ControlSnapshot Snapshot(params string[] agents)
    {
        var policy = CompiledPolicy.Compile(PolicyDocument.Empty, 1, CelConditionCompiler.Instance, out _)!;
        var snapshot = new ControlSnapshot { Revision = 1, Policy = policy };
        foreach (var id in agents.Length == 0 ? ["pm"] : agents)
            snapshot = snapshot with { Agents = snapshot.Agents.SetItem(id, new AgentDefinition { Id = id, Name = id }) };
        return snapshot;
    }
}
