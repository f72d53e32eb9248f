using System.Collections.Immutable;
using AgentMonitor.Core.Origins;

namespace AgentMonitor.Core.Agents;

/// <summary>What an agent gets when no rule speaks.</summary>
public enum DefaultDecision
{
    /// <summary>Allowed unless something denies it.</summary>
    Allow,
    /// <summary>Denied unless an <c>allow</c> rule matches.</summary>
    Deny,
}

/// <summary>What happens to a call of a tool that nobody has classified.</summary>
public enum UnclassifiedTools
{
    /// <summary>Allowed as if it carried every tag of the trifecta: the first call of a clean session works and taints the session.</summary>
    Allow,
    /// <summary>Denied.</summary>
    Deny,
    /// <summary>Waits for a person.</summary>
    Pending,
}

/// <summary>A registered AI agent.</summary>
public sealed record AgentDefinition
{
    /// <summary>The slug that names it everywhere.</summary>
    public required string Id { get; init; }
    /// <summary>The name people read.</summary>
    public required string Name { get; init; }
    /// <summary>What it is for, in a sentence.</summary>
    public string Description { get; init; } = "";
    /// <summary>Who answers for it: a person or a team.</summary>
    public string Owner { get; init; } = "";
    /// <summary>What a call gets when no rule speaks.</summary>
    public DefaultDecision DefaultDecision { get; init; } = DefaultDecision.Allow;
    /// <summary>What a call of an unclassified tool gets.</summary>
    public UnclassifiedTools UnclassifiedTools { get; init; } = UnclassifiedTools.Allow;
    /// <summary>Free tags for grouping agents.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];
    /// <summary>
    /// Destinations that its configuration vouches for: an exact value (<c>billing@example.com</c>, <c>#ops</c>), every address of a domain
    /// (<c>*@example.com</c>), every host of a domain (<c>*.example.com</c>) or everything below a URL (<c>wiki.example.com/*</c>).
    /// </summary>
    public ImmutableArray<string> TrustedDestinations { get; init; } = [];
    /// <summary>When it was registered.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether <see cref="TrustedDestinations"/> names <paramref name="value"/>.</summary>
    public bool Vouches(ReadOnlySpan<char> value)
    {
        if (TrustedDestinations.IsDefaultOrEmpty) return false;
        foreach (var pattern in TrustedDestinations)
            if (DestinationPattern.Matches(pattern, value)) return true;
        return false;
    }
}
