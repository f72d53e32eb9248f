using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMonitor.Core.Sessions;

namespace AgentMonitor.Web.Ledger;

/// <summary>The data of a <c>tool-call</c> entry: what was asked and why it was answered as it was.</summary>
public sealed record ToolCallData
{
    /// <summary>The redacted arguments, as JSON.</summary>
    public JsonElement Arguments { get; init; }
    /// <summary>The user's words since the last call, redacted and cut; untrusted text.</summary>
    public string? Prompt { get; init; }
    /// <summary>The users.</summary>
    public IReadOnlyList<UserData> Users { get; init; } = [];
    /// <summary>The tags that held in this call.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
    /// <summary>False when nobody had classified the tool.</summary>
    public bool Classified { get; init; } = true;
    /// <summary>What the agent was told.</summary>
    public string Message { get; init; } = "";
    /// <summary>How the agent was told to go on.</summary>
    public string? Advice { get; init; }
    /// <summary>The answer in a sentence, for operators.</summary>
    public string? Sentence { get; init; }
    /// <summary>What would have allowed it.</summary>
    public string? Counterfactual { get; init; }
    /// <summary>What the deciding rule rests on.</summary>
    public IReadOnlyList<EvidenceData> Evidence { get; init; } = [];
    /// <summary>Enforced rules that matched.</summary>
    public IReadOnlyList<MatchData> Matched { get; init; } = [];
    /// <summary>Shadow rules that matched and changed nothing.</summary>
    public IReadOnlyList<MatchData> Shadow { get; init; } = [];
    /// <summary>What the call names as who or where, each with where it came from.</summary>
    public IReadOnlyList<DestinationData> Destinations { get; init; } = [];
    /// <summary>Whether one of them is vouched for by nobody, or none can be read where one must be; null when it was not looked at.</summary>
    public bool? Unvouched { get; init; }
    /// <summary>The session's labels after the call.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
    /// <summary>The labels that this call added.</summary>
    public IReadOnlyList<string> LabelsAdded { get; init; } = [];
    /// <summary>Parents that were linked by this call, as <c>agent/id</c>.</summary>
    public IReadOnlyList<string> Linked { get; init; } = [];
    /// <summary>The approval it waits for.</summary>
    public string? ApprovalId { get; init; }
    /// <summary>When the approval expires.</summary>
    public DateTimeOffset? ApprovalExpiresAt { get; init; }
    /// <summary>How long evaluation took, in microseconds.</summary>
    public long EvaluationMicros { get; init; }
}

/// <summary>A user of a call.</summary>
public sealed record UserData(string Id, bool Verified, IReadOnlyList<string> Roles);

/// <summary>A rule that matched.</summary>
public sealed record MatchData(string Rule, string Name, string Effect, string? Error);

/// <summary>Where a label came from.</summary>
/// <param name="Label">The label.</param>
/// <param name="Source">What added it.</param>
/// <param name="At">When.</param>
/// <param name="DecisionId">The call that added it.</param>
/// <param name="Tool">The tool of that call.</param>
/// <param name="Why">The rule or the words.</param>
/// <param name="Path">Sessions it travelled through, as <c>agent/id</c>, the origin first.</param>
public sealed record EvidenceData(string Label, string Source, DateTimeOffset At, string? DecisionId, string? Tool, string? Why, IReadOnlyList<string> Path)
{
    /// <summary>The evidence as written to the wire.</summary>
    public static EvidenceData From(LabelEvidence evidence) => new(
        evidence.Label, Wire.Word(evidence.Source), evidence.At, evidence.DecisionId, evidence.Tool, evidence.Why, [.. evidence.Path.Select(p => p.ToString())]);
}

