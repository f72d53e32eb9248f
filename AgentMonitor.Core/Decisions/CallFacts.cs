using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Core.Decisions;

/// <summary>What is known about one call when it is decided.</summary>
public readonly struct CallFacts
{
    /// <summary>Who asks.</summary>
    public required AgentDefinition Agent { get; init; }
    /// <summary>For whom.</summary>
    public required ImmutableArray<ActingUser> Users { get; init; }
    /// <summary>The session, with what it inherited.</summary>
    public required SessionState Session { get; init; }
    /// <summary>The called tool; an unclassified definition when nobody has classified it.</summary>
    public required ToolDefinition Tool { get; init; }
    /// <summary>The call's arguments; undefined means none.</summary>
    public required JsonElement Arguments { get; init; }
    /// <summary>The tags of the tool that hold in this call.</summary>
    public ImmutableArray<string> Tags { get => field.IsDefault ? Tool.TagsFor(Arguments, out _) : field; init; }
    /// <summary>The one clock reading of this decision.</summary>
    public required DateTimeOffset Now { get; init; }
    /// <summary>The key under which the session's origins are hashed; null: nothing was ever kept, so only the agent's configuration vouches.</summary>
    public OriginKey? OriginKey { get; init; }
    /// <summary>What conditions can ask beyond these facts; null: nothing was called before, and nothing is vouched for.</summary>
    public ICallEvidence? Evidence { get; init; }
    /// <summary>True when a person approved exactly this call: rules that ask are satisfied then.</summary>
    public bool Approved { get; init; }
}
