using System.Text.Json;

namespace AgentMonitor.Core.Cel;

/// <summary>
/// Equality and order. Numbers compare by value whatever their types; values of different types are not equal; NaN equals nothing.
/// </summary>
internal static class CelEquality
{
    public static readonly IEqualityComparer<CelValue> KeyComparer = new Keys();

    /// <summary>Whether two values are equal. Charges the budget for every element, since shared lists make trees that are exponentially large.</summary>
    public static bool Equal(ref CelFrame frame, in CelValue a, in CelValue b)
    {
        if (a.Kind == b.Kind)
        {
            switch (a.Kind)
            {
                case CelKind.Null: return true;
                case CelKind.Bool or CelKind.Int or CelKind.Uint or CelKind.Duration: return a.AsInt == b.AsInt;
                case CelKind.Double: return a.AsDouble == b.AsDouble;
                case CelKind.String: return a.AsString == b.AsString;
                case CelKind.Bytes: return a.AsBytes.AsSpan().SequenceEqual(b.AsBytes);
                case CelKind.Timestamp: return a.Seconds == b.Seconds && a.Nanoseconds == b.Nanoseconds;
                case CelKind.Type: return a.AsTypeName == b.AsTypeName;
                case CelKind.Ip: return a.AsIp.Equals(b.AsIp);
                case CelKind.Cidr: return a.AsCidr.Equals(b.AsCidr);
                case CelKind.Record: return a.AsRecord.SameAs(b.AsRecord);
                case CelKind.Optional: return a.HasValue == b.HasValue && (!a.HasValue || frame.Descend() && Equal(ref frame, a.Unwrapped, b.Unwrapped));
                case CelKind.List: return ListsEqual(ref frame, a.AsList, b.AsList);
                case CelKind.Map: return MapsEqual(ref frame, a.AsMap, b.AsMap);
            }
        }
        if (a.Kind == CelKind.Json) return JsonEquals(ref frame, a.AsJson, b);
        if (b.Kind == CelKind.Json) return JsonEquals(ref frame, b.AsJson, a);
        return a.IsNumber && b.IsNumber && CompareNumbers(a, b) == 0;
    }

    private static bool JsonEquals(ref CelFrame frame, JsonElement a, in CelValue b)
    {
        switch (a.ValueKind)
        {
            case JsonValueKind.Number: return b.IsNumber && CompareNumbers(CelValue.Of(a), b) == 0;
            case JsonValueKind.String:
                if (b.Kind == CelKind.String) return JsonText.Equals(a, b.AsString);
                if (b.Kind != CelKind.Json || b.AsJson.ValueKind != JsonValueKind.String) return false;
                if (JsonText.TryGetRaw(a, out var raw)) return JsonText.Equals(b.AsJson, raw);
                return JsonText.TryGetString(a, out var text) && JsonText.Equals(b.AsJson, text);
            case JsonValueKind.Array:
                return b.Kind == CelKind.List || b.Kind == CelKind.Json && b.AsJson.ValueKind == JsonValueKind.Array
                    ? ListsEqual(ref frame, CelValue.Of(a).Plain().AsList, b.Plain().AsList) : false;
            default:
                return b.Kind == CelKind.Map || b.Kind == CelKind.Json && b.AsJson.ValueKind == JsonValueKind.Object
                    ? MapsEqual(ref frame, CelValue.Of(a).Plain().AsMap, b.Plain().AsMap) : false;
        }
    }

    private static bool ListsEqual(ref CelFrame frame, CelList a, CelList b)
    {
        if (a.Count != b.Count) return false;
        for (var i = 0; i < a.Count; i++)
            if (!frame.Descend() || !Equal(ref frame, a[i], b[i])) return false;
        return true;
    }

    private static bool MapsEqual(ref CelFrame frame, CelMap a, CelMap b)
    {
        if (a.Count != b.Count) return false;
        for (var i = 0; i < a.Count; i++)
            if (!frame.Descend() || !b.TryGet(a.KeyAt(i), out var other) || !Equal(ref frame, a.ValueAt(i), other)) return false;
        return true;
    }

