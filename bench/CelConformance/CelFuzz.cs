using System.Globalization;
using System.Text;
using AgentMonitor.Core.Cel;

namespace AgentMonitor.Bench.CelConformance;

/// <summary>
/// Makes expressions to break the language with: noise, soups of tokens, expressions that are made to be well typed from the declarations
/// themselves, and mutations of known ones. The same seed makes the same expressions.
/// </summary>
internal sealed class CelFuzz(int seed, IReadOnlyList<string> corpus)
{
    // Not for secrets: the point is that it can be repeated.
    private readonly Random _random = new(seed);
    private int _names;

    private static readonly string[] Tokens =
    [
        "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "+", "-", "*", "/", "%", "!", "==", "!=", "<", "<=", ">", ">=", "&&", "||", " in ", "=", "&", "|", ".?", "[?", "{?", "`", "'", "\"", "\"\"\"", "'''", "\\", "//", "\n", " ",
        "true", "false", "null", "0", "1", "2", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615u", "0x", "0xff", "0xFFu", "1.5", ".5", "1e308", "1e-400", "1e", "1e999", "0.0", "'a'", "\"\\u00e9\"", "b'\\xff'", "r'\\'", "br'x'", "'\\U0001F431'", "''", "'😀'", "[]", "{}",
        "i", "u", "d", "s", "b", "y", "l", "ls", "m", "x", "t", "r", "o", "rec", "rec.name", "rec.tags", "a.b.c", "nothing", "x.y.z", "if", "in", "as", "has(", "has(m.a)", ".all(e, ", ".exists(e, ", ".exists_one(e, ", ".map(e, ", ".filter(e, ", ".all(k, v, ", ".transformList(k, v, ", ".transformMap(k, v, ", ".transformMapEntry(k, v, ",
        "cel.bind(n, ", ".optMap(e, ", ".optFlatMap(e, ", "math.greatest(", "math.least(", "optional.of(", "optional.none()", "optional.ofNonZeroValue(", ".orValue(", ".or(", ".value()", ".hasValue()", "size(", ".size()", "type(", "dyn(", "int(", "string(", "timestamp(", "duration(", "ip(", "cidr(", ".matches(", ".format(", ".split(", ".replace(", ".join(", "e", "k", "v", "n",
    ];

    private static readonly string[] Strings =
    [
        "", "a", "abc", "héllo", "😀x", "1", "-7", "1.5", "true", "2024-02-29T23:59:59.999999999Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1h30m", "-1.5s", "100000000000000h", "1ns", "10.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/32", "fe80::1%eth0",
        "(a+)+$", "[", "\\\\p{Greek}", "x{1000}", "(?i)A", "%s %d %f %e %x %o %b", "%.100000f", "%", "US/Central", "+11:00", "-25:99", "Europe/Berlin", "aGVsbG8", "=", " ", "\\n\\t\\0", "\\u0000",
    ];

    private static readonly CelFunction[] Callable = [.. CelDeclarations.Functions.Where(function => function.Name is not (CelOperators.NotStrictlyFalse or CelOperators.MapInsert))];

    /// <summary>The next expression.</summary>
    public string Next() => _random.Next(12) switch
    {
        0 => Noise(),
        1 => Soup(),
        2 => Nested(),
        <= 7 => Expression(Pick(Roots), _random.Next(1, 6)),
        <= 10 when corpus.Count > 0 => Mutated(Pick(corpus)),
        _ => Mutated(Expression(Pick(Roots), _random.Next(1, 5))),
    };

    private static readonly CelType[] Roots =
    [
        CelType.Bool, CelType.Bool, CelType.Bool, CelType.Int, CelType.Uint, CelType.Double, CelType.String, CelType.Bytes, CelType.Timestamp, CelType.Duration, CelType.Ip, CelType.Cidr, CelType.Dyn,
        new CelType.List(CelType.Int), new CelType.List(CelType.String), new CelType.Map(CelType.String, CelType.Int), new CelType.Optional(CelType.Int), new CelType.List(CelType.Dyn), new CelType.List(new CelType.List(CelType.Int)),
        new CelType.Optional(new CelType.List(CelType.Int)), new CelType.Optional(new CelType.Map(CelType.String, CelType.Dyn)), new CelType.Type(CelType.Dyn),
    ];

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    private string Noise()
    {
        var text = new StringBuilder();
        for (var length = _random.Next(80); length > 0; length--)
        {
            text.Append(_random.Next(6) switch
            {
                0 => (char)_random.Next(0x20),
                1 => (char)_random.Next(0x10000),
                2 => (char)_random.Next(0xD800, 0xE000),
                _ => (char)_random.Next(0x20, 0x7F),
            });
        }
        return text.ToString();
    }

    private string Soup()
    {
        var text = new StringBuilder();
        for (var length = _random.Next(1, 60); length > 0; length--) text.Append(Pick(Tokens));
        return text.ToString();
    }

    /// <summary>Deep, long or wide beyond the limits, in one of many ways.</summary>
    private string Nested()
    {
        var count = Pick((int[])[5, 30, 100, 240, 249, 250, 251, 300, 1_000, 4_000]);
        var (open, middle, close) = Pick(((string, string, string)[])
        [
            ("(", "1", ")"), ("[", "", "]"), ("{0: ", "1", "}"), ("{'a': ", "1", "}"), ("!", "b", ""), ("-", "i", ""), ("1 + (", "1", ")"), ("", "i", " + i"), ("", "b", " && b"), ("", "b", " || x"), ("", "x", ".a"), ("", "x", "[0]"), ("", "x", ".?a"), ("", "x", "[?0]"), ("", "s", ".trim()"),
            ("b ? i : ", "i", ""), ("b ? (", "i", ") : i"), ("[1].all(e, ", "b", ")"), ("[1].map(e, ", "e", ")"), ("", "[1, 2]", ".map(e, e)"), ("", "o", ".optMap(e, e)"), ("o.optMap(e, ", "e", ")"), ("", "o", ".optFlatMap(e, optional.of(e))"), ("optional.of(", "1", ")"), ("type(", "x", ")"), ("dyn(", "x", ")"), ("[?", "o", "]"),
            ("cel.bind(n, ", "1", ", n)"), ("cel.bind(n, [n], ", "n", ")"), ("cel.bind(n, [[[[[[[[x]]]]]]]], ", "x", ")"), ("size([", "", "])"), ("math.greatest(", "1", ")"), ("i in [", "i", "]"), ("[1, 2, 3].map(e, ", "[1, 2, 3]", ")"), ("x.exists(e, e == ", "x", ")"), ("[", "x", ", x]"), ("'", "a", ""), ("// ", "x", ""), ("i == ", "i", ""), ("{x: ", "{}", ", i: i}"),
        ]);
        var text = new StringBuilder();
        for (var i = 0; i < count; i++) text.Append(open);
        text.Append(middle);
        for (var i = 0; i < count; i++) text.Append(close);
        if (_random.Next(3) == 0)
        {
            // The same name bound over and over to something made of itself: values and types grow with every step.
            text.Clear();
            var growth = Pick((string[])["[n0, n0]", "n0 + n0", "{'a': n0, 'b': n0}", "[[[[[[[[n0]]]]]]]]", "{n0: n0}", "optional.of(n0)", "n0.map(e, n0)", "[n0].map(e, [e, n0])", "dyn([n0])", "type(n0)", "[n0 == n0, n0]", "'%s'.format([n0, n0])", "n0.replace('', n0)", "n0.split('')"]);
            var start = Pick((string[])["1", "'a'", "[1]", "[]", "{}", "'abcdefghij'", "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", "x", "b'ab'"]);
            var steps = Math.Min(count, 200);
            text.Append(CultureInfo.InvariantCulture, $"cel.bind(n0, {start}, ");
            for (var i = 1; i < steps; i++) text.Append(CultureInfo.InvariantCulture, $"cel.bind(n0, {growth}, ");
            text.Append(Pick((string[])["n0", "n0 == n0", "size(n0)", "string(n0)", "[n0] == [n0]", "n0 in [n0]", "type(n0)", "n0 != [1]", "{'a': n0} == {'a': n0}", "'%s'.format([n0])", "optional.ofNonZeroValue(n0)"])).Append(')', steps);
        }
        return text.ToString();
    }

    // ---- well typed ----

    private string Expression(CelType type, int depth)
    {
        if (depth <= 0) return Leaf(type);
        if (_random.Next(4) == 0) return Macro(type, depth);
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var function = Pick(Callable);
            var overload = Pick(function.Overloads);
            var bound = new Dictionary<string, CelType>(StringComparer.Ordinal);
            if (!Fits(overload.Result, type, bound)) continue;
            var arguments = overload.Parameters.Select(parameter => Expression(Filled(parameter, bound), depth - 1 - _random.Next(2))).ToArray();
            return Call(function.Name, overload.IsInstance, arguments);
        }
        return Leaf(type);
    }

    private static bool Fits(CelType declared, CelType wanted, Dictionary<string, CelType> bound) => (declared, wanted) switch
    {
        (CelType.Param param, _) => bound.TryGetValue(param.Name, out var known) ? known == wanted : bound.TryAdd(param.Name, wanted),
        (_, CelType.Simple { Name: "dyn" }) => true,
        (CelType.List l, CelType.List r) => Fits(l.Element, r.Element, bound),
        (CelType.Map l, CelType.Map r) => Fits(l.Key, r.Key, bound) && Fits(l.Value, r.Value, bound),
        (CelType.Optional l, CelType.Optional r) => Fits(l.Of, r.Of, bound),
        (CelType.Type, CelType.Type) => true,
        _ => declared == wanted,
    };

    private CelType Filled(CelType declared, Dictionary<string, CelType> bound) => declared switch
    {
        CelType.Param param => bound.TryGetValue(param.Name, out var known) ? known : bound[param.Name] = Pick(Roots),
        CelType.List list => new CelType.List(Filled(list.Element, bound)),
        CelType.Map map => new CelType.Map(Filled(map.Key, bound), Filled(map.Value, bound)),
        CelType.Optional optional => new CelType.Optional(Filled(optional.Of, bound)),
        _ => declared,
    };

    private static string Call(string name, bool isInstance, string[] arguments) => name switch
    {
        CelOperators.Conditional => $"({arguments[0]} ? {arguments[1]} : {arguments[2]})",
        CelOperators.Not => $"!({arguments[0]})",
        CelOperators.Negate => $"-({arguments[0]})",
        CelOperators.In => $"({arguments[0]} in {arguments[1]})",
        CelOperators.Index => $"{arguments[0]}[{arguments[1]}]",
        CelOperators.OptionalIndex => $"{arguments[0]}[?{arguments[1]}]",
        CelOperators.MathGreatest => $"math.greatest({string.Join(", ", arguments)})",
        CelOperators.MathLeast => $"math.least({string.Join(", ", arguments)})",
        ['_', ..] => $"({arguments[0]} {name.Trim('_')} {arguments[1]})",
        _ => isInstance ? $"{arguments[0]}.{name}({string.Join(", ", arguments.Skip(1))})" : $"{name}({string.Join(", ", arguments)})",
    };

    private string Macro(CelType type, int depth)
    {
        var (first, second) = ($"v{_names++ % 5}", $"w{_names % 3}");
        var element = Pick((CelType[])[CelType.Int, CelType.String, CelType.Dyn]);
        var range = _random.Next(3) == 0 ? Expression(new CelType.Map(CelType.String, element), depth - 2) : Expression(new CelType.List(element), depth - 2);
        var two = _random.Next(3) == 0;
        var variables = two ? $"{first}, {second}" : first;
        string Body(CelType of) => _random.Next(3) == 0 ? Expression(of, depth - 2).Replace(Leaf(CelType.Int), first, StringComparison.Ordinal) : Expression(of, depth - 2);
        var condition = _random.Next(2) == 0 ? $"{first} {Pick((string[])["==", "!=", "<", ">="])} {Leaf(element)}" : Body(CelType.Bool);
        switch (type)
        {
            case CelType.Simple { Name: "bool" }:
                return _random.Next(6) == 0 ? $"has({Expression(new CelType.Map(CelType.String, CelType.Int), depth - 2)}.{Pick((string[])["a", "b", "`c d`"])})" : $"{range}.{Pick((string[])["all", "exists", "existsOne"])}({variables}, {condition})";
            case CelType.List list:
                return _random.Next(3) switch
                {
                    0 => $"{range}.filter({first}, {condition})",
                    1 => $"{range}.map({first}, {(_random.Next(2) == 0 ? condition + ", " : "")}{Body(list.Element)})",
                    _ => $"{range}.transformList({first}, {second}, {Body(list.Element)})",
                };
            case CelType.Map map:
                return _random.Next(2) == 0 ? $"{range}.transformMap({first}, {second}, {Body(map.Value)})" : $"{range}.transformMapEntry({first}, {second}, {{{first}: {Body(map.Value)}}})";
            case CelType.Optional optional:
                return _random.Next(2) == 0 ? $"{Expression(new CelType.Optional(element), depth - 2)}.optMap({first}, {Body(optional.Of)})" : $"{Expression(new CelType.Optional(element), depth - 2)}.optFlatMap({first}, {Expression(type, depth - 2)})";
            default:
                return $"cel.bind({first}, {Expression(Pick(Roots), depth - 2)}, {Body(type)})";
        }
    }

    private string Leaf(CelType type)
    {
        switch (type)
        {
            case CelType.List list:
                if (_random.Next(3) == 0) return list.Element == CelType.String ? "ls" : list.Element == CelType.Int ? "l" : "[]";
                return $"[{string.Join(", ", Enumerable.Range(0, _random.Next(4)).Select(_ => Leaf(list.Element)))}]";
            case CelType.Map map:
                if (_random.Next(3) == 0) return map.Value == CelType.Int ? "m" : "{}";
                return $"{{{string.Join(", ", Enumerable.Range(0, _random.Next(3)).Select(_ => $"{Leaf(map.Key)}: {Leaf(map.Value)}"))}}}";
            case CelType.Optional optional:
                return _random.Next(3) switch { 0 => "optional.none()", 1 when optional.Of == CelType.Int => "o", _ => $"optional.of({Leaf(optional.Of)})" };
            case CelType.Type:
                return Pick((string[])["int", "type", "list", "google.protobuf.Timestamp", "optional_type", "net.IP", "null_type"]);
            case CelType.Simple simple:
                return simple.Name switch
                {
                    "bool" => Pick((string[])["true", "false", "b", "x == 1", "rec.verified"]),
                    "int" => Pick((string[])["0", "1", "-1", "2", "7", "i", "9223372036854775807", "-9223372036854775808", "1000", "0x10"]),
                    "uint" => Pick((string[])["0u", "1u", "u", "18446744073709551615u", "64u"]),
                    "double" => Pick((string[])["0.0", "-0.0", "1.5", "d", "1e308", "-1e308", "5e-324", "(0.0 / 0.0)", "9223372036854775807.0", "1e19"]),
                    "string" => Pick((string[])[$"'{Pick(Strings).Replace("'", "\\'", StringComparison.Ordinal)}'", $"'{Pick(Strings)}'", "s", "rec.name"]),
                    "bytes" => Pick((string[])["b''", "b'abc'", "b'\\xff\\x00'", "y", "b'😀'"]),
                    "google.protobuf.Timestamp" => Pick((string[])["timestamp('2024-02-29T12:34:56.789Z')", "timestamp(0)", "t", "timestamp('9999-12-31T23:59:59.999999999Z')", "timestamp('0001-01-01T00:00:00Z')"]),
                    "google.protobuf.Duration" => Pick((string[])["duration('1h30m')", "duration('-1.5s')", "r", "duration('0s')", "duration('2562047h')"]),
                    "net.IP" => Pick((string[])["ip('10.0.0.1')", "ip('::1')", "ip('2001:db8::1')"]),
                    "net.CIDR" => Pick((string[])["cidr('10.0.0.0/8')", "cidr('::/0')", "cidr('10.1.2.3/24')"]),
                    "null_type" => "null",
                    _ => Pick((string[])["x", "dyn(1)", "dyn('a')", "dyn(1u)", "dyn(1.5)", "dyn([1])", "dyn({'a': 1})", "null", "dyn(null)", "dyn(t)", "dyn(b)", "type(x)", "rec", "dyn(o)", "1", "'a'"]),
                };
            default:
                return "x";
        }
    }

    // ---- mutations ----

    private string Mutated(string source)
    {
        var text = new StringBuilder(source);
        for (var changes = _random.Next(1, 4); changes > 0; changes--)
        {
            var at = _random.Next(text.Length + 1);
            switch (_random.Next(8))
            {
                case 0 when text.Length > 0:
                    text.Remove(Math.Min(at, text.Length - 1), 1);
                    break;
                case 1:
                    text.Insert(at, Pick(Tokens));
                    break;
                case 2 when text.Length > 0:
                    var start = _random.Next(text.Length);
                    var part = text.ToString(start, _random.Next(text.Length - start + 1));
                    if (text.Length < 5_000) text.Insert(at, part);
                    break;
                case 3 when text.Length > 0:
                    var from = _random.Next(text.Length);
                    text.Remove(from, _random.Next(Math.Min(20, text.Length - from + 1)));
                    break;
                case 4 when text.Length > 0:
                    text[Math.Min(at, text.Length - 1)] = (char)_random.Next(0x20, _random.Next(4) == 0 ? 0xFFFF : 0x7F);
                    break;
                case 5 when corpus.Count > 0:
                    text.Insert(0, '(').Append(Pick((string[])[") == (", ") && (", ") || (", ") + (", ") in (", ") ? (", ")["])).Append(Pick(corpus)).Append(Pick((string[])[")", "]", ") : 1"]));
                    break;
                case 6:
                    text.Insert(0, Pick((string[])["[", "dyn(", "!(", "-(", "type(", "size(", "[1, 2].map(e, ", "[1].exists(e, ", "cel.bind(n, ", "optional.of("])).Append(Pick((string[])["]", ")", ") == 1", ", n)"]));
                    break;
                default:
                    foreach (var (number, other) in (ReadOnlySpan<(string, string)>)[("1", "9223372036854775807"), ("0", "-1"), ("2", "2u"), ("3", "3.0"), ("'", "b'")])
                        if (_random.Next(3) == 0) text.Replace(number, other);
                    break;
            }
        }
        return text.ToString();
    }
}
