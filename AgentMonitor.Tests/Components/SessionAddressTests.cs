using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Web.Components.Pages.Sessions;
using AgentMonitor.Web.Sessions;
using Xunit;

namespace AgentMonitor.Tests.Components;

public sealed class SessionAddressTests
{
    [Theory]
    [InlineData("chat-42")]
    [InlineData("a/b/c")]
    [InlineData("a%2Fb")]
    [InlineData("100% ?#&=+ ü 😀")]
    [InlineData("sessions/x")]
    public void Address_OfAnyId_LeadsBackToIt(string id)
    {
        var key = new SessionKey("pm-portal", id);

        Assert.Equal(key, SessionAddress.OfPage($"/{SessionAddress.Page(key)}?decision=d1"));
        Assert.Equal(key, SessionAddress.OfExport($"/{SessionAddress.Export(key)}"));
        Assert.Equal(key, SessionAddress.Parse(key.ToString()));
    }

    [Theory]
    [InlineData("/agents/x")]
    [InlineData("/agents/x/tools/y")]
    [InlineData("/agents/x/sessions/")]
    [InlineData("/other/x/sessions/y")]
    public void Address_OfSomethingElse_IsNoSession(string path) => Assert.Null(SessionAddress.OfPage(path));

    [Fact]
    public void Graph_ShowsTheWayOfEachLabel_InColumns()
    {
        SessionKey a = new("a", "1"), b = new("b", "1"), c = new("c", "1"), child = new("d", "1");
        var at = StoryEntries.Noon;
        var graph = SessionLinks.Graph(c, [b],
            [new("untrusted-content", LabelSource.ToolCall, at, "d1", "read", null, [a, b]), new("sensitive-data", LabelSource.ToolCall, at, "d2", "sql", null, [b])], [child]);

        Assert.Equal(["a/1", "b/1", "c/1", "d/1"], graph.Columns.Select(column => string.Join(",", column)));
        Assert.Equal(
            ["a/1>b/1: untrusted-content", "b/1>c/1: sensitive-data,untrusted-content", "c/1>d/1: "],
            graph.Edges.Select(e => $"{e.From}>{e.To}: {string.Join(",", e.Labels)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Graph_OfALoneSession_HasNoLinks()
    {
        SessionKey a = new("a", "1");
        Assert.False(SessionLinks.Graph(a, [], [new("x", LabelSource.ToolCall, StoryEntries.Noon, null, null, null, [])], []).HasLinks);
    }

    [Fact]
    public void Graph_OfSessionsThatNameEachOther_Ends()
    {
        SessionKey a = new("a", "1"), b = new("b", "1");
        var graph = SessionLinks.Graph(a, [b], [new("x", LabelSource.ToolCall, StoryEntries.Noon, null, null, null, [b, a, b])], [b]);
        Assert.True(graph.HasLinks);
        Assert.Equal(2, graph.Columns.Sum(c => c.Count));
    }
}
