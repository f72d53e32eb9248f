using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace AgentMonitor.Core.Cel;

#pragma warning disable CA1720 // The names are the language's own.
/// <summary>What a <see cref="CelValue"/> is.</summary>
public enum CelKind : byte
{
    /// <summary>The evaluation failed; see <see cref="CelValue.AsError"/>. The default value of the struct.</summary>
    Error,
    /// <summary><c>null</c>.</summary>
    Null,
    /// <summary>A truth value.</summary>
    Bool,
    /// <summary>64-bit signed.</summary>
    Int,
    /// <summary>64-bit unsigned.</summary>
    Uint,
    /// <summary>IEEE 754 double.</summary>
    Double,
    /// <summary>Text.</summary>
    String,
    /// <summary>Bytes.</summary>
    Bytes,
    /// <summary>A <see cref="CelList"/>.</summary>
    List,
    /// <summary>A <see cref="CelMap"/>.</summary>
    Map,
    /// <summary>An instant: seconds since 1970 and nanoseconds.</summary>
    Timestamp,
    /// <summary>A span of time in nanoseconds.</summary>
    Duration,
    /// <summary>A type, by its name.</summary>
    Type,
    /// <summary>A value that may be absent.</summary>
    Optional,
    /// <summary>An IP address.</summary>
    Ip,
    /// <summary>An IP network.</summary>
    Cidr,
    /// <summary>An object of the host with named fields.</summary>
    Record,
    /// <summary>A JSON number, string, list or object that is read where it lies; <see cref="CelValue.Plain"/> makes another kind of it.</summary>
    Json,
}

#pragma warning restore CA1720

/// <summary>Why an evaluation failed.</summary>
/// <param name="message">What is wrong, in a short sentence.</param>
/// <param name="position">Where in the source, in UTF-16 units; -1 when it is not known yet.</param>
public sealed class CelError(string message, int position = -1)
{
    /// <summary>What is wrong, in a short sentence.</summary>
    public string Message { get; } = message;
    /// <summary>Where in the source, in UTF-16 units; -1 when it is not known.</summary>
    public int Position { get; internal set; } = position;
    /// <inheritdoc/>
    public override string ToString() => Position < 0 ? Message : $"{Message} (at {Position})";
}

