using System.Collections.Immutable;

namespace AgentMonitor.Core.Identity;

/// <summary>A person the agent acts for in one call.</summary>
/// <param name="Id">Who it is, for example an e-mail address.</param>
/// <param name="Verified">True when the identity came from a validated token; false when the agent merely said so.</param>
/// <param name="Roles">The person's roles, as stated by the same source.</param>
public sealed record ActingUser(string Id, bool Verified, ImmutableArray<string> Roles)
{
    /// <summary>The groups the person belongs to, as stated by the same source.</summary>
    public ImmutableArray<string> Groups { get; init; } = [];
    /// <summary>Whatever else that source states of the person, a JSON object; undefined when it states nothing.</summary>
    public System.Text.Json.JsonElement Attributes { get; init; }
}

/// <summary>The identity of a session: no agent can name another agent's session.</summary>
public readonly record struct SessionKey(string Agent, string Id)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Agent}/{Id}";
}
