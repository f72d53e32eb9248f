using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentMonitor.Core.Cel;

namespace AgentMonitor.Bench.CelConformance;

/// <summary>Values and types as the case files write them.</summary>
internal static class CelCaseValues
{
    public static CelType Type(JsonElement type)
    {
        if (type.ValueKind == JsonValueKind.String)
        {
            return type.GetString() switch
            {
                "dyn" => CelType.Dyn,
                "null" => CelType.Null,
                "bool" => CelType.Bool,
                "int" => CelType.Int,
                "uint" => CelType.Uint,
                "double" => CelType.Double,
                "string" => CelType.String,
                "bytes" => CelType.Bytes,
                "timestamp" => CelType.Timestamp,
                "duration" => CelType.Duration,
                _ => throw new FormatException($"unknown type {type}"),
            };
        }
        var member = type.EnumerateObject().First();
        return member.Name switch
        {
            "list" => new CelType.List(Type(member.Value)),
            "map" => new CelType.Map(Type(member.Value[0]), Type(member.Value[1])),
            "type" => new CelType.Type(Type(member.Value)),
            "optional" => new CelType.Optional(Type(member.Value)),
            "param" => new CelType.Param(member.Value.GetString()!),
            "abstract" => Abstract(type),
            _ => throw new FormatException($"unknown type {type}"),
        };
    }

    private static CelType Abstract(JsonElement type)
    {
        var name = type.GetProperty("abstract").GetString()!;
        CelType[] parameters = type.TryGetProperty("params", out var given) ? [.. given.EnumerateArray().Select(Type)] : [];
        // The suite's types that the engine has itself.
        return (name, parameters) switch
        {
            ("optional_type", [var of]) => new CelType.Optional(of),
            ("net.IP", []) => CelType.Ip,
            ("net.CIDR", []) => CelType.Cidr,
            _ => new CelType.Abstract(name, [.. parameters]),
        };
    }

    public static CelValue Value(JsonElement value)
    {
        var member = value.EnumerateObject().First();
        var text = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : "";
        return member.Name switch
        {
            "int" => CelValue.Of(long.Parse(text, CultureInfo.InvariantCulture)),
            "uint" => CelValue.Of(ulong.Parse(text, CultureInfo.InvariantCulture)),
            "double" => CelValue.Of(double.Parse(text, CultureInfo.InvariantCulture)),
            "string" => CelValue.Of(text),
            "bytes" => CelValue.Of(Convert.FromBase64String(text)),
            "bool" => CelValue.Of(member.Value.GetBoolean()),
            "null" => CelValue.Null,
            "list" => CelValue.ListOf([.. member.Value.EnumerateArray().Select(Value)]),
            "map" => CelValue.MapOf(member.Value.EnumerateArray().Select(entry => (Value(entry[0]), Value(entry[1])))),
            "type" => CelValue.TypeNamed(text),
            "timestamp" => Timestamp(text),
            "duration" => CelValue.Duration((long)(decimal.Parse(text.AsSpan(0, text.Length - 1), NumberStyles.Float, CultureInfo.InvariantCulture) * 1_000_000_000m)),
            _ => throw new FormatException($"unknown value {value}"),
        };
    }

    private static CelValue Timestamp(string text)
    {
        // DateTimeOffset counts 100 ns: the fraction is read apart.
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var nanoseconds = 0;
        if (dot >= 0)
        {
            var end = dot + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
            nanoseconds = int.Parse(text[(dot + 1)..end].PadRight(9, '0'), CultureInfo.InvariantCulture);
            text = text[..dot] + text[end..];
        }
        return CelValue.Timestamp(DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUnixTimeSeconds(), nanoseconds);
    }

    /// <summary>Null when the value is the wanted one in value and type; this is stricter than the language's own equality.</summary>
    public static string? Difference(JsonElement wanted, CelValue got)
    {
        got = got.Plain();
        var want = Value(wanted);
        return Same(want, got) ? null : $"wanted {Cut(wanted.GetRawText())}, got {Show(got)}";
    }

    private static bool Same(CelValue want, CelValue got)
    {
        got = got.Plain();
        if (want.Kind != got.Kind) return false;
        switch (want.Kind)
        {
            case CelKind.Null: return true;
            case CelKind.Bool: return want.AsBool == got.AsBool;
            case CelKind.Int: return want.AsInt == got.AsInt;
            case CelKind.Uint: return want.AsUint == got.AsUint;
            case CelKind.Double: return (double.IsNaN(want.AsDouble) && double.IsNaN(got.AsDouble)) || BitConverter.DoubleToInt64Bits(want.AsDouble) == BitConverter.DoubleToInt64Bits(got.AsDouble);
            case CelKind.String: return string.Equals(want.AsString, got.AsString, StringComparison.Ordinal);
            case CelKind.Bytes: return want.AsBytes.AsSpan().SequenceEqual(got.AsBytes);
            case CelKind.Type: return want.AsTypeName == got.AsTypeName;
            case CelKind.Timestamp: return want.Seconds == got.Seconds && want.Nanoseconds == got.Nanoseconds;
            case CelKind.Duration: return want.DurationNanoseconds == got.DurationNanoseconds;
            case CelKind.List:
                return want.AsList.Count == got.AsList.Count && Enumerable.Range(0, want.AsList.Count).All(i => Same(want.AsList[i], got.AsList[i]));
            case CelKind.Map:
                // Keys are compared with their types: every wanted entry is found, and there are as many.
                return want.AsMap.Count == got.AsMap.Count && Enumerable.Range(0, want.AsMap.Count).All(i =>
                    Enumerable.Range(0, got.AsMap.Count).Any(j => Same(want.AsMap.KeyAt(i), got.AsMap.KeyAt(j)) && Same(want.AsMap.ValueAt(i), got.AsMap.ValueAt(j))));
            default: return false;
        }
    }

    /// <summary>A value for a report, with its type; what is shared many times over is shown until there is enough.</summary>
    public static string Show(CelValue value)
    {
        var text = new StringBuilder();
        Show(text, value, 0);
        return Cut(text.ToString());
    }

    private static void Show(StringBuilder text, CelValue value, int depth)
    {
        if (text.Length > 400 || depth > 20) return;
        value = value.Plain();
        switch (value.Kind)
        {
            case CelKind.List:
                text.Append('[');
                for (var i = 0; i < value.AsList.Count && text.Length <= 400; i++)
                {
                    Show(text.Append(i == 0 ? "" : ", "), value.AsList[i], depth + 1);
                }
                text.Append(']');
                break;
            case CelKind.Map:
                text.Append('{');
                for (var i = 0; i < value.AsMap.Count && text.Length <= 400; i++)
                {
                    Show(text.Append(i == 0 ? "" : ", "), value.AsMap.KeyAt(i), depth + 1);
                    Show(text.Append(": "), value.AsMap.ValueAt(i), depth + 1);
                }
                text.Append('}');
                break;
            case CelKind.Optional when value.HasValue:
                Show(text.Append("optional of "), value.Unwrapped, depth + 1);
                break;
            case CelKind.String:
                text.Append(JsonSerializer.Serialize(value.AsString.Length > 200 ? value.AsString[..200] : value.AsString));
                break;
            default:
                text.Append(value.Kind == CelKind.Error ? "error: " : value.TypeName + " ").Append(value);
                break;
        }
    }

    private static string Cut(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
