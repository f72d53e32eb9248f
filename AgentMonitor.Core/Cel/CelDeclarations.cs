using System.Collections.Immutable;

namespace AgentMonitor.Core.Cel;

/// <summary>What the language and its extensions declare: operators, functions and names of types.</summary>
public static class CelDeclarations
{
    private const CelExtensions Std = CelExtensions.None;
    private const CelExtensions Opt = CelExtensions.Optionals;
    private const CelExtensions Str = CelExtensions.Strings;
    private const CelExtensions Mth = CelExtensions.Math;
    private const CelExtensions Net = CelExtensions.Network;

    private static readonly string[] Numbers = ["int", "uint", "double"];
    private static readonly string[] Ordered =
    [
        .. new[] { "bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration" }.Select(type => $"({type}, {type}) bool"),
        .. from left in Numbers from right in Numbers where left != right select $"({left}, {right}) bool",
    ];

    private static CelFunction Getter(string name, string summary, bool ofDurations) => CelFunction.Of(name, summary, Std,
        ofDurations ? ["timestamp.() int", "timestamp.(string) int", "duration.() int"] : ["timestamp.() int", "timestamp.(string) int"]);

    private static CelFunction Extreme(string name) => CelFunction.Of(name, "", Mth,
    [
        .. Numbers.Select(type => $"({type}) {type}"),
        .. from left in Numbers from right in Numbers select $"({left}, {right}) {(left == right ? left : "dyn")}",
        .. Numbers.Select(type => $"(list({type})) {type}"),
    ]);

