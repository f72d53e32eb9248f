using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Identity;

namespace AgentMonitor.Web.Control;

/// <summary>
/// Everything that an operator can do, for pages and API alike: each action checks the role, validates, records and applies, in
/// that order, and throws <see cref="Configuration.RefusedException"/> with nothing done otherwise.
/// </summary>
public sealed class OperatorActions
{
    /// <summary>Sets a switch, or renews it with another reason or end. Role operator.</summary>
    public Task<SwitchReceipt> SetSwitchAsync(Operator actor, SwitchTarget target, string reason, DateTimeOffset? until, CancellationToken cancellationToken) => throw new NotImplementedException();
    /// <summary>Lifts a switch; false when it was not set. Role operator.</summary>
    public Task<bool> LiftSwitchAsync(Operator actor, SwitchTarget target, string? reason, CancellationToken cancellationToken) => throw new NotImplementedException();
    /// <summary>What would be hit by a switch now: for confirmations ("3 sessions and 2 calls in flight").</summary>
    public SwitchPreview Preview(SwitchTarget target) => throw new NotImplementedException();
    /// <summary>Registers or changes an agent. Role admin.</summary>
    public Task<AgentDefinition> SaveAgentAsync(Operator actor, AgentDefinition agent, CancellationToken cancellationToken) => throw new NotImplementedException();
    /// <summary>Removes an agent and its keys; its past stays in the ledger. Role admin.</summary>
    public Task DeleteAgentAsync(Operator actor, string agent, CancellationToken cancellationToken) => throw new NotImplementedException();
    /// <summary>Makes a key; the only time it can be read. Role admin.</summary>
    public Task<NewKey> CreateKeyAsync(Operator actor, string agent, string name, DateTimeOffset? expiresAt, CancellationToken cancellationToken) => throw new NotImplementedException();
    /// <summary>Revokes a key at once. Role admin.</summary>
    public Task RevokeKeyAsync(Operator actor, string agent, string keyId, CancellationToken cancellationToken) => throw new NotImplementedException();
    /// <summary>The keys of an agent, newest first.</summary>
    public IReadOnlyList<KeyView> Keys(string agent) => throw new NotImplementedException();
    /// <summary>Says what a tool does (tags null: leave it unclassified). Role author.</summary>
    public Task<ToolDefinition> SaveToolAsync(Operator actor, ToolDefinition tool, CancellationToken cancellationToken) => throw new NotImplementedException();
    /// <summary>Clears a label of a session. Role operator.</summary>
    public Task ClearLabelAsync(Operator actor, SessionKey session, string label, string reason, CancellationToken cancellationToken) => throw new NotImplementedException();
    /// <summary>Approvals that wait, oldest first.</summary>
    public IReadOnlyList<ApprovalView> PendingApprovals() => throw new NotImplementedException();
    /// <summary>Approves or rejects. Role operator.</summary>
    public Task AnswerApprovalAsync(Operator actor, string approvalId, bool approve, string? reason, CancellationToken cancellationToken) => throw new NotImplementedException();
}

/// <summary>What a switch would hit.</summary>
public sealed record SwitchPreview(int ActiveSessions, int CallsInFlight, int PendingApprovals);

/// <summary>A new key: <paramref name="Key"/> is shown once and never again.</summary>
public sealed record NewKey(string Id, string Key, string Prefix);

/// <summary>A key as listed.</summary>
public sealed record KeyView(string Id, string Name, string Prefix, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt);

/// <summary>An approval that waits for a person.</summary>
public sealed record ApprovalView(string Id, string DecisionId, SessionKey Session, string Tool, DateTimeOffset AskedAt, DateTimeOffset ExpiresAt, string Message);
