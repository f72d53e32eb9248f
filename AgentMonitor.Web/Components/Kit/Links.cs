using AgentMonitor.Core.Identity;

namespace AgentMonitor.Web.Components.Kit;

/// <summary>The addresses of pages. Ids from outside may be any text, so they are escaped here and nowhere else.</summary>
public static class Links
{
    /// <summary>An agent, on one of its tabs.</summary>
    public static string Agent(string agent, string? tab = null) => $"/agents/{Uri.EscapeDataString(agent)}{(tab is null ? "" : $"?tab={tab}")}";
    /// <summary>A session.</summary>
    public static string Session(SessionKey key) => $"/agents/{Uri.EscapeDataString(key.Agent)}/sessions/{Uri.EscapeDataString(key.Id)}";
    /// <summary>A session written as <c>agent/id</c>; null when it is not.</summary>
    public static string? Session(string path) => path.IndexOf('/') is var slash and > 0 ? Session(new SessionKey(path[..slash], path[(slash + 1)..])) : null;
    /// <summary>A decision.</summary>
    public static string Decision(string decisionId) => $"/decisions/{Uri.EscapeDataString(decisionId)}";
    /// <summary>A rule of the policy.</summary>
    public static string Rule(string rule) => $"/policy?rule={Uri.EscapeDataString(rule)}";
    /// <summary>A tool of an agent.</summary>
    public static string Tool(string agent, string tool) => $"/agents/{Uri.EscapeDataString(agent)}/tools/{Uri.EscapeDataString(tool)}";
    /// <summary>The live streams, filtered.</summary>
    public static string Live(string? agent = null, string? tool = null, string? user = null, string? decision = null) =>
        Microsoft.AspNetCore.WebUtilities.QueryHelpers.AddQueryString("/live", new Dictionary<string, string?> { ["agent"] = agent, ["tool"] = tool, ["user"] = user, ["decision"] = decision }.Where(p => p.Value is not null));
    /// <summary>The ledger, filtered.</summary>
    public static string Audit(string? agent = null, string? kind = null, string? tool = null) =>
        Microsoft.AspNetCore.WebUtilities.QueryHelpers.AddQueryString("/audit", new Dictionary<string, string?> { ["agent"] = agent, ["kind"] = kind, ["tool"] = tool }.Where(p => p.Value is not null));
}
