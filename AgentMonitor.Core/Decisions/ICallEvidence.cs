using System.Text.Json;

namespace AgentMonitor.Core.Decisions;

/// <summary>What a condition can ask beyond the plain facts of a call.</summary>
public interface ICallEvidence
{
    /// <summary>Allowed calls of the session, all together.</summary>
    int TotalSessionCalls { get; }
    /// <summary>Allowed calls of a tool in this session within a window before <paramref name="now"/>.</summary>
    int SessionCalls(string tool, TimeSpan window, DateTimeOffset now);
    /// <summary>Allowed calls of a tool of this agent, over all its sessions, within a window before <paramref name="now"/>.</summary>
    int AgentCalls(string tool, TimeSpan window, DateTimeOffset now);
    /// <summary>Whether somebody or something trusted named everything in a value.</summary>
    bool IsVouched(JsonElement value);
    /// <summary>Whether somebody or something trusted named a value.</summary>
    bool IsVouched(string value);
    /// <summary>Where a value was seen: <c>user</c>, <c>system</c>, <c>trusted</c>, <c>metadata</c>, <c>untrusted</c> or <c>none</c>.</summary>
    string OriginOf(string value);
}
