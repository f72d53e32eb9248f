using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Json;

namespace AgentMonitor.Core.Tools;

/// <summary>An argument as a tool's schema describes it. All of it is untrusted text.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its JSON type, several separated by <c>|</c>; with <c>[]</c> behind it for a list of them; null when it is not said.</param>
/// <param name="Format">Its <c>format</c>, or that of a list's elements; null when it is not said.</param>
/// <param name="Description">What it is for; empty when it is not said.</param>
/// <param name="IsRequired">Whether every call has it.</param>
/// <param name="IsChoice">Whether it is one of some fixed values.</param>
public sealed record SchemaArgument(string Name, string? Type, string? Format, string Description, bool IsRequired, bool IsChoice);

/// <summary>
/// What a tool's schema says, as far as it can be read: JSON Schema of the parameters, or a tool's description that holds it as MCP
/// (<c>inputSchema</c>, <c>annotations</c>) and several model APIs (<c>parameters</c>, <c>input_schema</c>, <c>function</c>) write it.
/// </summary>
public sealed class ToolSchema
{
    private const int MaxArguments = 128;

    private ToolSchema() { }

    /// <summary>The arguments, in the schema's order.</summary>
    public ImmutableArray<SchemaArgument> Arguments { get; private init; } = [];
    /// <summary>The tool says of itself that it changes nothing; null when it does not say.</summary>
    public bool? ReadOnly { get; private init; }
    /// <summary>The tool says of itself that it may destroy; null when it does not say.</summary>
    public bool? Destructive { get; private init; }
    /// <summary>The tool says of itself that it deals with an open world, such as the web; null when it does not say.</summary>
    public bool? OpenWorld { get; private init; }

    /// <summary>Reads a schema. What is not understood is as if it were not there.</summary>
    /// <param name="json">JSON text; null: none.</param>
    public static ToolSchema Read(string? json)
    {
        if (json is null) return new();
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (JsonException)
        {
            return new();
        }
    }

    private static ToolSchema Read(JsonElement root)
    {
        var tool = Member(root, "function") is { ValueKind: JsonValueKind.Object } function ? function : root;
        var parameters = tool;
        foreach (var name in (ReadOnlySpan<string>)["inputSchema", "input_schema", "parameters"])
            if (!HasProperties(tool) && Member(tool, name) is { ValueKind: JsonValueKind.Object } inner) parameters = inner;
        var annotations = Member(root, "annotations") is { ValueKind: JsonValueKind.Object } hints ? hints : Member(parameters, "annotations");
        return new()
        {
            Arguments = ReadArguments(parameters),
            ReadOnly = Flag(annotations, "readOnlyHint"),
            Destructive = Flag(annotations, "destructiveHint"),
            OpenWorld = Flag(annotations, "openWorldHint"),
        };
    }

    private static ImmutableArray<SchemaArgument> ReadArguments(JsonElement schema)
    {
        if (Member(schema, "properties") is not { ValueKind: JsonValueKind.Object } properties) return [];
        var required = new HashSet<string>(StringComparer.Ordinal);
        if (Member(schema, "required") is { ValueKind: JsonValueKind.Array } list)
            foreach (var item in list.EnumerateArray())
                if (Text(item) is { } name) required.Add(name);
        var arguments = ImmutableArray.CreateBuilder<SchemaArgument>();
        foreach (var property in properties.EnumerateObject())
        {
            if (arguments.Count == MaxArguments) break;
            if (NameOf(property) is not { } name || arguments.Any(a => a.Name == name)) continue;
            var value = property.Value;
            arguments.Add(new(name, TypeOf(value), Text(Member(value, "format")) ?? Text(Member(Items(value), "format")) ?? Alternatives(value).Select(v => Text(Member(v, "format"))).FirstOrDefault(f => f is not null),
                Text(Member(value, "description")) ?? "", required.Contains(name), HasChoices(value) || HasChoices(Items(value))));
        }
        return arguments.ToImmutable();
    }

    private static string? TypeOf(JsonElement schema)
    {
        var type = Member(schema, "type");
        if (type.ValueKind == JsonValueKind.Array) return Joined(type.EnumerateArray().Select(Text));
        if (Text(type) is "array") return TypeOf(Items(schema)) is { } item ? $"{item}[]" : "array";
        return Text(type) ?? Joined(Alternatives(schema).Select(TypeOf));
    }

    // A value that may be null is not of another kind for that.
    private static string? Joined(IEnumerable<string?> types) => string.Join('|', types.Where(t => t is not (null or "null")).Distinct()) is { Length: > 0 } all ? all : null;

    private static IEnumerable<JsonElement> Alternatives(JsonElement schema) =>
        ((IEnumerable<string>)["anyOf", "oneOf"]).Select(name => Member(schema, name)).Where(m => m.ValueKind == JsonValueKind.Array).SelectMany(m => m.EnumerateArray().Take(8));

    private static JsonElement Items(JsonElement schema) => Member(schema, "items");

    private static bool HasProperties(JsonElement schema) => Member(schema, "properties").ValueKind == JsonValueKind.Object;

    private static bool HasChoices(JsonElement schema) => Member(schema, "enum").ValueKind == JsonValueKind.Array || Member(schema, "const").ValueKind != JsonValueKind.Undefined;

    private static bool? Flag(JsonElement value, string name) => Member(value, name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static JsonElement Member(JsonElement value, string name) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;

    private static string? NameOf(JsonProperty property) => SoundText.Of(property) is { } name && Identifiers.IsFieldName(name) ? name : null;

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? SoundText.Of(value) : null;
}