    /// <summary>Order of two values; null when they have none (types without order, different types, NaN).</summary>
    public static int? Compare(in CelValue left, in CelValue right)
    {
        var a = left.Plain();
        var b = right.Plain();
        if (a.Kind != b.Kind) return a.IsNumber && b.IsNumber ? CompareNumbers(a, b) ?? Unordered : null;
        return a.Kind switch
        {
            CelKind.Bool or CelKind.Int or CelKind.Duration => a.AsInt.CompareTo(b.AsInt),
            CelKind.Uint => a.AsUint.CompareTo(b.AsUint),
            CelKind.Double => CompareNumbers(a, b) ?? Unordered,
            CelKind.String => CodePoints.Compare(a.AsString, b.AsString),
            CelKind.Bytes => a.AsBytes.AsSpan().SequenceCompareTo(b.AsBytes),
            CelKind.Timestamp => a.Seconds != b.Seconds ? a.Seconds.CompareTo(b.Seconds) : a.Nanoseconds.CompareTo(b.Nanoseconds),
            _ => null,
        };
    }

    /// <summary>What <see cref="Compare"/> says of NaN: every comparison with it is false.</summary>
    public const int Unordered = int.MinValue;

    /// <summary>Order of two numbers by value over all kinds; null for NaN.</summary>
    public static int? CompareNumbers(in CelValue left, in CelValue right)
    {
        var a = left.Kind == CelKind.Json ? JsonText.Number(left.AsJson) : left;
        var b = right.Kind == CelKind.Json ? JsonText.Number(right.AsJson) : right;
        return (a.Kind, b.Kind) switch
        {
            (CelKind.Int, CelKind.Int) => a.AsInt.CompareTo(b.AsInt),
            (CelKind.Uint, CelKind.Uint) => a.AsUint.CompareTo(b.AsUint),
            (CelKind.Int, CelKind.Uint) => a.AsInt < 0 ? -1 : a.AsUint.CompareTo(b.AsUint),
            (CelKind.Uint, CelKind.Int) => b.AsInt < 0 ? 1 : a.AsUint.CompareTo(b.AsUint),
            (CelKind.Double, CelKind.Double) => double.IsNaN(a.AsDouble) || double.IsNaN(b.AsDouble) ? null : a.AsDouble.CompareTo(b.AsDouble),
            (CelKind.Int, CelKind.Double) => CompareInt(a.AsInt, b.AsDouble),
            (CelKind.Double, CelKind.Int) => -CompareInt(b.AsInt, a.AsDouble),
            (CelKind.Uint, CelKind.Double) => CompareUint(a.AsUint, b.AsDouble),
            _ => -CompareUint(b.AsUint, a.AsDouble),
        };
    }

    /// <summary>An integer is rounded to a double for this, as in the reference implementation: near the ends of its range neighbours are equal.</summary>
    public static int? CompareInt(long a, double b) =>
        double.IsNaN(b) ? null : b > 9223372036854775808.0 ? -1 : b < -9223372036854775808.0 ? 1 : ((double)a).CompareTo(b);

    private static int? CompareUint(ulong a, double b) =>
        double.IsNaN(b) ? null : b > 18446744073709551616.0 ? -1 : b < 0 ? 1 : ((double)a).CompareTo(b);

    public static bool KeyEquals(in CelValue a, in CelValue b)
    {
        if (a.Kind == b.Kind) return a.Kind switch
        {
            CelKind.String => a.AsString == b.AsString,
            CelKind.Bool or CelKind.Int or CelKind.Uint => a.AsInt == b.AsInt,
            _ => false,
        };
        return a.IsNumber && b.IsNumber && CompareNumbers(a, b) == 0;
    }

    private sealed class Keys : IEqualityComparer<CelValue>
    {
        public bool Equals(CelValue x, CelValue y) => KeyEquals(x, y);

        // Numbers that are equal have the same low bits as integers.
        public int GetHashCode(CelValue obj) => obj.Kind switch
        {
            CelKind.String => obj.AsString.GetHashCode(StringComparison.Ordinal),
            CelKind.Bool or CelKind.Int or CelKind.Uint => obj.AsInt.GetHashCode(),
            CelKind.Double => obj.AsDouble is >= -9223372036854775808.0 and < 9223372036854775808.0 ? ((long)obj.AsDouble).GetHashCode()
                : obj.AsDouble is >= 0 and < 18446744073709551616.0 ? unchecked((long)(ulong)obj.AsDouble).GetHashCode() : 0,
            _ => 0,
        };
    }
}
