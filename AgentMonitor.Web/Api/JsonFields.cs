using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Identity;
using AgentMonitor.Web.Configuration;

namespace AgentMonitor.Web.Api;

/// <summary>
/// Reads the members of a JSON object. Every refusal names the member by JSON pointer; unknown members are ignored, and a member
/// that is null counts as one of the wrong type where it is required, as absent where it is optional.
/// </summary>
internal readonly struct JsonFields(JsonElement element, string path = "")
{
    public string Path => path;

    public bool Has(string name) => element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public JsonElement Element(string name) => element.TryGetProperty(name, out var value) ? value : default;

    public JsonFields Object(string name)
    {
        var value = Required(name);
        return value.ValueKind == JsonValueKind.Object ? new(value, At(name)) : throw WrongType(At(name), "an object");
    }

    public string String(string name) => Text(Required(name), At(name));

    public string? OptionalString(string name) => Has(name) ? Text(Element(name), At(name)) : null;

    public string ForeignId(string name)
    {
        var id = String(name);
        return Identifiers.IsForeignId(id) ? id : throw BadValue(At(name), $"an id has 1 to {Identifiers.MaxForeignIdLength} characters, without control characters or surrounding blanks");
    }

    public string? OptionalForeignId(string name) => Has(name) ? ForeignId(name) : null;

    public DateTimeOffset? OptionalInstant(string name)
    {
        if (OptionalString(name) is not { } text) return null;
        // An instant without an offset would mean another thing on another machine.
        return (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > 10) && DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var at)
            ? at : throw BadValue(At(name), "write an instant with its offset, such as 2026-11-22T12:00:00Z");
    }

    public double? OptionalNumber(string name)
    {
        if (!Has(name)) return null;
        return Element(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : throw WrongType(At(name), "a number");
    }

    public bool? OptionalBoolean(string name) => !Has(name) ? null : Element(name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw WrongType(At(name), "true or false"),
    };

    public ImmutableArray<T> List<T>(string name, int max, Func<JsonElement, string, T> read)
    {
        var list = Required(name);
        if (list.ValueKind != JsonValueKind.Array) throw WrongType(At(name), "a list");
        if (list.GetArrayLength() > max) throw BadValue(At(name), $"at most {max} are taken");
        var items = ImmutableArray.CreateBuilder<T>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray()) items.Add(read(item, $"{At(name)}/{items.Count}"));
        return items.MoveToImmutable();
    }

    public ImmutableArray<T> OptionalList<T>(string name, int max, Func<JsonElement, string, T> read) => Has(name) ? List(name, max, read) : [];

    public ImmutableArray<string> Slugs(string name, int max) => List(name, max, static (item, at) =>
        Text(item, at) is var text && Identifiers.IsSlug(text) ? text : throw BadValue(at, $"use 1 to {Identifiers.MaxSlugLength} lower-case letters, digits, `.`, `_` and `-`"));

    public static JsonFields ObjectItem(JsonElement item, string at) => item.ValueKind == JsonValueKind.Object ? new(item, at) : throw WrongType(at, "an object");

    public static string Text(JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.String) throw WrongType(at, "a text");
        try { return value.GetString()!; }
        catch (InvalidOperationException) { throw BadValue(at, "the text holds half of a surrogate pair"); }
    }

    public static RefusedException WrongType(string at, string wanted) => new(400, "wrong-type", $"`{at}` must be {wanted}") { Member = at };

    public static RefusedException BadValue(string at, string why) => new(400, "bad-value", $"`{at}`: {why}") { Member = at };

    private JsonElement Required(string name)
    {
        if (!element.TryGetProperty(name, out var value)) throw new RefusedException(400, "missing-member", $"`{At(name)}` is missing") { Member = At(name) };
        return value;
    }

    private string At(string name) => $"{path}/{name}";
}
