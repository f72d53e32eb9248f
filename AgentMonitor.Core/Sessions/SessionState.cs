using System.Collections.Immutable;
using System.Text.Json.Serialization;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Origins;

namespace AgentMonitor.Core.Sessions;

/// <summary>
/// What is known of a session: immutable, replaced as a whole. Labels are only ever added here, except by
/// <see cref="WithoutLabel"/>, which is an operator's act.
/// </summary>
public sealed record SessionState
{
    /// <summary>
    /// Most labels a session takes from what an agent states. Tags of tools, rules, operators and the standard tags are always taken: they
    /// are bounded by the catalogue and the policy, and an agent that fills its session with labels must not keep them out.
    /// </summary>
    public const int MaxLabels = 256;
    /// <summary>Most parents and users that are remembered for a session.</summary>
    public const int MaxLinks = 64;

    /// <summary>Whose session it is.</summary>
    public required SessionKey Key { get; init; }
    /// <summary>When the first request named it.</summary>
    public required DateTimeOffset StartedAt { get; init; }
    /// <summary>When the agent ended it; null while it goes on.</summary>
    public DateTimeOffset? EndedAt { get; init; }
    /// <summary>Its labels, one evidence each, in the order in which they were gained.</summary>
    public ImmutableArray<LabelEvidence> Labels { get; init; } = [];
    /// <summary>Sessions whose context it received.</summary>
    public ImmutableArray<SessionKey> Parents { get; init; } = [];
    /// <summary>Users that were named in its calls.</summary>
    public ImmutableArray<string> Users { get; init; } = [];
    /// <summary>Where the values came from that it has seen. Stored beside the session, not in it.</summary>
    [JsonIgnore]
    public OriginIndex Origins { get; init; } = OriginIndex.Empty;
    /// <summary>Capabilities its task was granted; null when it never declared any.</summary>
    public ImmutableArray<string>? Grants { get; init; }

    /// <summary>A session that has just been named for the first time.</summary>
    public static SessionState New(SessionKey key, DateTimeOffset now) => new() { Key = key, StartedAt = now };

    /// <summary>Whether it carries <paramref name="label"/>.</summary>
    public bool Has(string label) => Evidence(label) is not null;

    /// <summary>Why it carries <paramref name="label"/>; null when it does not.</summary>
    public LabelEvidence? Evidence(string label)
    {
        foreach (var evidence in Labels)
            if (evidence.Label == label) return evidence;
        return null;
    }

    /// <summary>The label names in ordinal order, as the wire contract lists them.</summary>
    public ImmutableArray<string> LabelNames
    {
        get
        {
            if (Labels.IsEmpty) return [];
            var names = ImmutableArray.CreateBuilder<string>(Labels.Length);
            foreach (var evidence in Labels) names.Add(evidence.Label);
            names.Sort(StringComparer.Ordinal);
            return names.MoveToImmutable();
        }
    }

    /// <summary>Adds labels it does not carry yet; the first evidence of a label is the one that is kept.</summary>
    public SessionState WithLabels(IEnumerable<LabelEvidence> evidence)
    {
        ImmutableArray<LabelEvidence>.Builder? added = null;
        foreach (var item in evidence)
        {
            if (Has(item.Label) || added is not null && added.Any(a => a.Label == item.Label)) continue;
            if (Labels.Length + (added?.Count ?? 0) >= MaxLabels && item.Source is LabelSource.Agent or LabelSource.Result && !Tools.Tag.Standard.Contains(item.Label)) continue;
            (added ??= ImmutableArray.CreateBuilder<LabelEvidence>()).Add(item);
        }
        return added is null ? this : this with { Labels = Labels.AddRange(added) };
    }

    /// <summary>An operator's act: the label is gone until something adds it again.</summary>
    public SessionState WithoutLabel(string label) => this with { Labels = Labels.RemoveAll(e => e.Label == label) };

    /// <summary>Receives the context of <paramref name="parent"/>: links it and joins its labels. Naming a session can only add labels.</summary>
    public SessionState LinkedTo(SessionState parent)
    {
        var linked = Parents.Contains(parent.Key) || Parents.Length >= MaxLinks ? this : this with { Parents = Parents.Add(parent.Key) };
        return linked.Joining(parent);
    }

    /// <summary>Receives output of <paramref name="other"/>: joins its labels, keeping the path they came by.</summary>
    public SessionState Joining(SessionState other) => other.Key == Key ? this : WithLabels(other.Labels.Select(e => e.InheritedFrom(other.Key)));

    /// <summary>
    /// Takes a declaration of capabilities. Before the first untrusted content it replaces the earlier one; afterwards it can only
    /// narrow it: what was read must not widen what may be done.
    /// </summary>
    /// <param name="grants">The capabilities; null: nothing is declared.</param>
    public SessionState WithGrants(ImmutableArray<string>? grants)
    {
        if (grants is not { } declared) return this;
        var next = !Has(Tools.Tag.UntrustedContent) ? declared : Grants is { } current ? [.. current.Where(declared.Contains)] : declared;
        return Grants is { } known && known.SequenceEqual(next, StringComparer.Ordinal) ? this : this with { Grants = next };
    }

    /// <summary>Capabilities of <paramref name="capabilities"/> that the task was not granted; none where it never declared any.</summary>
    public ImmutableArray<string> Ungranted(ImmutableArray<string> capabilities) => Grants is { } granted ? [.. capabilities.Where(c => !granted.Contains(c))] : [];

    /// <summary>Remembers the users that a call named.</summary>
    public SessionState WithUsers(ImmutableArray<ActingUser> users)
    {
        var known = Users;
        foreach (var user in users)
            if (!known.Contains(user.Id) && known.Length < MaxLinks) known = known.Add(user.Id);
        return known.Length == Users.Length ? this : this with { Users = known };
    }
}