/// <summary>The data of a <c>tool-result</c> entry.</summary>
public sealed record ToolResultData
{
    /// <summary><c>ok</c> or <c>error</c>.</summary>
    public string Status { get; init; } = "ok";
    /// <summary>How long the tool ran, in milliseconds.</summary>
    public double? DurationMs { get; init; }
    /// <summary>Size of the reported content in bytes; the content itself is not kept.</summary>
    public long? ContentBytes { get; init; }
    /// <summary>Labels that the report added.</summary>
    public IReadOnlyList<string> LabelsAdded { get; init; } = [];
    /// <summary>The session whose output was received, as <c>agent/id</c>.</summary>
    public string? FromSession { get; init; }
    /// <summary>How many values it named that can be destinations; they are kept as salted hashes.</summary>
    public int Values { get; init; }
}

/// <summary>The data of a <c>model-call</c> entry.</summary>
public sealed record ModelCallData
{
    /// <summary>The user's words, redacted and cut; untrusted text.</summary>
    public string? Prompt { get; init; }
    /// <summary>The users.</summary>
    public IReadOnlyList<UserData> Users { get; init; } = [];
    /// <summary>Tools the model was shown.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];
    /// <summary>Tools it was not shown, and why.</summary>
    public IReadOnlyList<FilteredData> Filtered { get; init; } = [];
    /// <summary>The session's labels.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}

/// <summary>A tool that was filtered.</summary>
public sealed record FilteredData(string Tool, string Code, string Message, string? Rule);

/// <summary>The data of a <c>switch</c> entry.</summary>
public sealed record SwitchData
{
    /// <summary><c>set</c>, <c>lifted</c> or <c>expired</c>.</summary>
    public string Change { get; init; } = "";
    /// <summary><c>stop</c>, <c>agent-quarantine</c>, <c>session-quarantine</c>, <c>user-quarantine</c> or <c>tool-disable</c>.</summary>
    public string Switch { get; init; } = "";
    /// <summary>What it acts on, in words.</summary>
    public string Target { get; init; } = "";
    /// <summary>The user, for a user's quarantine.</summary>
    public string? User { get; init; }
    /// <summary>Why.</summary>
    public string? Reason { get; init; }
    /// <summary>When it ends by itself.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>The data of an <c>approval</c> entry: how an approval ended.</summary>
public sealed record ApprovalData
{
    /// <summary><c>approved</c>, <c>rejected</c>, <c>expired</c> or <c>cancelled</c>.</summary>
    public string Change { get; init; } = "";
    /// <summary>The approval.</summary>
    public string ApprovalId { get; init; } = "";
    /// <summary>The same in a sentence, for operators.</summary>
    public string Sentence { get; init; } = "";
    /// <summary>Why, in the words of whoever answered.</summary>
    public string? ReasonGiven { get; init; }
    /// <summary>What the agent is told.</summary>
    public string Message { get; init; } = "";
    /// <summary>How the agent is told to go on.</summary>
    public string? Advice { get; init; }
    /// <summary>Labels that the call added when it was approved.</summary>
    public IReadOnlyList<string> LabelsAdded { get; init; } = [];
    /// <summary>The session's labels afterwards.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}

/// <summary>The data of every other kind: what was done, in words, and the details as members.</summary>
public sealed record ActionData
{
    /// <summary>What was done: a stable word such as <c>key-created</c>.</summary>
    public string Action { get; init; } = "";
    /// <summary>The same in a sentence.</summary>
    public string Sentence { get; init; } = "";
    /// <summary>Why, in the actor's words.</summary>
    public string? Reason { get; init; }
    /// <summary>Labels concerned.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
    /// <summary>Another session concerned, as <c>agent/id</c>.</summary>
    public string? Other { get; init; }
}

/// <summary>Reads and writes the data of ledger entries.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ToolCallData))]
[JsonSerializable(typeof(ToolResultData))]
[JsonSerializable(typeof(ModelCallData))]
[JsonSerializable(typeof(SwitchData))]
[JsonSerializable(typeof(ApprovalData))]
[JsonSerializable(typeof(ActionData))]
public sealed partial class LedgerJson : JsonSerializerContext
{
    /// <summary>The context whose texts read well: only what JSON must escape is escaped.</summary>
    public static readonly LedgerJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
