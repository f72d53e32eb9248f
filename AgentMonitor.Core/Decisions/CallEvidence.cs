using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Json;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Core.Decisions;

/// <summary>What conditions can ask beyond the plain facts, from what the session and the agent have done and seen.</summary>
/// <param name="agent">The agent.</param>
/// <param name="session">The session.</param>
/// <param name="tags">The tags that hold in the call: money and deletion want an origin that is not doubtful.</param>
/// <param name="key">The key of the session's origins.</param>
/// <param name="sessionCalls">When the session's tools were allowed.</param>
/// <param name="agentCalls">When the agent's tools were allowed.</param>
public sealed class CallEvidence(AgentDefinition agent, SessionState session, ImmutableArray<string> tags, OriginKey? key, CallTimes sessionCalls, CallTimes agentCalls) : ICallEvidence
{
    private readonly bool _strict = DestinationReport.TakesNoDoubt(tags);

    /// <inheritdoc/>
    public int TotalSessionCalls => sessionCalls.Total;

    /// <inheritdoc/>
    public int SessionCalls(string tool, TimeSpan window, DateTimeOffset now) => sessionCalls.Count(tool, now - window);

    /// <inheritdoc/>
    public int AgentCalls(string tool, TimeSpan window, DateTimeOffset now) => agentCalls.Count(tool, now - window);

    /// <inheritdoc/>
    public bool IsVouched(string value) => Judge(value).Vouched || DestinationReport.Pieces(value) is { IsEmpty: false } pieces && pieces.All(p => Judge(p).Vouched);

    /// <inheritdoc/>
    public bool IsVouched(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => SoundText.Of(value) is { } text && IsVouched(text),
        JsonValueKind.Number => Judge(value.GetRawText()).Vouched,
        JsonValueKind.Array => value.EnumerateArray().All(IsVouched),
        JsonValueKind.Object => value.EnumerateObject().All(member => IsVouched(member.Value)),
        _ => true,
    };

    /// <inheritdoc/>
    public string OriginOf(string value) => Judge(value).Found.Origin.Word();

    private (bool Vouched, OriginFinding Found) Judge(string value) => DestinationReport.Judge(agent, value, session.Origins, key, _strict);
}
