namespace AgentMonitor.Web.Control;

/// <summary>What a switch did when it came into force: proof that a control that looks on is on.</summary>
/// <param name="InForceSince">No call begun after this instant is allowed.</param>
/// <param name="LastAllowed">The last call that was allowed before; null when none is known.</param>
/// <param name="InFlight">Allowed calls whose result was not reported yet: they may still be running.</param>
/// <param name="CancelledApprovals">Approvals that were waiting and are cancelled now.</param>
public sealed record SwitchReceipt(DateTimeOffset InForceSince, AllowedCall? LastAllowed, IReadOnlyList<AllowedCall> InFlight, int CancelledApprovals);

/// <summary>A call that was allowed.</summary>
public sealed record AllowedCall(string DecisionId, string Agent, string Session, string Tool, DateTimeOffset At, IReadOnlyList<string> Users);
