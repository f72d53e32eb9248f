using System.Collections.Immutable;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Web.Sessions;

namespace AgentMonitor.Web.Components.Pages.Sessions;

/// <summary>Links to sessions, and the sessions that a label travelled through.</summary>
public static class SessionLinks
{
    /// <summary>The address of a session's page at one decision.</summary>
    public static string Page(SessionKey key, string decisionId) => $"/{SessionAddress.Page(key)}?decision={Uri.EscapeDataString(decisionId)}";

    /// <summary>The chain by which a label came to a session, the origin first and the session itself last; empty when it arose there.</summary>
    public static ImmutableArray<SessionKey> Chain(LabelEvidence evidence, SessionKey session) =>
        evidence.Path.IsEmpty ? [] : [.. evidence.Path, session];

    /// <summary>
    /// The neighbourhood of a session for the graph: everything that its labels came through and its parents on the left, in
    /// columns by distance, the session in the middle, its children on the right.
    /// </summary>
    public static SessionGraph Graph(SessionKey session, IReadOnlyList<SessionKey> parents, IReadOnlyList<LabelEvidence> labels, IReadOnlyList<SessionKey> children)
    {
        var depth = new Dictionary<SessionKey, int> { [session] = 0 };
        var edges = new Dictionary<(SessionKey From, SessionKey To), SortedSet<string>>();
        foreach (var parent in parents) Edge(parent, session, null, 1);
        foreach (var label in labels)
        {
            var chain = Chain(label, session);
            for (var i = 0; i < chain.Length - 1; i++) Edge(chain[i], chain[i + 1], label.Label, chain.Length - 1 - i);
        }
        foreach (var child in children)
        {
            if (!depth.ContainsKey(child)) depth[child] = -1;
            if (!edges.ContainsKey((session, child))) edges[(session, child)] = new(StringComparer.Ordinal);
        }

        var columns = depth.GroupBy(d => d.Value).OrderByDescending(g => g.Key)
            .Select(g => (IReadOnlyList<SessionKey>)[.. g.Select(d => d.Key).OrderBy(k => k.ToString(), StringComparer.Ordinal)]).ToList();
        return new(columns, [.. edges.Select(e => new SessionEdge(e.Key.From, e.Key.To, [.. e.Value]))]);

        void Edge(SessionKey from, SessionKey to, string? label, int distance)
        {
            if (from == to) return;
            if (from != session && (!depth.TryGetValue(from, out var known) || known < distance)) depth[from] = distance;
            if (!edges.TryGetValue((from, to), out var carried)) edges[(from, to)] = carried = new(StringComparer.Ordinal);
            if (label is not null) carried.Add(label);
        }
    }
}

/// <summary>Sessions around one, in columns from left to right, and what flowed between them.</summary>
public sealed record SessionGraph(IReadOnlyList<IReadOnlyList<SessionKey>> Columns, IReadOnlyList<SessionEdge> Edges)
{
    /// <summary>False when the session stands alone.</summary>
    public bool HasLinks => Edges.Count > 0;
}

/// <summary>One session received another's context, and the labels that are known to have come that way.</summary>
public sealed record SessionEdge(SessionKey From, SessionKey To, IReadOnlyList<string> Labels);
