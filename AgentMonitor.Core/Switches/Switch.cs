using AgentMonitor.Core.Identity;

namespace AgentMonitor.Core.Switches;

/// <summary>What an operator's override acts on.</summary>
public enum SwitchKind
{
    /// <summary>Every agent.</summary>
    Stop,
    /// <summary>One agent.</summary>
    AgentQuarantine,
    /// <summary>One session.</summary>
    SessionQuarantine,
    /// <summary>One user, in every agent's calls that name them.</summary>
    UserQuarantine,
    /// <summary>One tool, of one agent or (<c>*</c>) of all.</summary>
    ToolDisable,
}

/// <summary>What a switch acts on. Unused parts are null.</summary>
public readonly record struct SwitchTarget(SwitchKind Kind, string? Agent, string? Session, string? Tool, string? User)
{
    /// <summary>The agent part that means every agent.</summary>
    public const string EveryAgent = "*";

    /// <summary>All agents.</summary>
    public static SwitchTarget StopAll => new(SwitchKind.Stop, null, null, null, null);
    /// <summary>An agent.</summary>
    public static SwitchTarget ForAgent(string agent) => new(SwitchKind.AgentQuarantine, agent, null, null, null);
    /// <summary>A session.</summary>
    public static SwitchTarget ForSession(SessionKey key) => new(SwitchKind.SessionQuarantine, key.Agent, key.Id, null, null);
    /// <summary>A user.</summary>
    public static SwitchTarget ForUser(string user) => new(SwitchKind.UserQuarantine, null, null, null, user);
    /// <summary>A tool of one agent, or of every agent.</summary>
    public static SwitchTarget ForTool(string agent, string tool) => new(SwitchKind.ToolDisable, agent, null, tool, null);

    /// <summary>What it acts on, in words for a sentence: "agent pm-portal".</summary>
    public string Describe() => Kind switch
    {
        SwitchKind.Stop => "all agents",
        SwitchKind.AgentQuarantine => $"agent {Agent}",
        SwitchKind.SessionQuarantine => $"session {Session} of {Agent}",
        SwitchKind.UserQuarantine => $"user {User}",
        SwitchKind.ToolDisable => Agent == EveryAgent ? $"tool {Tool} of every agent" : $"tool {Tool} of {Agent}",
        _ => throw new InvalidOperationException("unknown switch kind"),
    };
}

/// <summary>An operator's override in force.</summary>
/// <param name="Target">What it acts on.</param>
/// <param name="Actor">Who set it.</param>
/// <param name="Reason">Why, in their words.</param>
/// <param name="Since">When it came into force.</param>
/// <param name="Until">When it ends by itself; null: when somebody lifts it.</param>
public sealed record Switch(SwitchTarget Target, string Actor, string Reason, DateTimeOffset Since, DateTimeOffset? Until)
{
    /// <summary>Whether it holds at <paramref name="now"/>. Nothing else ends it: no timer has to fire.</summary>
    public bool InForceAt(DateTimeOffset now) => Until is null || now < Until;
}
