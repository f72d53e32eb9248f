using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Web.Storage;

/// <summary>The JSON of stored documents. Members may be added; none may change its meaning.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionState))]
[JsonSerializable(typeof(AgentDefinition))]
[JsonSerializable(typeof(StoredTool))]
[JsonSerializable(typeof(Switch))]
[JsonSerializable(typeof(PolicyDocument))]
[JsonSerializable(typeof(OriginSource))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(ImmutableArray<string>))]
internal sealed partial class StoredDocuments : JsonSerializerContext
{
    public static string Write(SessionState state) => JsonSerializer.Serialize(state, Default.SessionState);
    public static SessionState ReadSession(string text) => JsonSerializer.Deserialize(text, Default.SessionState)!;
    public static string Names(params string?[] names) => JsonSerializer.Serialize(names!, Default.StringArray);
    public static string? List(ImmutableArray<string> items) => items.IsDefaultOrEmpty ? null : JsonSerializer.Serialize(items, Default.ImmutableArrayString);
    public static ImmutableArray<string> ReadList(string? text) => text is null ? [] : JsonSerializer.Deserialize(text, Default.ImmutableArrayString);

    public static string Key(SwitchTarget target) => Names(target.Kind.ToString(), target.Agent, target.Session, target.Tool, target.User);
}

/// <summary>A tool as stored.</summary>
internal sealed record StoredTool(
    string Agent, string Name, ImmutableArray<ToolTag>? Tags, string Description, bool DescriptionFromAgent, string? Fingerprint,
    ImmutableArray<string> Destinations, ImmutableArray<string> FreeText, ImmutableArray<string> ResultMetadata, DateTimeOffset FirstSeenAt,
    ToolClassification? Classification = null, StoredKnowledge? Knowledge = null)
{
    public static StoredTool From(ToolDefinition tool) => new(
        tool.Agent, tool.Name, tool.IsClassified ? tool.Tags : null, tool.Description, tool.DescriptionFromAgent, tool.Fingerprint,
        tool.Destinations, tool.FreeText, tool.ResultMetadata, tool.FirstSeenAt,
        tool.Classification, StoredKnowledge.From(tool.Knowledge));

    public ToolDefinition ToDefinition() => new(Agent, Name, Tags)
    {
        Description = Description,
        DescriptionFromAgent = DescriptionFromAgent,
        Fingerprint = Fingerprint,
        Destinations = Destinations.IsDefault ? [] : Destinations,
        FreeText = FreeText.IsDefault ? [] : FreeText,
        ResultMetadata = ResultMetadata.IsDefault ? [] : ResultMetadata,
        FirstSeenAt = FirstSeenAt,
        Classification = Classification,
        Knowledge = Knowledge?.ToKnowledge() ?? ToolKnowledge.Nothing,
    };
}

/// <summary>What is known of a tool, as stored.</summary>
internal sealed record StoredKnowledge(string? Schema, bool SchemaTooLarge, ImmutableArray<ObservedField> Arguments, ImmutableArray<ObservedField> ResultFields)
{
    public static StoredKnowledge From(ToolKnowledge known) => new(known.Schema, known.SchemaTooLarge, known.Arguments, known.ResultFields);

    public ToolKnowledge ToKnowledge() => new()
    {
        Schema = Schema,
        SchemaTooLarge = SchemaTooLarge,
        Arguments = Arguments.IsDefault ? [] : Arguments,
        ResultFields = ResultFields.IsDefault ? [] : ResultFields,
    };
}
