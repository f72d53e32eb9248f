using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Ledger;

namespace AgentMonitor.Web.Components.Kit;

/// <summary>Reads what pages show out of ledger entries. What was read once is kept as long as the entry itself is in memory.</summary>
public static class EntryViews
{
    private static readonly ConditionalWeakTable<LedgerEntry, object> s_read = [];

    /// <summary>The data of a tool call; empty when the entry is of another kind or its data was erased.</summary>
    public static ToolCallData ToolCall(LedgerEntry entry) => Read(entry, LedgerKind.ToolCall, LedgerJson.Readable.ToolCallData) ?? new();
    /// <summary>The data of a result.</summary>
    public static ToolResultData ToolResult(LedgerEntry entry) => Read(entry, LedgerKind.ToolResult, LedgerJson.Readable.ToolResultData) ?? new();
    /// <summary>The data of a model call.</summary>
    public static ModelCallData ModelCall(LedgerEntry entry) => Read(entry, LedgerKind.ModelCall, LedgerJson.Readable.ModelCallData) ?? new();
    /// <summary>The data of a switch.</summary>
    public static SwitchData Switch(LedgerEntry entry) => Read(entry, LedgerKind.Switch, LedgerJson.Readable.SwitchData) ?? new();
    /// <summary>The data of every other kind.</summary>
    public static ActionData Action(LedgerEntry entry) => Read(entry, null, LedgerJson.Readable.ActionData) ?? new();

    /// <summary>What a call wanted in a few words: its arguments on one line. Untrusted text.</summary>
    public static string Wanted(LedgerEntry entry) => Line(ToolCall(entry).Arguments);

    /// <summary>The arguments over several lines.</summary>
    public static string Pretty(JsonElement json) => json.ValueKind == JsonValueKind.Undefined ? "" : JsonSerializer.Serialize(json, s_pretty);

    /// <summary>What an entry says, in a sentence of our own.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="zone">The viewer's zone, for the times of day that the kept sentence names in UTC; null leaves them.</param>
    public static string Sentence(LedgerEntry entry, ViewerZone? zone = null)
    {
        switch (entry.Kind)
        {
            case LedgerKind.ToolCall:
                return ToolCall(entry).Sentence is { Length: > 0 } sentence ? InZone(sentence, ToolCall(entry), zone)
                    : $"{entry.Tool} {(entry.Decision switch { "allow" => "was allowed", "deny" => "was denied", _ => "waits for a person" })} for {entry.Agent}: {Words.Reason(entry.Reason)}.";
            case LedgerKind.ToolResult:
                var result = ToolResult(entry);
                return $"{entry.Tool} of {entry.Agent} {(result.Status == "ok" ? "finished" : "failed")}{(result.DurationMs is { } ms ? $" after {ms:0} ms" : "")}.";
            case LedgerKind.ModelCall:
                var model = ModelCall(entry);
                return entry.Decision == "deny" ? $"The model of {entry.Agent} was not called: {Words.Reason(entry.Reason)}."
                    : $"The model of {entry.Agent} was shown {Words.Count(model.Tools.Count, "tool")}{(model.Filtered.Count == 0 ? "" : $"; {model.Filtered.Count} {(model.Filtered.Count == 1 ? "was" : "were")} kept from it")}.";
            case LedgerKind.Switch:
                var change = Switch(entry);
                var what = change.Switch switch { "stop" => "stop", "tool-disable" => "disabling", _ => "quarantine" };
                return change.Change switch
                {
                    "set" => $"{entry.Actor} set the {what} of {change.Target}{(change.Reason is { Length: > 0 } why ? $": {why}" : "")}.",
                    "lifted" => $"{entry.Actor} lifted the {what} of {change.Target}{(change.Reason is { Length: > 0 } why ? $": {why}" : "")}.",
                    _ => $"The {what} of {change.Target} ended by itself.",
                };
            default:
                var action = Action(entry);
                return action.Sentence.Length > 0 ? action.Sentence : $"{Words.Kind(entry.Kind)}: {(action.Action.Length > 0 ? action.Action : "no details are kept")}.";
        }
    }

    /// <summary>The kept sentence of a call with its times of day in the viewer's zone. Only times that it took from its evidence are changed.</summary>
    public static string InZone(string sentence, ToolCallData call, ViewerZone? zone)
    {
        if (zone is null) return sentence;
        foreach (var fact in call.Evidence)
            sentence = sentence.Replace($"{fact.At.UtcDateTime:HH:mm:ss} UTC", zone.Clock(fact.At), StringComparison.Ordinal);
        return sentence;
    }

    private static readonly JsonSerializerOptions s_pretty = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Line(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) return json.ValueKind == JsonValueKind.Undefined ? "" : json.ToString();
        var line = new StringBuilder();
        foreach (var member in json.EnumerateObject())
        {
            if (line.Length > 160) break;
            if (line.Length > 0) line.Append(" · ");
            line.Append(member.Name).Append(": ").Append(member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : member.Value.GetRawText());
        }
        return line.ToString();
    }

    private static T? Read<T>(LedgerEntry entry, string? kind, JsonTypeInfo<T> type) where T : class
    {
        if (kind is not null && entry.Kind != kind) return null;
        if (s_read.TryGetValue(entry, out var known)) return known as T;
        T? read = null;
        // Data can be erased by retention: what is left is then no data of that kind.
        try { read = JsonSerializer.Deserialize(entry.Data, type); }
        catch (JsonException) { return null; }
        if (read is not null) s_read.AddOrUpdate(entry, read);
        return read;
    }
}
