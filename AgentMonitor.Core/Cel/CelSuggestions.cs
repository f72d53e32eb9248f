using System.Collections.Immutable;

namespace AgentMonitor.Core.Cel;

/// <summary>Says what was probably meant: near names, fields in the wrong place, functions called the wrong way.</summary>
internal sealed class CelSuggestions(CelEnvironment environment)
{
    /// <summary>Longer names are compared by their beginning.</summary>
    private const int MaxName = 40;

    public string UnknownName(string name, ImmutableArray<string> locals)
    {
        var shown = CelLexer.Cut(name);
        var plain = name.TrimStart('.');
        if (name != plain && locals.Contains(plain, StringComparer.Ordinal)) return $"unknown name {shown}: leave the dot out for the variable {plain}";
        if (Nearest(plain, [.. locals, .. environment.Variables.Keys, .. environment.TypeNames.Keys]) is { } near) return $"unknown name {shown}: did you mean {near}?";
        foreach (var (variable, type) in environment.Variables.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            if (type is CelType.Record record && record.Fields.ContainsKey(plain)) return $"unknown name {shown}: did you mean {variable}.{plain}?";
        if (environment.Functions.ContainsKey(plain)) return $"{shown} is a function: call it with parentheses";
        if (plain.ToUpperInvariant() is "AND" or "OR" or "NOT") return $"unknown name {shown}: write &&, || and ! for and, or and not";
        if (plain.ToUpperInvariant() is "NONE" or "NIL" or "UNDEFINED") return $"unknown name {shown}: did you mean null?";
        if (plain.ToUpperInvariant() is "TRUE" or "FALSE") return $"unknown name {shown}: did you mean {plain.ToLowerInvariant()}?";
        return environment.Variables.Count is 0 or > 12
            ? $"unknown name {shown}: write '{shown}' in quotes if it is a text"
            : $"unknown name {shown}: there are {string.Join(", ", environment.Variables.Keys.Order(StringComparer.Ordinal))}; write '{shown}' in quotes if it is a text";
    }

    public string UnknownField(string operand, CelType.Record record, string field)
    {
        var shown = CelLexer.Cut(field);
        if (Nearest(field, record.Fields.Keys) is { } near) return $"{operand} has no field {shown}: did you mean {operand}.{near}?";
        foreach (var (name, type) in record.Fields.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            if (type is CelType.Map { Key: CelType.Simple { Name: "string" } }) return $"{operand} has no field {shown}: there are {Fields(record)}; what is in {name} is {operand}.{name}[\"{shown}\"]";
        return $"{operand} has no field {shown}: there are {Fields(record)}";
    }

    public string NoFields(CelType type, string field) => Method(field, type) is { } method
        ? $"{field} is a method: write .{field}(){(method.Parameters.Length > 1 ? $" with {string.Join(", ", method.Parameters.Skip(1).Select(CelDiagnostics.Name))}" : "")}"
        : $"{CelDiagnostics.Name(type)} has no fields";

    public string UnknownFunction(string name, CelType? target, int arguments)
    {
        var shown = CelLexer.Cut(name.TrimStart('.'));
        // The macros are no functions: they come here when they are written with too few or too many arguments.
        var usages = CelMacros.All.Where(macro => macro.Name == shown && environment.Extensions.HasFlag(macro.Extension)).Select(macro => macro.Usage).ToList();
        if (usages.Count > 0) return $"{shown} is written {string.Join(" or ", usages)}";
        if (Other(shown) is { } other) return $"there is no {(target is null ? "function" : "method")} {shown}: write {other}";
        string?[] known = target is null
            ? [.. environment.Functions.Values.Where(function => function.Overloads.Any(overload => !overload.IsInstance)).Select(function => function.Name), .. CelMacros.All.Select(macro => macro.Name)]
            : [.. environment.Functions.Values.Where(function => function.Overloads.Any(overload => overload.IsInstance)).Select(function => function.Name), .. CelMacros.All.Where(macro => !macro.Name.Contains('.') && macro.Name != "has").Select(macro => macro.Name)];
        return Nearest(shown, known.OfType<string>().Where(candidate => char.IsAsciiLetter(candidate[0]) && !candidate.Contains('@'))) is { } near
            ? $"there is no {(target is null ? "function" : "method")} {shown}: did you mean {near}?"
            : $"there is no {(target is null ? "function" : "method")} {shown} with {arguments} {(arguments == 1 ? "argument" : "arguments")}";
    }

    /// <summary>
    /// Whether a call is a macro written wrong, so that the names in its arguments are variables that nobody declared: what there is to say of
    /// them would only distract.
    /// </summary>
    public bool IsMisspelledMacro(string name) => CelMacros.All.Any(macro => macro.Name == name) || name is "any" or "some" or "every"
        || (Nearest(name, CelMacros.All.Where(macro => !macro.Name.Contains('.')).Select(macro => macro.Name)) is not null && name.Length > 3);

    /// <summary>Names from other languages.</summary>
    private static string? Other(string name) => name switch
    {
        "length" or "len" or "count" or "Length" or "Count" => "size()",
        "includes" or "has" or "containsKey" or "hasKey" => "value in list",
        "toLowerCase" or "toLower" or "lower" => "lowerAscii()",
        "toUpperCase" or "toUpper" or "upper" => "upperAscii()",
        "any" or "some" => "exists(x, ...)",
        "every" => "all(x, ...)",
        "toString" or "str" => "string(value)",
        "match" or "regex" => "matches('...')",
        "strip" => "trim()",
        "not" => "!(...)",
        _ => null,
    };

    public string? UnknownInNamespace(string space, string function)
    {
        var members = environment.Functions.Keys.Concat(CelMacros.All.Select(macro => macro.Name)).Where(name => name.StartsWith(space + ".", StringComparison.Ordinal) && !name.Contains('@')).ToList();
        if (members.Count == 0) return null;
        var shown = CelLexer.Cut($"{space}.{function}");
        var usage = CelMacros.All.FirstOrDefault(macro => macro.Name == $"{space}.{function}");
        if (usage is not null) return $"{shown} is written {usage.Usage}";
        return Nearest($"{space}.{function}", members) is { } near ? $"there is no function {shown}: did you mean {near}?" : $"there is no function {shown}: {space} has {string.Join(", ", members.Select(name => name[(space.Length + 1)..]).Order(StringComparer.Ordinal))}";
    }

    /// <summary>No overload takes these types: where to look, and what would fit.</summary>
    public (int Position, string Message) NoOverload(CallExpr call, CelFunction function, CelType[] types, bool isInstance)
    {
        var at = call.Position;
        var names = types.Select(CelDiagnostics.Name).ToArray();
        switch (function.Name)
        {
            case CelOperators.And or CelOperators.Or or CelOperators.Not or CelOperators.Conditional or CelOperators.NotStrictlyFalse:
                var conditions = function.Name == CelOperators.Conditional ? 1 : types.Length;
                for (var i = 0; i < conditions; i++)
                {
                    if (types[i] is CelType.Simple { Name: "bool" or "dyn" }) continue;
                    var needs = call.Arguments[0] is IdentExpr { Name: CelMacros.Accumulator } || function.Name == CelOperators.NotStrictlyFalse ? "a condition here must be true or false"
                        : function.Name == CelOperators.Conditional ? "before ? a condition must stand"
                        : $"{Symbol(function.Name)} takes conditions";
                    return (call.Arguments[i].Position, $"{needs}, and this is {names[i]}{Condition(types[i])}");
                }
                return (at, $"both values of a choice must have the same type, and these are {names[1]} and {names[2]}: write dyn(...) around one to allow it");
            case CelOperators.Equal or CelOperators.NotEqual:
                return (at, $"{names[0]} and {names[1]} are never equal{Conversion(types[0], types[1])}");
            case CelOperators.Less or CelOperators.LessOrEqual or CelOperators.Greater or CelOperators.GreaterOrEqual:
                return (at, $"{names[0]} and {names[1]} cannot be compared by {Symbol(function.Name)}{Conversion(types[0], types[1])}");
            case CelOperators.In:
                if (types[1] is CelType.Simple { Name: "string" }) return (at, "`in` looks into a list or the keys of a map: write text.contains(part) for a text");
                return types[1] is CelType.List or CelType.Map
                    ? (at, $"{names[0]} is never in {names[1]}{Conversion(types[0], types[1] is CelType.List list ? list.Element : ((CelType.Map)types[1]).Key)}")
                    : (at, $"`in` needs a list or a map on its right, and this is {names[1]}");
            case CelOperators.Index or CelOperators.OptionalIndex:
                return types[0] switch
                {
                    CelType.Record record when call.Arguments[1] is LiteralExpr { Value: string field } => (call.Arguments[1].Position, record.Fields.ContainsKey(field) ? $"write .{field}: {record.Name} has fields and no keys" : UnknownField(record.Name, record, field)),
                    CelType.List => (call.Arguments[1].Position, $"the index of a list is an int, and this is {names[1]}"),
                    CelType.Map map => (call.Arguments[1].Position, $"the keys of this map are {CelDiagnostics.Name(map.Key)}, and this is {names[1]}"),
                    CelType.Simple { Name: "string" } => (at, "a text has no elements: write .charAt(index) or .substring(start, end)"),
                    _ => (at, $"{names[0]} has no elements"),
                };
            case CelOperators.Add or CelOperators.Subtract or CelOperators.Multiply or CelOperators.Divide or CelOperators.Modulo:
                return (at, $"there is no {names[0]} {Symbol(function.Name)} {names[1]}{Conversion(types[0], types[1])}");
            case CelOperators.Negate:
                return (at, $"there is no minus for {names[0]}");
            case CelOperators.MathGreatest or CelOperators.MathLeast:
                return (at, $"math.{(function.Name == CelOperators.MathGreatest ? "greatest" : "least")} takes numbers or a list of numbers, and not ({string.Join(", ", names)})");
            case CelOperators.MapInsert:
                return (at, $"an entry written as {{key: value}} is needed here, and this is {names[^1]}");
        }
        var name = function.Name;
        var fitting = function.Overloads.Where(overload => overload.IsInstance == isInstance).ToList();
        if (fitting.Count == 0)
        {
            return isInstance
                ? (at, $"{name} is a function: write {name}({CelLexer.Cut(CelParser.QualifiedName(call.Target!) ?? "value")}{(types.Length > 1 ? ", ..." : "")})")
                : (at, $"{name} is a method: write value.{name}({(types.Length > 1 ? "..." : "")})");
        }
        if (isInstance && name == "contains" && types[0] is CelType.List or CelType.Map) return (at, $"write value in {CelLexer.Cut(CelParser.QualifiedName(call.Target!) ?? (types[0] is CelType.List ? "list" : "map"))}: contains is for texts");
        var written = isInstance ? $"{names[0]}.{name}({string.Join(", ", names.Skip(1))})" : $"{name}({string.Join(", ", names)})";
        return (at, $"there is no {written}: there is {string.Join(" or ", fitting.Take(4).Select(overload => overload.Signature(name)))}{(fitting.Count > 4 ? $" and {fitting.Count - 4} more" : "")}");
    }

    private static string Symbol(string name) => name.Trim('_', '@');

    private static string Condition(CelType type) => type switch
    {
        CelType.List => ": write .exists(x, ...), or .size() > 0",
        CelType.Map => ": write .size() > 0, or key in map",
        CelType.Simple { Name: "string" } => ": compare it, such as == 'text'",
        CelType.Simple { Name: "int" or "uint" or "double" } => ": compare it, such as > 0",
        CelType.Optional => ": write .hasValue()",
        _ => "",
    };

    /// <summary>How one of two types becomes the other.</summary>
    private static string Conversion(CelType left, CelType right)
    {
        var (l, r) = ((left as CelType.Simple)?.Name, (right as CelType.Simple)?.Name);
        if (left is CelType.List { Element: var elements } && elements == right) return ": write value in list";
        if (right is CelType.List { Element: var others } && others == left) return ": write value in list";
        if (left is CelType.Optional || right is CelType.Optional) return ": write .orValue(...) to take the value out";
        if (l is null || r is null || l == r) return "";
        return (l, r) switch
        {
            ("null_type", _) or (_, "null_type") => ": null is only equal to null",
            ("int" or "uint" or "double", "int" or "uint" or "double") => $": write {(l == "double" || r == "double" ? "double" : "int")}(...) around one",
            ("string", "int" or "uint" or "double" or "bool") => $": write {r}(...) around the text, or string(...) around the other",
            ("int" or "uint" or "double" or "bool", "string") => $": write {l}(...) around the text, or string(...) around the other",
            ("google.protobuf.Timestamp", "string") or ("string", "google.protobuf.Timestamp") => ": write timestamp('...')",
            ("google.protobuf.Duration", "string" or "int") or ("string" or "int", "google.protobuf.Duration") => ": write duration('10m')",
            ("google.protobuf.Timestamp", "int") or ("int", "google.protobuf.Timestamp") => ": write timestamp(...) around the number of seconds",
            ("net.IP", "string") or ("string", "net.IP") => ": write ip('...')",
            ("net.CIDR", "string") or ("string", "net.CIDR") => ": write cidr('...')",
            _ => "",
        };
    }

    private CelOverload? Method(string name, CelType type) => environment.Functions.TryGetValue(name, out var function)
        ? function.Overloads.FirstOrDefault(overload => overload.IsInstance && overload.Parameters[0].GetType() == type.GetType() && (overload.Parameters[0] == type || type is not CelType.Simple))
        : null;

    private static string Fields(CelType.Record record) => string.Join(", ", record.Fields.Keys.Order(StringComparer.Ordinal));

    /// <summary>The nearest of some names, if it is near enough to be meant: an edit for every three letters, or only its case differs.</summary>
    public static string? Nearest(string name, IEnumerable<string> candidates)
    {
        if (name.Length > MaxName) return null;
        string? best = null;
        var bound = Math.Max(1, name.Length / 3);
        var least = bound + 1;
        foreach (var candidate in candidates.Order(StringComparer.Ordinal))
        {
            var distance = string.Equals(name, candidate, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(name, candidate, bound);
            if (distance >= least || (name.Length <= 2 && distance > 0)) continue;
            (best, least) = (candidate, distance);
        }
        return best;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours; above the bound, anything above it.</summary>
    private static int Distance(string left, string right, int bound)
    {
        if (Math.Abs(left.Length - right.Length) > bound) return bound + 1;
        var (before, previous, current) = (new int[right.Length + 1], new int[right.Length + 1], new int[right.Length + 1]);
        for (var j = 0; j <= right.Length; j++) previous[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = left[i - 1] == right[j - 1] ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1] + 1, previous[j] + 1), previous[j - 1] + cost);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) current[j] = Math.Min(current[j], before[j - 2] + 1);
            }
            (before, previous, current) = (previous, current, before);
        }
        return previous[right.Length];
    }
}
