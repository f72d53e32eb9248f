namespace AgentMonitor.Web.Components.Pages.Tools;

/// <summary>Tools in addresses. A tool's name may hold slashes and percent signs, so only the path as it was sent tells which one is meant.</summary>
public static class ToolAddress
{
    /// <summary>The tool of a page's path relative to the base, as it was sent; null when it is not one.</summary>
    public static (string Agent, string Tool)? OfPage(string path)
    {
        var end = path.IndexOfAny(['?', '#']);
        var parts = (end < 0 ? path : path[..end]).Trim('/').Split('/', 4);
        if (parts is not ["agents", var agent, "tools", var tool]) return null;
        return (Uri.UnescapeDataString(agent), Uri.UnescapeDataString(tool));
    }
}
