using AgentMonitor.Core.Ledger;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Components.Pages.Sessions;
using AgentMonitor.Web.Ledger;
using Xunit;

namespace AgentMonitor.Tests.Components;

public sealed class SessionStoryTests
{
    private const string U = Tag.UntrustedContent, S = Tag.SensitiveData;

    [Fact]
    public void Story_OfTheTrifecta_TellsWordsCallsAndTheMomentOfTaint()
    {
        var story = SessionStory.Of(new StoryEntries()
            .Model(["query_feature_requests"], [new("execute_sql", "tool-disabled", "off", null)], prompt: "what backlog requests are there?")
            .Call("d1", "query_feature_requests", added: [U], prompt: "what backlog requests are there?")
            .Result("d1", "query_feature_requests")
            .Call("d2", "execute_sql", added: [S], labels: [U, S])
            .Call("d3", "post_comment", "deny", labels: [U, S], reason: "policy")
            .All);

        Assert.Equal(
            ["WordsItem Clean", "ModelItem Clean", "CallItem Clean", "GainItem Untrusted", "CallItem Untrusted", "GainItem Both", "CallItem Both"],
            story.Items.Select(i => $"{i.GetType().Name} {i.Stage}"));
        Assert.Equal("ok", story.Call("d1")!.Result!.Status);
        Assert.Equal([false, true], story.Items.OfType<GainItem>().Select(g => g.Completes));
        Assert.Equal((3, 1, 0), story.Counts);
    }

    [Fact]
    public void Gains_OfOneCall_AreOneItem_StandardTagsFirst()
    {
        var story = SessionStory.Of(new StoryEntries().Call("d1", "x", added: ["own-b", S, "own-a", U]).All);

        var gain = Assert.Single(story.Items.OfType<GainItem>());
        Assert.Equal([U, S, "own-a", "own-b"], gain.Labels);
        Assert.Equal(("x", "d1", true), (gain.Tool, gain.DecisionId, gain.Completes));
    }

    [Fact]
    public void Gains_OfALabelItHas_AreNotToldAgain()
    {
        var story = SessionStory.Of(new StoryEntries().Call("d1", "x", added: [U]).Call("d2", "x", added: [U], labels: [U]).Model([], labels: [U]).All);

        Assert.Single(story.Items.OfType<GainItem>());
    }

    [Fact]
    public void Gains_ThroughAParent_AreToldBeforeTheCall_AndNameTheParent()
    {
        var story = SessionStory.Of(new StoryEntries().Call("d1", "post", added: ["state-change"], labels: [U, "state-change"], tags: ["state-change"], linked: ["triage/t-7"]).All);

        Assert.Equal(["LinkItem", "GainItem", "CallItem", "GainItem"], story.Items.Select(i => i.GetType().Name));
        Assert.Equal(4, story.Items.Select(i => i.Key).Distinct().Count());
        var gains = story.Items.OfType<GainItem>().ToList();
        Assert.Equal(["triage/t-7"], gains[0].From);
        Assert.Null(gains[0].Tool);
        Assert.Equal(["state-change"], gains[1].Labels);
    }

    [Fact]
    public void Gains_ThroughAParent_AreNotTheToolsOwn_WhenListedWithWhatTheCallAdded()
    {
        var story = SessionStory.Of(new StoryEntries().Call("d1", "post", added: [U, "state-change"], tags: ["state-change"], linked: ["triage/t-7"]).All);

        var gains = story.Items.OfType<GainItem>().ToList();
        Assert.Equal([U], gains[0].Labels);
        Assert.Equal(["triage/t-7"], gains[0].From);
        Assert.Equal(["state-change"], gains[1].Labels);
    }

    [Fact]
    public void Gains_OfADeniedCall_AreNotBlamedOnItsTool()
    {
        var story = SessionStory.Of(new StoryEntries().Call("d1", "post", "deny", labels: [U]).All);

        Assert.Null(Assert.Single(story.Items.OfType<GainItem>()).Tool);
    }

    [Fact]
    public void Result_WithAnotherSessionsOutput_LinksIt()
    {
        var story = SessionStory.Of(new StoryEntries().Call("d1", "delegate").Result("d1", "delegate", added: [S], from: "research/r/1").All);

        var link = Assert.Single(story.Items.OfType<LinkItem>());
        Assert.True(link.Output);
        Assert.Equal(["research/r/1"], Assert.Single(story.Items.OfType<GainItem>()).From);
    }

    [Fact]
    public void Label_Cleared_TurnsTheSpineBack_AndMayBeGainedAgain()
    {
        var story = SessionStory.Of(new StoryEntries()
            .Call("d1", "x", added: [U])
            .Action(LedgerKind.Session, "label-cleared", "dana cleared untrusted-content.", "dana", [U])
            .Call("d2", "x", added: [U])
            .All);

        Assert.Equal([SpineStage.Clean, SpineStage.Untrusted, SpineStage.Clean, SpineStage.Clean, SpineStage.Untrusted], story.Items.Select(i => i.Stage));
        Assert.Equal(2, story.Items.OfType<GainItem>().Count());
    }

