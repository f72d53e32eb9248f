using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Json;

namespace AgentMonitor.Core.Tools;

/// <summary>Which kind of JSON value stood under a name.</summary>
public enum FieldKind
{
    /// <summary>Only null so far.</summary>
    Null,
    /// <summary>A text.</summary>
    Text,
    /// <summary>A number.</summary>
    Number,
    /// <summary>True or false.</summary>
    Boolean,
    /// <summary>A list.</summary>
    List,
    /// <summary>An object.</summary>
    Record,
    /// <summary>Now one, now another.</summary>
    Mixed,
}

/// <summary>A name that was seen in a tool's calls or results. Its values are not kept.</summary>
/// <param name="Name">The argument's or field's name, as it was written. Untrusted.</param>
/// <param name="Kind">What stood under it.</param>
/// <param name="Seen">In how many calls or results it was seen; at least that many, since it is not written down each time.</param>
/// <param name="LongTexts">In how many of them it held a long text.</param>
public sealed record ObservedField(string Name, FieldKind Kind, long Seen, long LongTexts)
{
    /// <summary>Most names that are kept of one tool's arguments, and of its results.</summary>
    public const int MaxNames = 64;
    /// <summary>From how many characters on a text with blanks in it counts as long: longer than ids, names and addresses.</summary>
    public const int LongText = 80;
    // Results are data of any size; what the first elements and levels do not show is not worth reading more for.
    private const int MaxDepth = 6, MaxElements = 16, MaxMembers = 256, MaxText = 65_536;

    /// <summary>Whether it usually holds a long text.</summary>
    public bool IsLong => LongTexts > 0 && LongTexts * 2 >= Seen;

    /// <summary>The names of a call's arguments, each seen once.</summary>
    /// <param name="arguments">The arguments; anything but an object has none.</param>
    public static ImmutableArray<ObservedField> OfArguments(JsonElement arguments)
    {
        if (arguments.ValueKind != JsonValueKind.Object) return [];
        var fields = new Dictionary<string, ObservedField>(StringComparer.Ordinal);
        foreach (var member in arguments.EnumerateObject())
            if (fields.Count < MaxNames && NameOf(member) is { } name) fields[name] = Of(name, member.Value);
        return [.. fields.Values];
    }

    /// <summary>
    /// The names of the fields of a result, each seen once: of an object, of the objects of a list, and of the objects within them. A
    /// member that holds nothing but further objects is not a field itself. A text that is JSON, or another form that
    /// <see cref="Origins.ResultFields"/> knows, counts as what it says.
    /// </summary>
    /// <param name="content">The result as reported.</param>
    public static ImmutableArray<ObservedField> OfResult(JsonElement content)
    {
        var fields = new Dictionary<string, ObservedField>(StringComparer.Ordinal);
        var budget = MaxMembers;
        Collect(content, 0);
        return [.. fields.Values];

        void Collect(JsonElement value, int depth)
        {
            if (depth > MaxDepth) return;
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var member in value.EnumerateObject())
                    {
                        if (--budget < 0) return;
                        if (IsContainer(member.Value)) Collect(member.Value, depth + 1);
                        else if (NameOf(member) is { } name)
                        {
                            Note(Of(name, member.Value));
                            // The text blocks of a result may be JSON themselves.
                            if (depth < 3) Collect(member.Value, depth + 1);
                        }
                    }
                    break;
                case JsonValueKind.Array:
                    foreach (var item in value.EnumerateArray().Take(MaxElements)) Collect(item, depth + 1);
                    break;
                case JsonValueKind.String when Inner(value) is { } inner:
                    using (inner) Collect(inner.RootElement, depth + 1);
                    break;
                case JsonValueKind.String when depth == 0 && value.GetRawText().Length <= MaxText:
                    foreach (var part in Origins.ResultFields.Of(value).Take(MaxMembers))
                        if (!part.IsKey && Identifiers.IsFieldName(part.Field)) Note(new(part.Field, KindOf(part.Text), 1, IsLongText(part.Text) ? 1 : 0));
                    break;
                default:
                    break;
            }
        }

        void Note(ObservedField field)
        {
            if (fields.TryGetValue(field.Name, out var known)) fields[field.Name] = known.Within(field);
            else if (fields.Count < MaxNames) fields[field.Name] = field;
        }
    }

    // Text forms tell kinds by how a value is written.
    private static FieldKind KindOf(string text) =>
        double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _) ? FieldKind.Number
        : text is "true" or "false" or "True" or "False" ? FieldKind.Boolean
        : FieldKind.Text;

    private static bool IsLongText(string text) => text.Length > LongText && text.Contains(' ', StringComparison.Ordinal);

    /// <summary>The two together, as counts of different calls.</summary>
    public ObservedField Plus(ObservedField other) => this with { Kind = Join(Kind, other.Kind), Seen = Seen + other.Seen, LongTexts = LongTexts + other.LongTexts };

    /// <summary>The two as accounts of the same calls: whichever knows more.</summary>
    public ObservedField Max(ObservedField other) => this with { Kind = Join(Kind, other.Kind), Seen = Math.Max(Seen, other.Seen), LongTexts = Math.Max(LongTexts, other.LongTexts) };

    // Seen again within one result.
    private ObservedField Within(ObservedField other) => this with { Kind = Join(Kind, other.Kind), LongTexts = Math.Max(LongTexts, other.LongTexts) };

    private static ObservedField Of(string name, JsonElement value) => new(name, KindOf(value), 1, IsLongText(value) ? 1 : 0);

    private static FieldKind Join(FieldKind a, FieldKind b) => a == b || b == FieldKind.Null ? a : a == FieldKind.Null ? b : FieldKind.Mixed;

    private static FieldKind KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => FieldKind.Text,
        JsonValueKind.Number => FieldKind.Number,
        JsonValueKind.True or JsonValueKind.False => FieldKind.Boolean,
        JsonValueKind.Array => FieldKind.List,
        JsonValueKind.Object => FieldKind.Record,
        _ => FieldKind.Null,
    };

    private static bool IsLongText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => IsLongText(value.GetRawText()),
        JsonValueKind.Array => value.GetArrayLength() > 0 && value.EnumerateArray().Take(4).Any(item => item.ValueKind == JsonValueKind.String && IsLongText(item)),
        _ => false,
    };

    private static bool IsContainer(JsonElement value) => value.ValueKind == JsonValueKind.Object
        || value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value[0].ValueKind is JsonValueKind.Object or JsonValueKind.Array;

    private static string? NameOf(JsonProperty member) => SoundText.Of(member) is { } name && Identifiers.IsFieldName(name) ? name : null;

    private static JsonDocument? Inner(JsonElement value)
    {
        try
        {
            var text = value.GetString()!.AsSpan().Trim();
            if (text.Length is < 2 or > MaxText || (text[0], text[^1]) is not (('{', '}') or ('[', ']'))) return null;
            return JsonDocument.Parse(text.ToString());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
