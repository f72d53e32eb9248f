using System.Collections.Immutable;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Core.Decisions;

/// <summary>
/// Everything that operators control, as one immutable value. A decision takes it once, so that it never sees half a change.
/// </summary>
public sealed record ControlSnapshot
{
    /// <summary>Grows with every change.</summary>
    public required long Revision { get; init; }
    /// <summary>The policy.</summary>
    public required CompiledPolicy Policy { get; init; }
    /// <summary>Agents by id.</summary>
    public ImmutableDictionary<string, AgentDefinition> Agents { get; init; } = ImmutableDictionary<string, AgentDefinition>.Empty;
    /// <summary>Tools by agent and name.</summary>
    public ImmutableDictionary<string, ImmutableDictionary<string, ToolDefinition>> Tools { get; init; } =
        ImmutableDictionary<string, ImmutableDictionary<string, ToolDefinition>>.Empty;
    /// <summary>Switches that were set and not lifted; an expired one may still be listed.</summary>
    public ImmutableDictionary<SwitchTarget, Switch> Switches { get; init; } = ImmutableDictionary<SwitchTarget, Switch>.Empty;

    /// <summary>The tool, or null when nobody ever named it.</summary>
    public ToolDefinition? FindTool(string agent, string tool) =>
        Tools.TryGetValue(agent, out var tools) && tools.TryGetValue(tool, out var found) ? found : null;

    /// <summary>The switch on <paramref name="target"/> if it holds at <paramref name="now"/>.</summary>
    public Switch? InForce(SwitchTarget target, DateTimeOffset now) =>
        Switches.TryGetValue(target, out var found) && found.InForceAt(now) ? found : null;

    /// <summary>The switch that stops the tool for the agent: its own, or the one for every agent.</summary>
    public Switch? DisabledTool(string agent, string tool, DateTimeOffset now) =>
        InForce(SwitchTarget.ForTool(agent, tool), now) ?? InForce(SwitchTarget.ForTool(SwitchTarget.EveryAgent, tool), now);

    /// <summary>The first switch, in order of precedence, that stops every call of this agent, session or user.</summary>
    public Switch? StopOf(SessionKey session, ImmutableArray<ActingUser> users, DateTimeOffset now)
    {
        if (Switches.IsEmpty) return null;
        if ((InForce(SwitchTarget.StopAll, now) ?? InForce(SwitchTarget.ForAgent(session.Agent), now) ?? InForce(SwitchTarget.ForSession(session), now)) is { } found) return found;
        foreach (var user in users)
            if (InForce(SwitchTarget.ForUser(user.Id), now) is { } quarantined) return quarantined;
        return null;
    }

    /// <summary>The snapshot with one more change.</summary>
    public ControlSnapshot Next(Func<ControlSnapshot, ControlSnapshot> change) => change(this) with { Revision = Revision + 1 };

    /// <summary>The snapshot with a tool added or replaced.</summary>
    public ControlSnapshot WithTool(ToolDefinition tool)
    {
        var tools = Tools.GetValueOrDefault(tool.Agent, ImmutableDictionary<string, ToolDefinition>.Empty);
        return this with { Tools = Tools.SetItem(tool.Agent, tools.SetItem(tool.Name, tool)) };
    }
}