    [Fact]
    public void Approval_JoinsItsCall_WhichShowsTheAnswer()
    {
        var story = SessionStory.Of(new StoryEntries()
            .Call("d1", "refund", "pending", reason: "policy", approval: "a1")
            .Approval("d1", "approved", "dana approved it.", "dana", "allow", "approval", ["financial"], "checked")
            .All);

        var call = Assert.Single(story.Items.OfType<CallItem>());
        Assert.Equal(("allow", "approval"), (call.Decision, call.Reason));
        var note = Assert.Single(call.Approvals);
        Assert.Equal(("dana approved it.", "checked"), (note.Sentence, note.Why));
        Assert.Equal(["financial"], Assert.Single(story.Items.OfType<GainItem>()).Labels);
        Assert.DoesNotContain(story.Items, i => i is NoteItem);
    }

    [Fact]
    public void Call_RecordedAgainUnderItsDecision_IsTheSameCall()
    {
        var story = SessionStory.Of(new StoryEntries()
            .Call("d1", "refund", "pending", reason: "policy")
            .Call("d1", "refund", "allow", reason: "approval", added: ["financial"])
            .All);

        var call = Assert.Single(story.Items.OfType<CallItem>());
        Assert.Equal(("allow", "approval"), (call.Decision, call.Reason));
        Assert.Equal(["financial"], Assert.Single(story.Items.OfType<GainItem>()).Labels);
        Assert.Equal((1, 0, 0), story.Counts);
    }

    [Fact]
    public void ModelCalls_ThatLookTheSame_AreToldOnceWithACount()
    {
        var story = SessionStory.Of(new StoryEntries().Model(["a"]).Call("d1", "a").Model(["a"]).Model(["a"], prompt: "go on").Model([]).All);

        Assert.Equal([2, 1, 1], story.Items.OfType<ModelItem>().Select(m => m.Times));
    }

    [Fact]
    public void Words_RepeatedByTheNextCall_AreToldOnce()
    {
        var story = SessionStory.Of(new StoryEntries().Model([], prompt: "hello").Call("d1", "a", prompt: "hello").Call("d2", "a", prompt: "bye").All);

        Assert.Equal(["hello", "bye"], story.Items.OfType<WordsItem>().Select(w => w.Text));
    }

    [Fact]
    public void Switch_SaysWhoAndWhy()
    {
        var story = SessionStory.Of(new StoryEntries().Switch("set", "session-quarantine", "dana", "incident 42").Switch("lifted", "session-quarantine", "lee").Switch("expired", "session-quarantine", null).All);

        Assert.Equal(
            ["This session was quarantined by dana.", "This session was released from quarantine by lee.", "This session was released from quarantine: the time was over."],
            story.Items.Cast<NoteItem>().Select(n => n.Sentence));
        Assert.Equal([true, false, false], story.Items.Cast<NoteItem>().Select(n => n.Stops));
        Assert.Equal("incident 42", ((NoteItem)story.Items[0]).Why);
    }

    [Fact]
    public void Story_ThatBeginsLate_StartsWithWhatTheSessionCarried()
    {
        var story = SessionStory.Of(new StoryEntries().Call("d9", "x", added: [S], labels: [U, S]).All, complete: false);

        Assert.Equal([S], Assert.Single(story.Items.OfType<GainItem>()).Labels);
        Assert.Equal([SpineStage.Untrusted, SpineStage.Both], story.Items.Select(i => i.Stage));
    }

    [Fact]
    public void Entries_WithErasedData_AreStillTold()
    {
        var story = SessionStory.Of(new StoryEntries().Raw(LedgerKind.ToolCall, "").Raw(LedgerKind.ModelCall, "not json").Raw(LedgerKind.Session, "{}").All);

        Assert.Equal(["CallItem", "ModelItem", "NoteItem"], story.Items.Select(i => i.GetType().Name));
    }

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"request_id":7,"body":"Thanks"}""", "request_id 7 · body “Thanks”")]
    [InlineData("""{"to":["a@x","b@x"],"draft":false,"meta":{"a":1},"cc":null}""", "to “a@x” and 1 more · draft no · meta {…} · cc none")]
    [InlineData("""{"a":"one\ntwo"}""", "a “one two”")]
    public void ArgumentWords_SayWhatWasWanted(string json, string expected) =>
        Assert.Equal(expected, ArgumentWords.Brief(System.Text.Json.JsonDocument.Parse(json).RootElement));

    [Fact]
    public void ArgumentWords_AreCut_AndNeverThroughACharacter()
    {
        Assert.Equal("aaaa…", ArgumentWords.Cut("aaaaaaaa", 4));
        Assert.Equal("aaa…", ArgumentWords.Cut("aaa😀aaa", 4));
    }
}