    /// <summary>All functions. Operators have the names of <see cref="CelOperators"/>.</summary>
    public static readonly ImmutableArray<CelFunction> Functions =
    [
        // Operators.
        CelFunction.Of(CelOperators.Conditional, "", Std, "(bool, A, A) A"),
        CelFunction.Of(CelOperators.And, "", Std, "(bool, bool) bool"),
        CelFunction.Of(CelOperators.Or, "", Std, "(bool, bool) bool"),
        CelFunction.Of(CelOperators.Not, "", Std, "(bool) bool"),
        CelFunction.Of(CelOperators.NotStrictlyFalse, "", Std, "(bool) bool"),
        CelFunction.Of(CelOperators.Equal, "", Std, "(A, A) bool"),
        CelFunction.Of(CelOperators.NotEqual, "", Std, "(A, A) bool"),
        CelFunction.Of(CelOperators.Less, "", Std, Ordered),
        CelFunction.Of(CelOperators.LessOrEqual, "", Std, Ordered),
        CelFunction.Of(CelOperators.Greater, "", Std, Ordered),
        CelFunction.Of(CelOperators.GreaterOrEqual, "", Std, Ordered),
        CelFunction.Of(CelOperators.Add, "", Std, "(bytes, bytes) bytes", "(double, double) double", "(duration, duration) duration", "(duration, timestamp) timestamp", "(timestamp, duration) timestamp",
            "(int, int) int", "(list(A), list(A)) list(A)", "(string, string) string", "(uint, uint) uint"),
        CelFunction.Of(CelOperators.Subtract, "", Std, "(double, double) double", "(duration, duration) duration", "(int, int) int", "(timestamp, duration) timestamp", "(timestamp, timestamp) duration", "(uint, uint) uint"),
        CelFunction.Of(CelOperators.Multiply, "", Std, "(double, double) double", "(int, int) int", "(uint, uint) uint"),
        CelFunction.Of(CelOperators.Divide, "", Std, "(double, double) double", "(int, int) int", "(uint, uint) uint"),
        CelFunction.Of(CelOperators.Modulo, "", Std, "(int, int) int", "(uint, uint) uint"),
        CelFunction.Of(CelOperators.Negate, "", Std, "(int) int", "(double) double"),
        CelFunction.Of(CelOperators.In, "", Std, "(A, list(A)) bool", "(A, map(A, B)) bool"),
        CelFunction.Of(CelOperators.Index, "", Std, "(list(A), int) A", "(map(A, B), A) B", "(optional(list(A)), int) optional(A)", "(optional(map(A, B)), A) optional(B)"),
        CelFunction.Of(CelOperators.OptionalIndex, "", Opt, "(list(A), int) optional(A)", "(map(A, B), A) optional(B)", "(optional(list(A)), int) optional(A)", "(optional(map(A, B)), A) optional(B)"),
        CelFunction.Of(CelOperators.MapInsert, "", CelExtensions.Comprehensions, "(map(A, B), A, B) map(A, B)", "(map(A, B), map(A, B)) map(A, B)"),

        // Conversions.
        CelFunction.Of("bool", "Turns 'true', 't' or '1' (and their opposites) into a bool.", Std, "(bool) bool", "(string) bool"),
        CelFunction.Of("bytes", "The UTF-8 of a string.", Std, "(bytes) bytes", "(string) bytes"),
        CelFunction.Of("double", "Turns a number or its text into a double.", Std, "(double) double", "(int) double", "(uint) double", "(string) double"),
        CelFunction.Of("int", "Turns a number or its text into an int, and an instant into seconds since 1970.", Std, "(int) int", "(uint) int", "(double) int", "(string) int", "(timestamp) int"),
        CelFunction.Of("uint", "Turns a number or its text into a uint.", Std, "(uint) uint", "(int) uint", "(double) uint", "(string) uint"),
        CelFunction.Of("string", "The text of a value.", Std, "(string) string", "(bool) string", "(int) string", "(uint) string", "(double) string", "(bytes) string", "(timestamp) string", "(duration) string"),
        CelFunction.Of("timestamp", "Reads an instant such as '2026-01-31T12:00:00Z', or seconds since 1970.", Std, "(timestamp) timestamp", "(string) timestamp", "(int) timestamp"),
        CelFunction.Of("duration", "Reads a span of time such as '1h30m', '10s' or '250ms'.", Std, "(duration) duration", "(string) duration"),
        CelFunction.Of("dyn", "The value, its type left open until the expression runs.", Std, "(A) dyn"),
        CelFunction.Of("type", "The type of a value.", Std, "(A) type(A)"),

        // Values.
        CelFunction.Of("size", "The number of characters, bytes, elements or entries.", Std, "(string) int", "(bytes) int", "(list(A)) int", "(map(A, B)) int",
            "string.() int", "bytes.() int", "list(A).() int", "map(A, B).() int"),
        CelFunction.Of("contains", "Whether the other text occurs in it.", Std, "string.(string) bool"),
        CelFunction.Of("startsWith", "Whether it begins with the other text.", Std, "string.(string) bool"),
        CelFunction.Of("endsWith", "Whether it ends with the other text.", Std, "string.(string) bool"),
        CelFunction.Of("matches", "Whether the regular expression (RE2) matches any part of it.", Std, "string.(string) bool", "(string, string) bool"),
        Getter("getFullYear", "The year; in UTC, or in the time zone given.", false),
        Getter("getMonth", "The month, from 0.", false),
        Getter("getDate", "The day of the month, from 1.", false),
        Getter("getDayOfMonth", "The day of the month, from 0.", false),
        Getter("getDayOfWeek", "The day of the week, 0 is Sunday.", false),
        Getter("getDayOfYear", "The day of the year, from 0.", false),
        Getter("getHours", "The hour; of a span of time, all of its hours.", true),
        Getter("getMinutes", "The minute; of a span of time, all of its minutes.", true),
        Getter("getSeconds", "The second; of a span of time, all of its seconds.", true),
        Getter("getMilliseconds", "The milliseconds within the second.", true),

        // Optionals.
        CelFunction.Of("optional.of", "An optional that holds the value.", Opt, "(A) optional(A)"),
        CelFunction.Of("optional.ofNonZeroValue", "An optional that holds the value unless it is empty, zero, false or null.", Opt, "(A) optional(A)"),
        CelFunction.Of("optional.none", "The optional that holds nothing.", Opt, "() optional(A)"),
        CelFunction.Of("optional.unwrap", "The values of the optionals that hold one.", Opt, "(list(optional(A))) list(A)"),
        CelFunction.Of("unwrapOpt", "The values of the optionals that hold one.", Opt, "list(optional(A)).() list(A)"),
        CelFunction.Of("hasValue", "Whether the optional holds a value.", Opt, "optional(A).() bool"),
        CelFunction.Of("value", "The value; an error if there is none.", Opt, "optional(A).() A"),
        CelFunction.Of("or", "The first of two optionals that holds a value.", Opt, "optional(A).(optional(A)) optional(A)"),
        CelFunction.Of("orValue", "The value, or the other one if there is none.", Opt, "optional(A).(A) A"),
        CelFunction.Of("first", "The first element, if there is one.", Opt, "list(A).() optional(A)"),
        CelFunction.Of("last", "The last element, if there is one.", Opt, "list(A).() optional(A)"),

        // Strings.
        CelFunction.Of("charAt", "The character at an index.", Str, "string.(int) string"),
        CelFunction.Of("indexOf", "Where the other text first occurs, or -1.", Str, "string.(string) int", "string.(string, int) int"),
        CelFunction.Of("lastIndexOf", "Where the other text last occurs, or -1.", Str, "string.(string) int", "string.(string, int) int"),
        CelFunction.Of("substring", "The part from one index to before another.", Str, "string.(int) string", "string.(int, int) string"),
        CelFunction.Of("lowerAscii", "With ASCII letters in lower case.", Str, "string.() string"),
        CelFunction.Of("upperAscii", "With ASCII letters in upper case.", Str, "string.() string"),
        CelFunction.Of("trim", "Without white space at both ends.", Str, "string.() string"),
        CelFunction.Of("replace", "With one text replaced by another, everywhere or at most n times.", Str, "string.(string, string) string", "string.(string, string, int) string"),
        CelFunction.Of("split", "The parts between a separator, at most n.", Str, "string.(string) list(string)", "string.(string, int) list(string)"),
        CelFunction.Of("join", "The texts in one, with a separator between them.", Str, "list(string).() string", "list(string).(string) string"),
        CelFunction.Of("reverse", "The characters in reverse order.", Str, "string.() string"),
        CelFunction.Of("format", "The text with %s, %d, %f, %e, %x, %X, %o and %b replaced by the values of the list.", Str, "string.(list(dyn)) string"),
        CelFunction.Of("strings.quote", "The text in double quotes, special characters escaped.", Str, "(string) string"),

        // Numbers.
        Extreme(CelOperators.MathGreatest),
        Extreme(CelOperators.MathLeast),
        CelFunction.Of("math.ceil", "The next whole number above.", Mth, "(double) double"),
        CelFunction.Of("math.floor", "The next whole number below.", Mth, "(double) double"),
        CelFunction.Of("math.round", "The nearest whole number, a half away from zero.", Mth, "(double) double"),
        CelFunction.Of("math.trunc", "Without its fraction.", Mth, "(double) double"),
        CelFunction.Of("math.sqrt", "The square root.", Mth, "(double) double", "(int) double", "(uint) double"),
        CelFunction.Of("math.abs", "Without its sign.", Mth, "(int) int", "(uint) uint", "(double) double"),
        CelFunction.Of("math.sign", "-1, 0 or 1.", Mth, "(int) int", "(uint) uint", "(double) double"),
        CelFunction.Of("math.isNaN", "Whether it is not a number.", Mth, "(double) bool"),
        CelFunction.Of("math.isInf", "Whether it is infinite.", Mth, "(double) bool"),
        CelFunction.Of("math.isFinite", "Whether it is a number and not infinite.", Mth, "(double) bool"),
        CelFunction.Of("math.bitAnd", "Bitwise and.", Mth, "(int, int) int", "(uint, uint) uint"),
        CelFunction.Of("math.bitOr", "Bitwise or.", Mth, "(int, int) int", "(uint, uint) uint"),
        CelFunction.Of("math.bitXor", "Bitwise exclusive or.", Mth, "(int, int) int", "(uint, uint) uint"),
        CelFunction.Of("math.bitNot", "Bitwise not.", Mth, "(int) int", "(uint) uint"),
        CelFunction.Of("math.bitShiftLeft", "The bits moved to the left.", Mth, "(int, int) int", "(uint, int) uint"),
        CelFunction.Of("math.bitShiftRight", "The bits moved to the right, zeros from the left.", Mth, "(int, int) int", "(uint, int) uint"),

        // Encoders and sets.
        CelFunction.Of("base64.encode", "The Base64 of bytes.", CelExtensions.Encoders, "(bytes) string"),
        CelFunction.Of("base64.decode", "The bytes of a Base64 text.", CelExtensions.Encoders, "(string) bytes"),
        CelFunction.Of("sets.contains", "Whether the first list has every element of the second.", CelExtensions.Sets, "(list(A), list(A)) bool"),
        CelFunction.Of("sets.equivalent", "Whether two lists have the same elements, in any order.", CelExtensions.Sets, "(list(A), list(A)) bool"),
        CelFunction.Of("sets.intersects", "Whether two lists have an element in common.", CelExtensions.Sets, "(list(A), list(A)) bool"),

        // Networks.
        CelFunction.Of("ip", "Reads an IP address; of a network, its address.", Net, "(string) ip", "(ip) ip", "cidr.() ip"),
        CelFunction.Of("cidr", "Reads a network such as '10.0.0.0/8'.", Net, "(string) cidr", "(cidr) cidr"),
        CelFunction.Of("isIP", "Whether the text is an IP address.", Net, "(string) bool"),
        CelFunction.Of("isCIDR", "Whether the text is a network.", Net, "(string) bool"),
        CelFunction.Of("ip.isCanonical", "Whether the address is written in its shortest form.", Net, "(string) bool"),
        CelFunction.Of("family", "4 or 6.", Net, "ip.() int"),
        CelFunction.Of("isUnspecified", "Whether it is 0.0.0.0 or ::.", Net, "ip.() bool"),
        CelFunction.Of("isLoopback", "Whether it is an address of the machine itself.", Net, "ip.() bool"),
        CelFunction.Of("isGlobalUnicast", "Whether it is a global unicast address.", Net, "ip.() bool"),
        CelFunction.Of("isLinkLocalUnicast", "Whether it is a unicast address of the local link.", Net, "ip.() bool"),
        CelFunction.Of("isLinkLocalMulticast", "Whether it is a multicast address of the local link.", Net, "ip.() bool"),
        CelFunction.Of("containsIP", "Whether the address is in the network.", Net, "cidr.(ip) bool", "cidr.(string) bool"),
        CelFunction.Of("containsCIDR", "Whether the other network is inside.", Net, "cidr.(cidr) bool", "cidr.(string) bool"),
        CelFunction.Of("masked", "The network with the bits of the host set to zero.", Net, "cidr.() cidr"),
        CelFunction.Of("prefixLength", "The number of bits of the prefix.", Net, "cidr.() int"),
        CelFunction.Of("string", "", Net, "(ip) string", "(cidr) string"),
    ];

    /// <summary>The names of types that are values themselves, with the extension they belong to.</summary>
    public static readonly ImmutableArray<(string Name, CelType Type, CelExtensions Extension)> TypeNames =
    [
        ("bool", CelType.Bool, Std), ("int", CelType.Int, Std), ("uint", CelType.Uint, Std), ("double", CelType.Double, Std), ("string", CelType.String, Std), ("bytes", CelType.Bytes, Std),
        ("list", new CelType.List(CelType.Dyn), Std), ("map", new CelType.Map(CelType.Dyn, CelType.Dyn), Std), ("null_type", CelType.Null, Std), ("type", new CelType.Type(CelType.Dyn), Std),
        ("google.protobuf.Timestamp", CelType.Timestamp, Std), ("google.protobuf.Duration", CelType.Duration, Std), ("optional_type", new CelType.Optional(CelType.Dyn), Opt),
        ("net.IP", CelType.Ip, Net), ("net.CIDR", CelType.Cidr, Net),
    ];
}
