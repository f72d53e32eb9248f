using System.Text;
using System.Text.Json;

namespace AgentMonitor.Core.Cel;

/// <summary>Selection of fields and elements, with what optionals make of it.</summary>
internal static class Access
{
    /// <summary>The outcome of looking for something in a value.</summary>
    private enum Outcome { Present, Absent, Wrong }

    private static Outcome Field(in CelValue value, string field, out CelValue found)
    {
        found = default;
        switch (value.Kind)
        {
            case CelKind.Map: return value.AsMap.TryGet(field, out found) ? Outcome.Present : Outcome.Absent;
            case CelKind.Record: return value.AsRecord.TryGet(field, out found) ? Outcome.Present : Outcome.Absent;
            case CelKind.Json when value.AsJson.ValueKind == JsonValueKind.Object:
                if (!JsonText.TryGetProperty(value.AsJson, field, out var json)) return Outcome.Absent;
                found = CelValue.Of(json);
                return Outcome.Present;
            default: return Outcome.Wrong;
        }
    }

    private static Outcome Element(in CelValue value, in CelValue index, out CelValue found)
    {
        found = default;
        switch (value.Kind)
        {
            case CelKind.List:
                if (!TryPlace(index, out var place)) return Outcome.Wrong;
                if (place < 0 || place >= value.AsList.Count) return Outcome.Absent;
                found = value.AsList[(int)place];
                return Outcome.Present;
            case CelKind.Map: return value.AsMap.TryGet(index, out found) ? Outcome.Present : Outcome.Absent;
            case CelKind.Json when value.AsJson.ValueKind == JsonValueKind.Array:
                if (!TryPlace(index, out var at)) return Outcome.Wrong;
                if (at < 0 || at >= value.AsJson.GetArrayLength()) return Outcome.Absent;
                found = CelValue.Of(value.AsJson[(int)at]);
                return Outcome.Present;
            case CelKind.Json when value.AsJson.ValueKind == JsonValueKind.Object:
                return value.Plain().AsMap.TryGet(index, out found) ? Outcome.Present : Outcome.Absent;
            default: return Outcome.Wrong;
        }
    }

    // An index is a number of any type with an integral value.
    private static bool TryPlace(in CelValue index, out long place)
    {
        var plain = index.Plain();
        place = -1;
        switch (plain.Kind)
        {
            case CelKind.Int: place = plain.AsInt; return true;
            case CelKind.Uint: place = plain.AsUint > int.MaxValue ? -1 : (long)plain.AsUint; return true;
            case CelKind.Double when double.IsInteger(plain.AsDouble): place = Math.Abs(plain.AsDouble) > int.MaxValue ? -1 : (long)plain.AsDouble; return true;
            default: return false;
        }
    }

    public static CelValue Select(in CelValue value, string field, bool isOptional)
    {
        if (value.IsError) return value;
        if (value.Kind == CelKind.Optional) return value.HasValue ? Wrapped(Field(value.Unwrapped, field, out var inner), inner, value.Unwrapped, field) : value;
        var outcome = Field(value, field, out var found);
        if (isOptional) return Wrapped(outcome, found, value, field);
        return outcome switch
        {
            Outcome.Present => found,
            Outcome.Absent => CelValue.Fail($"no such key: '{field}'"),
            _ => CelValue.Fail($"{value.TypeName} has no field '{field}'"),
        };
    }

    private static CelValue Wrapped(Outcome outcome, in CelValue found, in CelValue of, string field) => outcome switch
    {
        Outcome.Present => found.IsError ? found : CelValue.Some(found),
        Outcome.Absent => CelValue.None,
        _ => CelValue.Fail($"no such key: {of.TypeName} has no field '{field}'"),
    };

    public static CelValue Has(in CelValue value, string field)
    {
        if (value.IsError) return value;
        if (value.Kind == CelKind.Optional) return value.HasValue ? Has(value.Unwrapped, field) : CelValue.False;
        return Field(value, field, out var _) switch
        {
            Outcome.Present => CelValue.True,
            Outcome.Absent => CelValue.False,
            _ => CelValue.Fail($"{value.TypeName} has no fields"),
        };
    }

    public static CelValue Index(in CelValue value, in CelValue index, bool isOptional)
    {
        if (value.IsError) return value;
        if (index.IsError) return index;
        if (value.Kind == CelKind.Optional)
        {
            if (!value.HasValue) return value;
            return Index(value.Unwrapped, index, true);
        }
        var outcome = Element(value, index, out var found);
        if (outcome == Outcome.Present) return isOptional && !found.IsError ? CelValue.Some(found) : found;
        if (outcome == Outcome.Absent && isOptional) return CelValue.None;
        if (outcome == Outcome.Wrong) return CelValue.Fail($"no such overload: {value.TypeName}[{index.TypeName}]");
        return CelValue.Fail(value.TypeName == "list" ? $"index out of bounds: {index}" : $"no such key: {index}");
    }
}

internal sealed class SelectNode(CelNode operand, string field, bool isOptional) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame) => At(Access.Select(operand.Evaluate(ref frame), field, isOptional));
}

internal sealed class HasNode(CelNode operand, string field) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame) => At(Access.Has(operand.Evaluate(ref frame), field));
}

internal sealed class IndexNode(CelNode operand, CelNode index, bool isOptional) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame) => At(Access.Index(operand.Evaluate(ref frame), index.Evaluate(ref frame), isOptional));
}

/// <summary>A member of a JSON object.</summary>
internal sealed class JsonFieldNode(JsonNode operand, string field) : JsonNode
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(field);

    public override bool TryRead(ref CelFrame frame, out JsonElement json)
    {
        if (!operand.TryRead(ref frame, out json)) return false;
        if (json.ValueKind != JsonValueKind.Object)
        {
            frame.Error = json.ValueKind == JsonValueKind.Undefined ? Fail($"no such key: '{field}'") : Fail($"{CelValue.Of(json).TypeName} has no field '{field}'");
            return false;
        }
        if (JsonText.TryGetProperty(json, _utf8, out var value)) { json = value; return true; }
        frame.Error = Fail($"no such key: '{field}'");
        return false;
    }
}

/// <summary><c>has()</c> of a member of a JSON object.</summary>
internal sealed class JsonHasNode(JsonNode operand, string field) : TestNode
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(field);

    public override Found Test(ref CelFrame frame)
    {
        if (!operand.TryRead(ref frame, out var json)) return Found.Error;
        return json.ValueKind switch
        {
            JsonValueKind.Object => JsonText.TryGetProperty(json, _utf8, out _) ? Found.True : Found.False,
            JsonValueKind.Undefined => Found.False,
            _ => Error(ref frame, CelValue.Fail($"{CelValue.Of(json).TypeName} has no fields")),
        };
    }
}

/// <summary>A name of an expression that was not checked, where it is not known which names are variables: the first meaning that has a value wins.</summary>
internal sealed class OpenNameNode((string Name, string[] Fields)[] meanings, IReadOnlySet<string> types) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        foreach (var (name, rest) in meanings)
        {
            if (!frame.Activation.TryFind(name, out var value))
            {
                if (!types.Contains(name)) continue;
                value = CelValue.TypeNamed(name);
            }
            foreach (var field in rest) value = Access.Select(value, field, false);
            return At(value);
        }
        return Fail($"undeclared reference to '{meanings[^1].Name}'");
    }
}
