using System.Text.Json;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Web.Components.Pages.Agents;
using AgentMonitor.Web.Components.Pages.Sessions;
using AgentMonitor.Web.Components.Pages.Shared;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Sessions;
using Xunit;

namespace AgentMonitor.Tests.Components;

public sealed class PageLogicTests
{
    private static readonly DateTimeOffset Noon = StoryEntries.Noon;

    [Fact]
    public void HeldRows_ChangeInPlace_AndCountWhatIsNew()
    {
        var rows = new HeldRows<Row>(r => r.Id);
        rows.Take([new("b", 1), new("a", 1)]);
        rows.Held = true;
        rows.Take([new("c", 1), new("a", 2), new("b", 1)]);

        Assert.Equal([new("b", 1), new("a", 2)], rows.Shown);
        Assert.Equal(1, rows.New);

        rows.Held = false;
        rows.Take([new("c", 1), new("a", 2), new("b", 1)]);
        Assert.Equal(["c", "a", "b"], rows.Shown!.Select(r => r.Id));
        Assert.Equal(0, rows.New);
    }

    [Fact]
    public void HeldRows_OfAnotherQuestion_AreReplacedAtOnce()
    {
        var rows = new HeldRows<Row>(r => r.Id) { Held = true };
        rows.Take([new("a", 1)]);
        rows.Take([new("x", 1)], another: true);
        Assert.Equal([new("x", 1)], rows.Shown);
    }

    [Fact]
    public void Users_AreShownAsTheyWereLastNamed_AndOldOnesAsUnknown()
    {
        StoryItem[] story =
        [
            new WordsItem { Sequence = 1, At = Noon, Text = "hi", Users = [new("alice", false, [])] },
            new CallItem { Sequence = 2, At = Noon, DecisionId = "d", Tool = "t", Decision = "allow", Data = new ToolCallData { Users = [new("alice", true, ["pm"])] } },
        ];

        var users = SessionFacts.Users(["bob", "alice"], story);

        Assert.Equal([("bob", null), ("alice", true)], users.Select(u => (u.Id, u.Verified)));
        Assert.Equal(["pm"], users[1].Roles);
    }

    [Fact]
    public void Key_SaysWhetherItWorks()
    {
        Assert.Equal("works", Word(null, null));
        Assert.Equal("works", Word(Noon.AddDays(8), null));
        Assert.Equal("expires soon", Word(Noon.AddDays(6), null));
        Assert.Equal("expired", Word(Noon, null));
        Assert.Equal("revoked", Word(Noon.AddDays(8), Noon));
        Assert.Null(KeyExpiry.Of(KeyLifetime.Forever, Noon));
        Assert.Equal(Noon.AddDays(90), KeyExpiry.Of(KeyLifetime.Quarter, Noon));

        static string Word(DateTimeOffset? expires, DateTimeOffset? revoked)
        {
            var key = new KeyView("k", "n", "amk", Noon, expires, revoked, null);
            var word = KeyExpiry.Word(key, Noon);
            Assert.Equal(word is "works" or "expires soon", KeyExpiry.Works(key, Noon));
            return word;
        }
    }

    [Fact]
    public void Export_HoldsTheSessionAndItsEntries_WithDataThatItsDigestIsOver()
    {
        var key = new SessionKey("pm", "a/b");
        var state = SessionState.New(key, Noon).WithLabels([new("untrusted-content", LabelSource.ToolCall, Noon, "d1", "read", null, [new("triage", "t-7")])]);
        var entry = LedgerChain.Append(new StoryEntries().Call("d1", "read", prompt: "grüße <b>").All[0], 1, LedgerChain.Genesis);

        using var file = JsonDocument.Parse(SessionExport.Write(state, [entry], complete: true, Noon));

        Assert.Equal("a/b", file.RootElement.GetProperty("session").GetProperty("id").GetString());
        Assert.Equal("triage/t-7", file.RootElement.GetProperty("session").GetProperty("labels")[0].GetProperty("path")[0].GetString());
        var written = file.RootElement.GetProperty("entries")[0];
        Assert.Equal(written.GetProperty("dataDigest").GetString(), LedgerChain.Digest(written.GetProperty("data").GetString()!));
        Assert.Equal(entry.Hash, written.GetProperty("hash").GetString());
        Assert.Equal("session-pm-a-b.json", SessionExport.FileName(key));
    }

    private sealed record Row(string Id, int Value);
}
