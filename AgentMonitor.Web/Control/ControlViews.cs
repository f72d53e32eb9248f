using AgentMonitor.Core.Identity;

namespace AgentMonitor.Web.Control;

/// <summary>What a switch would hit.</summary>
public sealed record SwitchPreview(int ActiveSessions, int CallsInFlight, int PendingApprovals);

/// <summary>A new key: <paramref name="Key"/> is shown once and never again.</summary>
public sealed record NewKey(string Id, string Key, string Prefix);

/// <summary>A key as listed.</summary>
public sealed record KeyView(string Id, string Name, string Prefix, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt);

/// <summary>An approval that waits for a person.</summary>
public sealed record ApprovalView(string Id, string DecisionId, SessionKey Session, string Tool, DateTimeOffset AskedAt, DateTimeOffset ExpiresAt, string Message);
