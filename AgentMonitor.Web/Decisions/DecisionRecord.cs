using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Ledger;

namespace AgentMonitor.Web.Decisions;

/// <summary>A decision as it stands now: what the agent is answered, whenever it asks.</summary>
public sealed record DecisionRecord
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }
    /// <summary>The session it was made in.</summary>
    public required SessionKey Session { get; init; }
    /// <summary>The tool.</summary>
    public required string Tool { get; init; }
    /// <summary>allow, deny or pending.</summary>
    public required string Decision { get; init; }
    /// <summary>The reason's code.</summary>
    public required string Reason { get; init; }
    /// <summary>What the agent is told.</summary>
    public required string Message { get; init; }
    /// <summary>How the agent can go on.</summary>
    public string? Advice { get; init; }
    /// <summary>The approval it waits for, or waited for.</summary>
    public string? ApprovalId { get; init; }
    /// <summary>When that expires.</summary>
    public DateTimeOffset? ApprovalExpiresAt { get; init; }
    /// <summary>The policy revision it was made with.</summary>
    public long PolicyRevision { get; init; }
    /// <summary>How long evaluation took, in microseconds.</summary>
    public long EvaluationMicros { get; init; }

    /// <summary>The decision as its ledger entries tell it, oldest first; null when there is none.</summary>
    public static DecisionRecord? From(IReadOnlyList<LedgerEntry> entries)
    {
        DecisionRecord? record = null;
        foreach (var entry in entries)
        {
            if (entry.Kind == LedgerKind.ToolCall)
            {
                var data = LedgerText.ToolCall(entry);
                record = new()
                {
                    Id = entry.DecisionId!,
                    Session = new(entry.Agent!, entry.Session!),
                    Tool = entry.Tool!,
                    Decision = entry.Decision!,
                    Reason = entry.Reason!,
                    Message = data.Message,
                    Advice = data.Advice,
                    ApprovalId = data.ApprovalId,
                    ApprovalExpiresAt = data.ApprovalExpiresAt,
                    PolicyRevision = entry.PolicyRevision,
                    EvaluationMicros = data.EvaluationMicros,
                };
            }
            else if (entry is { Kind: LedgerKind.Approval, Decision: { } decision } && record is not null)
            {
                var data = LedgerText.Approval(entry);
                record = record with { Decision = decision, Reason = entry.Reason!, Message = data.Message, Advice = data.Advice, PolicyRevision = entry.PolicyRevision };
            }
        }
        return record;
    }
}
