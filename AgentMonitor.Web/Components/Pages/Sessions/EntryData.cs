using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Ledger;

namespace AgentMonitor.Web.Components.Pages.Sessions;

/// <summary>
/// Reads the data of ledger entries for pages. An entry whose data was erased, or that another version wrote, is still shown: what
/// it lacks is empty. The generated reader leaves members that are missing null, whatever their initial value.
/// </summary>
public static class EntryData
{
    /// <summary>The data of a tool call.</summary>
    public static ToolCallData ToolCall(LedgerEntry entry) => Read(entry, LedgerJson.Readable.ToolCallData) is { } d
        ? d with
        {
            Users = Users(d.Users), Tags = d.Tags ?? [], Evidence = [.. (d.Evidence ?? []).Select(e => e with { Path = e.Path ?? [] })], Matched = d.Matched ?? [],
            Shadow = d.Shadow ?? [], Labels = d.Labels ?? [], LabelsAdded = d.LabelsAdded ?? [], Linked = d.Linked ?? [], Destinations = d.Destinations ?? [], Message = d.Message ?? "",
        }
        : new ToolCallData();

    /// <summary>The data of a result.</summary>
    public static ToolResultData ToolResult(LedgerEntry entry) => Read(entry, LedgerJson.Readable.ToolResultData) is { } d
        ? d with { Status = d.Status ?? "ok", LabelsAdded = d.LabelsAdded ?? [] }
        : new ToolResultData();

    /// <summary>The data of a model call.</summary>
    public static ModelCallData ModelCall(LedgerEntry entry) => Read(entry, LedgerJson.Readable.ModelCallData) is { } d
        ? d with { Users = Users(d.Users), Tools = d.Tools ?? [], Filtered = d.Filtered ?? [], Labels = d.Labels ?? [] }
        : new ModelCallData();

    /// <summary>The data of a switch.</summary>
    public static SwitchData Switch(LedgerEntry entry) => Read(entry, LedgerJson.Readable.SwitchData) is { } d
        ? d with { Change = d.Change ?? "", Switch = d.Switch ?? "", Target = d.Target ?? "" }
        : new SwitchData();

    /// <summary>The data of an approval.</summary>
    public static ApprovalData Approval(LedgerEntry entry) => Read(entry, LedgerJson.Readable.ApprovalData) is { } d
        ? d with { Change = d.Change ?? "", Sentence = d.Sentence ?? "", Labels = d.Labels ?? [], LabelsAdded = d.LabelsAdded ?? [] }
        : new ApprovalData();

    /// <summary>The data of every other kind.</summary>
    public static ActionData Action(LedgerEntry entry) => Read(entry, LedgerJson.Readable.ActionData) is { } d
        ? d with { Action = d.Action ?? "", Sentence = d.Sentence ?? "", Labels = d.Labels ?? [] }
        : new ActionData();

    private static IReadOnlyList<UserData> Users(IReadOnlyList<UserData>? users) => [.. (users ?? []).Select(u => u with { Roles = u.Roles ?? [] })];

    private static T? Read<T>(LedgerEntry entry, JsonTypeInfo<T> type) where T : class
    {
        try { return JsonSerializer.Deserialize(entry.Data, type); }
        catch (JsonException) { return null; }
    }
}
