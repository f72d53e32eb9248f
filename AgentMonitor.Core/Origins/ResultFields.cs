using System.Text.Json;
using AgentMonitor.Core.Json;

namespace AgentMonitor.Core.Origins;

/// <summary>A scalar of a tool's result.</summary>
/// <param name="Field">The member it stands under; in a list, that of the list; empty at the top.</param>
/// <param name="Text">Its text.</param>
/// <param name="IsKey">True when the text is itself the name of a member.</param>
public readonly record struct ResultField(string Field, string Text, bool IsKey);

/// <summary>
/// Takes a tool's result apart into fields: JSON, and the text forms that tools print instead (Python literals, YAML as serialisers write
/// it). A text that is not wholly of such a form is one field without a name.
/// </summary>
/// <remarks>
/// A text form is only as good as the quoting of whoever printed it. What a serialiser writes is taken; a mapping with a member twice, a
/// line that fits nowhere or a quote that does not end makes the whole text plain. Report JSON where you can.
/// </remarks>
public static class ResultFields
{
    /// <summary>Most fields that are told apart; a result with more is taken as one text.</summary>
    public const int MaxFields = 20_000;

    /// <summary>The fields of a result.</summary>
    /// <param name="content">The content as reported; undefined: none.</param>
    public static IReadOnlyList<ResultField> Of(JsonElement content)
    {
        var fields = new List<ResultField>();
        if (content.ValueKind == JsonValueKind.String)
        {
            if (SoundText.Of(content) is { } text) OfText(text, fields);
        }
        else if (content.ValueKind != JsonValueKind.Undefined) OfJson(content, "", fields);
        return fields;
    }

    private static void OfText(string text, List<ResultField> fields)
    {
        var start = text.AsSpan().TrimStart();
        if (start.IsEmpty) return;
        if (start[0] is '{' or '[')
        {
            if (TryJson(text, fields)) return;
            fields.Clear();
            if (PythonLiteral.TryRead(text, fields)) return;
            fields.Clear();
        }
        if (YamlText.TryRead(text, fields)) return;
        fields.Clear();
        fields.Add(new("", text, false));
    }

    private static bool TryJson(string text, List<ResultField> fields)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            OfJson(document.RootElement, "", fields);
            return true;
        }
        catch (JsonException) { return false; }
    }

    private static void OfJson(JsonElement value, string field, List<ResultField> fields)
    {
        if (fields.Count >= MaxFields) return;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    if (SoundText.Of(member) is not { } name) continue;
                    fields.Add(new(field, name, true));
                    OfJson(member.Value, name, fields);
                }
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray()) OfJson(item, field, fields);
                break;
            case JsonValueKind.String:
                // What no text can carry names nothing.
                if (SoundText.Of(value) is { } text) fields.Add(new(field, text, false));
                break;
            case JsonValueKind.Number:
                fields.Add(new(field, value.GetRawText(), false));
                break;
            default:
                break;
        }
    }
}
