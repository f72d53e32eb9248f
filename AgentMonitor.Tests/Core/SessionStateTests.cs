using System.Collections.Immutable;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Sessions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace AgentMonitor.Tests.Core;

public sealed class SessionStateTests
{
    private static readonly string[] Capabilities = ["external-communication", "financial", "destructive", "state-change"];

    [Fact]
    public void Parents_WhateverTheyCarry_OnlyAddLabels() => Check.One(Worlds.Runs(500), Prop.ForAll(Labels().ToArbitrary(), Labels().ToArbitrary(), (own, theirs) =>
    {
        var before = Session("child", own);
        var after = before.LinkedTo(Session("parent", theirs));
        return after.LabelNames.ToHashSet(StringComparer.Ordinal).SetEquals(own.Concat(theirs)) && before.Labels.All(l => after.Labels.Contains(l));
    }));

    [Fact]
    public void Parents_LinkedTwice_AreLinkedOnce()
    {
        var parent = Session("parent", ["a"]);
        var child = Session("child", []).LinkedTo(parent).LinkedTo(parent);
        Assert.Equal([parent.Key], child.Parents);
        Assert.Single(child.Labels);
    }

    [Fact]
    public void Parents_BeyondTheBound_StillPassTheirLabelsOn()
    {
        var child = Session("child", []);
        for (var i = 0; i < SessionState.MaxLinks; i++) child = child.LinkedTo(Session($"p{i}", []));
        Assert.Contains("secret", child.LinkedTo(Session("one-more", ["secret"])).LabelNames);
    }

    [Fact]
    public void Parents_NamedInACircle_ChangeNothing()
    {
        var a = Session("a", ["x"]);
        var b = Session("b", ["y"]).LinkedTo(a);
        a = a.LinkedTo(b);
        Assert.Equal(["x", "y"], a.LabelNames);
        // What came from a and returns to a is still a's own evidence.
        Assert.Empty(a.Evidence("x")!.Path);
        Assert.Same(a.Labels[0], a.LinkedTo(b).Labels[0]);
    }

    [Fact]
    public void Evidence_KeepsThePathFromWhereItArose()
    {
        var a = Session("a", ["x"]);
        var c = Session("c", []).LinkedTo(Session("b", []).LinkedTo(a));
        Assert.Equal(["agent/a", "agent/b"], c.Evidence("x")!.Path.Select(p => p.ToString()));
        Assert.Equal("tool-of-a", c.Evidence("x")!.Tool);
    }

    [Fact]
    public void Evidence_OfAVeryLongPath_KeepsItsOriginAndItsLastSteps()
    {
        var session = Session("s0", ["x"]);
        for (var i = 1; i <= 40; i++) session = Session($"s{i}", []).LinkedTo(session);
        var path = session.Evidence("x")!.Path;
        Assert.Equal(LabelEvidence.MaxPathLength, path.Length);
        Assert.Equal("s0", path[0].Id);
        Assert.Equal("s39", path[^1].Id);
    }

    [Fact]
    public void Evidence_OfALabelGainedTwice_IsTheFirst()
    {
        var first = Evidence("x") with { DecisionId = "first" };
        var session = Session("s", []).WithLabels([first]).WithLabels([Evidence("x") with { DecisionId = "second" }]);
        Assert.Equal("first", session.Evidence("x")!.DecisionId);
    }

    [Fact]
    public void Labels_ClearedByAnOperator_ComeBackWhenGainedAgain()
    {
        var session = Session("s", ["x", "y"]).WithoutLabel("x");
        Assert.Equal(["y"], session.LabelNames);
        Assert.Equal(["x", "y"], session.WithLabels([Evidence("x")]).LabelNames);
    }

    [Fact]
    public void Grants_BeforeUntrustedContent_AreReplaced() =>
        Assert.Equal(["financial"], Session("s", ["sensitive-data"]).WithGrants(["destructive"]).WithGrants(["financial"]).Grants!.Value);

    [Fact]
    public void Grants_AfterUntrustedContent_OnlyNarrow() =>
        Check.One(Worlds.Runs(500), Prop.ForAll(Gen.SubListOf(Capabilities).ToArbitrary(), Gen.SubListOf(Capabilities).ToArbitrary(), (before, later) =>
        {
            var session = Session("s", []).WithGrants([.. before]).WithLabels([Evidence("untrusted-content")]).WithGrants([.. later]);
            return session.Grants!.Value.ToHashSet(StringComparer.Ordinal).SetEquals(before.Intersect(later, StringComparer.Ordinal)) && session.WithGrants(null).Grants!.Value.SequenceEqual(session.Grants.Value);
        }));

    [Fact]
    public void Users_AreRememberedOnceEach()
    {
        var session = Session("s", []).WithUsers([new("a", false, []), new("b", false, [])]).WithUsers([new("a", true, [])]);
        Assert.Equal(["a", "b"], session.Users);
    }

    [Fact]
    public void RecentCalls_PastTheirCapacity_SayThatAMissProvesNothing()
    {
        var calls = new RecentCalls(capacity: 2);
        calls.Add("a", new("1", "x"));
        calls.Add("b", new("2", "x"));
        Assert.True(calls.IsComplete);
        calls.Add("c", new("3", "x"));
        Assert.False(calls.IsComplete);
        Assert.Null(calls.Find("a"));
        Assert.Equal("2", calls.Find("b")?.DecisionId);
        Assert.Equal("3", calls.Find("c")?.DecisionId);
    }

    [Fact]
    public void RecentCalls_GivenTheSameIdTwice_KeepTheFirst()
    {
        var calls = new RecentCalls(capacity: 2);
        calls.Add("a", new("1", "x"));
        calls.Add("a", new("2", "y"));
        Assert.Equal(new KnownCall("1", "x"), calls.Find("a"));
        calls.Add("b", new("3", "x"));
        Assert.True(calls.IsComplete);
    }

    private static Gen<string[]> Labels() => Gen.SubListOf("a", "b", "c", "d", "e").Select(l => l.ToArray());

    private static SessionState Session(string id, IEnumerable<string> labels) =>
        SessionState.New(new SessionKey("agent", id), Worlds.Now).WithLabels(labels.Select(l => Evidence(l) with { Tool = $"tool-of-{id}" }));

    private static LabelEvidence Evidence(string label) => new(label, LabelSource.ToolCall, Worlds.Now, "d", "t", null, ImmutableArray<SessionKey>.Empty);
}