/// <summary>
/// A value of the Common Expression Language while an expression runs. Errors are values too, so that <c>&amp;&amp;</c>, <c>||</c>, <c>?:</c> and the
/// macros can absorb them without exceptions.
/// <para>JSON is read in place: a number written without fraction and exponent that fits 64 bits is an int, any other number a double. In
/// arithmetic with a double or an unsigned operand a JSON number takes that operand's type, so that <c>args.amount * 1.2</c> works whichever
/// way the agent wrote the amount.</para>
/// </summary>
public readonly struct CelValue
{
    private readonly JsonElement _json;
    private readonly object? _ref;
    private readonly long _bits;
    private readonly int _nanos;

    private CelValue(CelKind kind, object? reference, long bits = 0, int nanos = 0)
    {
        Kind = kind;
        _ref = reference;
        _bits = bits;
        _nanos = nanos;
    }

    private CelValue(JsonElement json)
    {
        Kind = CelKind.Json;
        _json = json;
    }

    /// <summary>What it is.</summary>
    public CelKind Kind { get; }
    /// <summary>True for an error.</summary>
    public bool IsError => Kind == CelKind.Error;
    /// <summary>True for the truth value <c>true</c>.</summary>
    public bool IsTrue => Kind == CelKind.Bool && _bits != 0;
    /// <summary>True for the truth value <c>false</c>.</summary>
    public bool IsFalse => Kind == CelKind.Bool && _bits == 0;

    /// <summary><c>null</c>.</summary>
    public static CelValue Null => new(CelKind.Null, null);
    /// <summary><c>true</c>.</summary>
    public static CelValue True => new(CelKind.Bool, null, 1);
    /// <summary><c>false</c>.</summary>
    public static CelValue False => new(CelKind.Bool, null);
    /// <summary>The absent optional.</summary>
    public static CelValue None => new(CelKind.Optional, null);
    /// <summary>The list without elements.</summary>
    public static CelValue EmptyList => new(CelKind.List, CelArrayList.Empty);

    /// <summary>A truth value.</summary>
    public static CelValue Of(bool value) => new(CelKind.Bool, null, value ? 1 : 0);
    /// <summary>A signed integer.</summary>
    public static CelValue Of(long value) => new(CelKind.Int, null, value);
    /// <summary>An unsigned integer.</summary>
    public static CelValue Of(ulong value) => new(CelKind.Uint, null, unchecked((long)value));
    /// <summary>A double.</summary>
    public static CelValue Of(double value) => new(CelKind.Double, null, BitConverter.DoubleToInt64Bits(value));
    /// <summary>A text.</summary>
    public static CelValue Of(string value) => new(CelKind.String, value);
    /// <summary>Bytes; the array must not change afterwards.</summary>
    public static CelValue Of(byte[] value) => new(CelKind.Bytes, value);
    /// <summary>A list.</summary>
    public static CelValue Of(CelList value) => new(CelKind.List, value);
    /// <summary>A map.</summary>
    public static CelValue Of(CelMap value) => new(CelKind.Map, value);
    /// <summary>A list of these elements; the array must not change afterwards.</summary>
    public static CelValue ListOf(params CelValue[] elements) => new(CelKind.List, new CelArrayList(elements));
    /// <summary>A map of these entries; an error when a key is of another type than bool, int, uint and string, or occurs twice.</summary>
    public static CelValue MapOf(IEnumerable<(CelValue Key, CelValue Value)> entries)
    {
        var map = new CelHashMap(4);
        foreach (var (key, value) in entries)
            if (!CelHashMap.IsKey(key.Kind) || !map.Add(key, value)) return Fail($"unsupported or repeated key `{key}`");
        return Of(map);
    }
    /// <summary>A list of texts.</summary>
    public static CelValue Of(ImmutableArray<string> value) => new(CelKind.List, new CelStringList(value));
    /// <summary>An object of the host.</summary>
    public static CelValue Of(CelRecord value) => new(CelKind.Record, value);
    /// <summary>An IP address.</summary>
    public static CelValue Of(IpAddress value) => new(CelKind.Ip, value);
    /// <summary>An IP network.</summary>
    public static CelValue Of(IpNetwork value) => new(CelKind.Cidr, value);
    /// <summary>A type by its name in the language, without parameters.</summary>
    public static CelValue TypeNamed(string name) => new(CelKind.Type, name);
    /// <summary>A span of time in nanoseconds.</summary>
    public static CelValue Duration(long nanoseconds) => new(CelKind.Duration, null, nanoseconds);
    /// <summary>A span of time.</summary>
    public static CelValue Of(TimeSpan value) =>
        Math.Abs((decimal)value.Ticks) * 100 > long.MaxValue ? Fail("duration out of range") : Duration(value.Ticks * 100);
    /// <summary>An instant. An error when it is outside of the years 1 to 9999.</summary>
    /// <param name="seconds">Seconds since 1970-01-01T00:00:00Z.</param>
    /// <param name="nanoseconds">0 to 999,999,999, later.</param>
    public static CelValue Timestamp(long seconds, int nanoseconds) =>
        seconds is < CelTime.MinSeconds or > CelTime.MaxSeconds ? Fail("timestamp out of range") : new(CelKind.Timestamp, null, seconds, nanoseconds);
    /// <summary>An instant.</summary>
    public static CelValue Of(DateTimeOffset value)
    {
        var ticks = value.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
        if (rest < 0) { seconds--; rest += TimeSpan.TicksPerSecond; }
        return new(CelKind.Timestamp, null, seconds, (int)rest * 100);
    }
    /// <summary>A present optional.</summary>
    public static CelValue Some(in CelValue value) => new(CelKind.Optional, new Box(value));
    /// <summary>A JSON value, read in place. The document must live while the value is used. Undefined is null.</summary>
    public static CelValue Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => True,
        JsonValueKind.False => False,
        JsonValueKind.Null or JsonValueKind.Undefined => Null,
        _ => new(json),
    };
    /// <summary>An error.</summary>
    public static CelValue Fail(string message, int position = -1) => new(CelKind.Error, new CelError(message, position));
    internal static CelValue NoOverload(string function) => Fail($"no such overload: {function}");

    /// <summary>A value of the checked kinds that literals have: null, bool, long, ulong, double, string, byte[].</summary>
    internal static CelValue OfLiteral(object? value) => value switch
    {
        null => Null,
        bool b => Of(b),
        long l => Of(l),
        ulong u => Of(u),
        double d => Of(d),
        string s => Of(s),
        byte[] bytes => Of(bytes),
        _ => Fail($"a literal cannot be a {value.GetType().Name}"),
    };

    // Each of these is to be asked only when Kind is the right one.
