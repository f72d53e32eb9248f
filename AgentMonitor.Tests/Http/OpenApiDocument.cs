using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AgentMonitor.Tests.Http;

/// <summary>An operation of the document.</summary>
public sealed record DocumentedOperation(string Method, string Path, JsonObject Json)
{
    public string Id => Json["operationId"]!.GetValue<string>();

    /// <summary>Whom it takes: <c>agent</c>, or the least role of an operator.</summary>
    public string[] Takes => [.. Json["security"]!.AsArray().SelectMany(s => s!["bearer"]!.AsArray()).Select(r => r!.GetValue<string>())];

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>
/// The served OpenAPI document, and as much of JSON Schema as it uses. A keyword that is not known here is an error, so that nothing
/// in the document goes unchecked by oversight.
/// </summary>
public sealed class OpenApiDocument
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];

    public OpenApiDocument(string text)
    {
        Root = JsonNode.Parse(text)!.AsObject();
        Operations = [.. Root["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Where(o => Methods.Contains(o.Key))
            .Select(o => new DocumentedOperation(o.Key.ToUpperInvariant(), path.Key, o.Value!.AsObject())))];
    }

    public JsonObject Root { get; }
    public IReadOnlyList<DocumentedOperation> Operations { get; }

    public DocumentedOperation Operation(string method, string path) => Operations.SingleOrDefault(o => o.Method == method && o.Path == path)
        ?? throw new InvalidOperationException($"the document has no {method} {path}");

    public JsonObject Schema(string name) => Root["components"]!["schemas"]![name]!.AsObject();

    /// <summary>The documented answer with a status; null when there is none but the default one.</summary>
    public JsonObject? Response(DocumentedOperation operation, int status) => operation.Json["responses"]![status.ToString(CultureInfo.InvariantCulture)] is JsonObject found ? Resolve(found) : null;

    /// <summary>Follows a reference, if it is one.</summary>
    public JsonObject Resolve(JsonObject node)
    {
        if (node["$ref"] is not JsonValue reference) return node;
        JsonNode? found = Root;
        foreach (var part in reference.GetValue<string>().Split('/').Skip(1)) found = found?[part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)];
        return found as JsonObject ?? throw new InvalidOperationException($"{reference} leads nowhere");
    }

    /// <summary>What is wrong with a value.</summary>
    /// <param name="schema">What it should be.</param>
    /// <param name="value">The value.</param>
    /// <param name="closed">Whether a member that the schema does not name is wrong too.</param>
    public IReadOnlyList<string> Errors(JsonObject schema, JsonNode? value, bool closed)
    {
        var errors = new List<string>();
        Check(schema, value, "", closed, errors);
        return errors;
    }

    private void Check(JsonObject schema, JsonNode? value, string at, bool closed, List<string> errors)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        if (!Apply(schema, value, at, closed, errors, named) || !closed || value is not JsonObject members) return;
        foreach (var (name, _) in members)
            if (!named.Contains(name)) errors.Add($"{at}/{name}: not in the document");
    }

    // True when the schema says which members an object has; their names are added to `named`.
    private bool Apply(JsonObject schema, JsonNode? value, string at, bool closed, List<string> errors, HashSet<string> named)
    {
        var describes = false;
        foreach (var (keyword, operand) in schema)
            switch (keyword)
            {
                case "$ref":
                    describes |= Apply(Resolve(schema), value, at, closed, errors, named);
                    break;
                case "allOf":
                    foreach (var part in operand!.AsArray()) describes |= Apply(part!.AsObject(), value, at, closed, errors, named);
                    break;
                case "anyOf":
                    describes |= ApplyAny(operand!.AsArray(), value, at, closed, errors, named);
                    break;
                case "type":
                    var types = operand is JsonArray list ? list.Select(t => t!.GetValue<string>()).ToArray() : [operand!.GetValue<string>()];
                    if (!types.Any(t => Is(value, t))) errors.Add($"{at}: {value?.ToJsonString() ?? "null"} is not {string.Join(" or ", types)}");
                    break;
                case "enum":
                    if (!operand!.AsArray().Any(o => JsonNode.DeepEquals(o, value))) errors.Add($"{at}: {value?.ToJsonString() ?? "null"} is none of {operand.ToJsonString()}");
                    break;
                case "const":
                    if (!JsonNode.DeepEquals(operand, value)) errors.Add($"{at}: {value?.ToJsonString() ?? "null"} is not {operand!.ToJsonString()}");
                    break;
                case "required":
                    if (value is JsonObject members)
                        errors.AddRange(operand!.AsArray().Select(n => n!.GetValue<string>()).Where(n => !members.ContainsKey(n)).Select(n => $"{at}/{n}: missing"));
                    break;
                case "properties":
                    describes = true;
                    foreach (var (name, property) in operand!.AsObject())
                    {
                        named.Add(name);
                        if (value is JsonObject holder && holder.ContainsKey(name)) Check(property!.AsObject(), holder[name], $"{at}/{name}", closed, errors);
                    }
                    break;
                case "additionalProperties":
                    if (!operand!.GetValue<bool>() && value is JsonObject all && schema["properties"] is JsonObject allowed)
                        errors.AddRange(all.Where(m => !allowed.ContainsKey(m.Key)).Select(m => $"{at}/{m.Key}: not allowed"));
                    break;
                case "items":
                    if (value is JsonArray array)
                        for (var i = 0; i < array.Count; i++) Check(operand!.AsObject(), array[i], $"{at}/{i}", closed, errors);
                    break;
                case "pattern":
                    if (Text(value) is { } text && !Regex.IsMatch(text, operand!.GetValue<string>(), RegexOptions.None, TimeSpan.FromSeconds(1))) errors.Add($"{at}: `{text}` does not match {operand}");
                    break;
                case "format":
                    if (operand!.GetValue<string>() != "date-time") throw new NotSupportedException($"format {operand}");
                    if (Text(value) is { } instant && !(instant.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(instant, CultureInfo.InvariantCulture, out _))) errors.Add($"{at}: `{instant}` is not an instant");
                    break;
                case "minLength":
                    if (Text(value) is { } shortText && shortText.Length < operand!.GetValue<int>()) errors.Add($"{at}: too short");
                    break;
                case "maxLength":
                    if (Text(value) is { } longText && longText.Length > operand!.GetValue<int>()) errors.Add($"{at}: too long");
                    break;
                case "minItems":
                    if (value is JsonArray few && few.Count < operand!.GetValue<int>()) errors.Add($"{at}: too few");
                    break;
                case "maxItems":
                    if (value is JsonArray many && many.Count > operand!.GetValue<int>()) errors.Add($"{at}: too many");
                    break;
                case "minimum":
                    if (Is(value, "number") && value!.GetValue<JsonElement>().GetDouble() < operand!.GetValue<double>()) errors.Add($"{at}: too small");
                    break;
                case "maximum":
                    if (Is(value, "number") && value!.GetValue<JsonElement>().GetDouble() > operand!.GetValue<double>()) errors.Add($"{at}: too large");
                    break;
                case "description" or "examples" or "default":
                    break;
                default:
                    throw new NotSupportedException($"the schema keyword {keyword}");
            }
        return describes;
    }

    private bool ApplyAny(JsonArray branches, JsonNode? value, string at, bool closed, List<string> errors, HashSet<string> named)
    {
        var (matched, describes) = (false, false);
        var why = new List<string>();
        foreach (var branch in branches)
        {
            var (wrong, names) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
            var said = Apply(branch!.AsObject(), value, at, closed, wrong, names);
            if (wrong.Count == 0)
            {
                matched = true;
                describes |= said;
                named.UnionWith(names);
            }
            else why.Add($"({string.Join(", ", wrong)})");
        }
        if (!matched) errors.Add($"{at}: matches none: {string.Join(" ", why)}");
        return describes;
    }

    private static string? Text(JsonNode? value) => value is JsonValue found && found.GetValueKind() == JsonValueKind.String ? found.GetValue<string>() : null;

    private static bool Is(JsonNode? value, string type) => type switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "number" => value?.GetValueKind() == JsonValueKind.Number,
        "integer" => value?.GetValueKind() == JsonValueKind.Number && !value.ToJsonString().AsSpan().ContainsAny('.', 'e', 'E'),
        _ => throw new NotSupportedException($"the type {type}"),
    };
}
