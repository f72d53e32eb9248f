using System.Text.Json;
using AgentMonitor.Core.Ledger;

namespace AgentMonitor.Web.Ledger;

/// <summary>Writes and reads the data of ledger entries.</summary>
public static class LedgerText
{
    /// <summary>The data of an entry about something that was done.</summary>
    public static string Action(string action, string sentence, string? reason = null, IReadOnlyList<string>? labels = null, string? other = null) =>
        JsonSerializer.Serialize(new ActionData { Action = action, Sentence = sentence, Reason = reason, Labels = labels ?? [], Other = other }, LedgerJson.Readable.ActionData);

    /// <summary>The data of a <c>tool-call</c> entry.</summary>
    public static ToolCallData ToolCall(LedgerEntry entry) => JsonSerializer.Deserialize(entry.Data, LedgerJson.Readable.ToolCallData)!;
    /// <summary>The data of a <c>tool-result</c> entry.</summary>
    public static ToolResultData ToolResult(LedgerEntry entry) => JsonSerializer.Deserialize(entry.Data, LedgerJson.Readable.ToolResultData)!;
    /// <summary>The data of a <c>model-call</c> entry.</summary>
    public static ModelCallData ModelCall(LedgerEntry entry) => JsonSerializer.Deserialize(entry.Data, LedgerJson.Readable.ModelCallData)!;
    /// <summary>The data of a <c>switch</c> entry.</summary>
    public static SwitchData Switch(LedgerEntry entry) => JsonSerializer.Deserialize(entry.Data, LedgerJson.Readable.SwitchData)!;
    /// <summary>The data of an <c>approval</c> entry.</summary>
    public static ApprovalData Approval(LedgerEntry entry) => JsonSerializer.Deserialize(entry.Data, LedgerJson.Readable.ApprovalData)!;
    /// <summary>The data of every other entry.</summary>
    public static ActionData Action(LedgerEntry entry) => JsonSerializer.Deserialize(entry.Data, LedgerJson.Readable.ActionData)!;
}