#pragma warning disable CS1591
    public bool AsBool => _bits != 0;
    public long AsInt => _bits;
    public ulong AsUint => unchecked((ulong)_bits);
    public double AsDouble => BitConverter.Int64BitsToDouble(_bits);
    public string AsString => (string)_ref!;
    public byte[] AsBytes => (byte[])_ref!;
    public CelList AsList => (CelList)_ref!;
    public CelMap AsMap => (CelMap)_ref!;
    public string AsTypeName => (string)_ref!;
    public CelRecord AsRecord => (CelRecord)_ref!;
    public IpAddress AsIp => (IpAddress)_ref!;
    public IpNetwork AsCidr => (IpNetwork)_ref!;
    public JsonElement AsJson => _json;
    public CelError AsError => _ref as CelError ?? new CelError("no value");
#pragma warning restore CS1591
    /// <summary>For a timestamp: seconds since 1970.</summary>
    public long Seconds => _bits;
    /// <summary>For a timestamp: nanoseconds within the second.</summary>
    public int Nanoseconds => _nanos;
    /// <summary>For a duration: nanoseconds.</summary>
    public long DurationNanoseconds => _bits;
    /// <summary>For an optional: whether it is present.</summary>
    public bool HasValue => _ref is not null;
    /// <summary>For a present optional: its value.</summary>
    public CelValue Unwrapped => ((Box)_ref!).Value;

    /// <summary>True for a number of any kind.</summary>
    internal bool IsNumber => Kind is CelKind.Int or CelKind.Uint or CelKind.Double || Kind == CelKind.Json && _json.ValueKind == JsonValueKind.Number;

    /// <summary>
    /// The value without <see cref="CelKind.Json"/> at its top: a JSON string is copied, a list or object becomes a view. A JSON string that
    /// is not Unicode text is an error.
    /// </summary>
    public CelValue Plain() => Kind != CelKind.Json ? this : _json.ValueKind switch
    {
        JsonValueKind.Number => JsonText.Number(_json),
        JsonValueKind.String => JsonText.TryGetString(_json, out var text) ? Of(text) : Fail("a JSON string is not Unicode text"),
        JsonValueKind.Array => Of(new CelJsonList(_json)),
        _ => Of(new CelJsonMap(_json)),
    };

    /// <summary>The name of its type, without parameters.</summary>
    public string TypeName => Kind switch
    {
        CelKind.Null => "null_type",
        CelKind.Bool => "bool",
        CelKind.Int => "int",
        CelKind.Uint => "uint",
        CelKind.Double => "double",
        CelKind.String => "string",
        CelKind.Bytes => "bytes",
        CelKind.List => "list",
        CelKind.Map => "map",
        CelKind.Timestamp => "google.protobuf.Timestamp",
        CelKind.Duration => "google.protobuf.Duration",
        CelKind.Type => "type",
        CelKind.Optional => "optional_type",
        CelKind.Ip => "net.IP",
        CelKind.Cidr => "net.CIDR",
        CelKind.Record => AsRecord.TypeName,
        CelKind.Json => _json.ValueKind switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Array => "list",
            JsonValueKind.Number => JsonText.Number(_json).TypeName,
            _ => "map",
        },
        _ => "error",
    };

    /// <summary>For people who debug: not the language's own conversion.</summary>
    public override string ToString() => Kind switch
    {
        CelKind.Error => AsError.ToString(),
        CelKind.Null => "null",
        CelKind.Bool => AsBool ? "true" : "false",
        CelKind.Int => AsInt.ToString(CultureInfo.InvariantCulture),
        CelKind.Uint => AsUint.ToString(CultureInfo.InvariantCulture) + "u",
        CelKind.Double => CelNumbers.Text(AsDouble),
        CelKind.String => AsString,
        CelKind.Type => AsTypeName,
        CelKind.Timestamp => CelTime.Text(Seconds, Nanoseconds),
        CelKind.Duration => CelTime.DurationText(_bits),
        CelKind.Ip or CelKind.Cidr => _ref!.ToString()!,
        CelKind.Json => _json.GetRawText(),
        CelKind.Optional => HasValue ? $"optional.of({(Unwrapped.Kind == CelKind.Optional ? "..." : Unwrapped.ToString())})" : "optional.none()",
        CelKind.Bytes => $"b'{Convert.ToHexString(AsBytes)}'",
        CelKind.List => AsList.Count + " elements",
        CelKind.Map => AsMap.Count + " entries",
        _ => TypeName,
    };

    private sealed class Box(CelValue value)
    {
        public readonly CelValue Value = value;
    }
}
