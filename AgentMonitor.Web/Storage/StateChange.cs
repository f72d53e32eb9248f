using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Web.Storage;

/// <summary>A change of stored state that is committed together with the ledger entries that record it.</summary>
public abstract record StateChange
{
    private StateChange() { }

    /// <summary>A session's state, and when it was last active.</summary>
    public sealed record SaveSession(SessionState State, DateTimeOffset ActiveAt) : StateChange;
    /// <summary>What a prompt, a result or a call told a session.</summary>
    public sealed record SaveOrigins(SessionKey Session, OriginBatch Batch) : StateChange;
    /// <summary>The installation's salt of origins, as hexadecimal. Written once.</summary>
    public sealed record SaveSalt(string Salt) : StateChange;
    /// <summary>An agent.</summary>
    public sealed record SaveAgent(AgentDefinition Agent) : StateChange;
    /// <summary>An agent with its tools, keys and switches.</summary>
    public sealed record DeleteAgent(string Agent) : StateChange;
    /// <summary>A tool.</summary>
    public sealed record SaveTool(ToolDefinition Tool) : StateChange;
    /// <summary>A switch.</summary>
    public sealed record SaveSwitch(Switch Switch) : StateChange;
    /// <summary>A switch that was lifted or has expired.</summary>
    public sealed record DeleteSwitch(SwitchTarget Target) : StateChange;
    /// <summary>A key.</summary>
    public sealed record SaveKey(KeyRow Key) : StateChange;
    /// <summary>A policy revision.</summary>
    public sealed record SavePolicy(long Revision, PolicyDocument Document, DateTimeOffset At, string Author, string? Comment) : StateChange;
    /// <summary>An approval.</summary>
    public sealed record SaveApproval(ApprovalRow Approval) : StateChange;
}
