using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Redaction;

namespace AgentMonitor.Web.Ledger;

/// <summary>A destination of a call as it is recorded and written to the wire.</summary>
/// <param name="Argument">The argument it stands in, redacted and cut: untrusted text, too.</param>
/// <param name="Value">The value, redacted and cut: untrusted text.</param>
/// <param name="Kind"><c>email</c>, <c>link</c>, <c>iban</c>, <c>number</c> or <c>other</c>.</param>
/// <param name="InFreeText">True when it stands in prose.</param>
/// <param name="Vouched">Whether somebody or something trusted named it.</param>
/// <param name="Origin">Where it came from, in one word: <c>user</c>, <c>system</c>, <c>trusted</c>, <c>metadata</c>, <c>untrusted</c> or <c>none</c>.</param>
/// <param name="Sentence">The same in words.</param>
/// <param name="FromDecision">The call in whose result it stood; null for a prompt or when it stood nowhere.</param>
/// <param name="FromTool">The tool of that call.</param>
/// <param name="FromAt">When that was reported.</param>
public sealed record DestinationData(
    string Argument, string Value, string Kind, bool InFreeText, bool Vouched, string Origin, string Sentence, string? FromDecision, string? FromTool, DateTimeOffset? FromAt)
{
    /// <summary>Longest value that is kept, in characters.</summary>
    public const int MaxValue = 200;

    /// <summary>The destinations of a call.</summary>
    public static IReadOnlyList<DestinationData> From(DestinationReport? report, in CallFacts facts)
    {
        if (report is null || report.Destinations.IsEmpty) return [];
        var list = new List<DestinationData>(report.Destinations.Length);
        foreach (var destination in report.Destinations)
        {
            var source = destination.Vouched ? destination.Found.VouchedBy : destination.Found.UntrustedFrom ?? destination.Found.VouchedBy;
            list.Add(new(Redactor.Text(destination.Argument, MaxValue), Redactor.Text(destination.Value, MaxValue), destination.Kind.ToString().ToLowerInvariant(), destination.InFreeText, destination.Vouched,
                destination.Found.Origin.Word(), DestinationWords.Describe(destination, facts, report.OriginsFull), source?.DecisionId, source?.Tool, source?.At));
        }
        return list;
    }
}
