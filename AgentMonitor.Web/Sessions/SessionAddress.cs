using AgentMonitor.Core.Identity;

namespace AgentMonitor.Web.Sessions;

/// <summary>
/// Sessions in addresses. A session's id may be any text, slashes and percent signs included. Servers and routers decode a path in
/// part and not alike, so that only the path as it was sent tells which session is meant.
/// </summary>
public static class SessionAddress
{
    /// <summary>The path of a session under a prefix: <c>agents/support/sessions/chat%2F7</c>.</summary>
    public static string Page(SessionKey key) => $"agents/{Uri.EscapeDataString(key.Agent)}/sessions/{Uri.EscapeDataString(key.Id)}";

    /// <summary>The path of a session's export.</summary>
    public static string Export(SessionKey key) => $"export/sessions/{Uri.EscapeDataString(key.Agent)}/{Uri.EscapeDataString(key.Id)}";

    /// <summary>The session of a page's path as it was sent; null when it is not one.</summary>
    public static SessionKey? OfPage(string path) => Of(path, "agents", 2);

    /// <summary>The session of an export's path as it was sent; null when it is not one.</summary>
    public static SessionKey? OfExport(string path) => Of(path, "export/sessions", 1);

    /// <summary>A session written as <c>agent/id</c>, as the ledger writes it; null when it is not one. An agent's id has no slash, a session's may.</summary>
    public static SessionKey? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < text.Length - 1 ? new SessionKey(text[..slash], text[(slash + 1)..]) : null;
    }

    private static SessionKey? Of(string path, string prefix, int segments)
    {
        var query = path.IndexOfAny(['?', '#']);
        var rest = (query < 0 ? path : path[..query]).TrimStart('/');
        if (!rest.StartsWith($"{prefix}/", StringComparison.Ordinal)) return null;
        var parts = rest[(prefix.Length + 1)..].Split('/', segments + 1);
        if (parts.Length != segments + 1 || segments == 2 && parts[1] != "sessions") return null;
        var (agent, id) = (Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[^1]));
        return agent.Length > 0 && id.Length > 0 ? new SessionKey(agent, id) : null;
    }
}
