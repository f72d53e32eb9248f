using System.Collections.Immutable;

namespace AgentMonitor.Core.Cel;

/// <summary>A macro: a call that is rewritten when it is read, since its arguments are expressions and not values.</summary>
/// <param name="Name">Its name, with the namespace if it has one.</param>
/// <param name="Usage">How it is written.</param>
/// <param name="Summary">What it does, in one sentence.</param>
/// <param name="Extension">The extension it belongs to, or none.</param>
public sealed record CelMacro(string Name, string Usage, string Summary, CelExtensions Extension);

/// <summary>
/// Expands macros, to the same trees as the reference implementation does except where noted. Helper variables have names that nobody can
/// write (they begin with <c>@</c>), so that no variable of the user is hidden.
/// </summary>
public sealed class CelMacros
{
    /// <summary>The accumulator of the folds.</summary>
    public const string Accumulator = "@result";
    /// <summary>The iteration variable of a fold that only binds a name: its range is empty.</summary>
    public const string Unused = "@unused";
    /// <summary>The optional that <c>optMap</c> and <c>optFlatMap</c> look into, evaluated once.</summary>
    public const string OptionalTarget = "@optional";

    /// <summary>All macros, for documentation and completion.</summary>
    public static readonly ImmutableArray<CelMacro> All =
    [
        new("has", "has(value.field)", "Whether the field is there.", CelExtensions.None),
        new("all", "list.all(x, condition)", "Whether the condition holds for every element (every key of a map).", CelExtensions.None),
        new("exists", "list.exists(x, condition)", "Whether the condition holds for any element (any key of a map).", CelExtensions.None),
        new("exists_one", "list.exists_one(x, condition)", "Whether the condition holds for exactly one element; existsOne is the same.", CelExtensions.None),
        new("existsOne", "list.existsOne(x, condition)", "Whether the condition holds for exactly one element.", CelExtensions.None),
        new("filter", "list.filter(x, condition)", "The elements for which the condition holds.", CelExtensions.None),
        new("map", "list.map(x, value)", "The value for each element; list.map(x, condition, value) leaves out where the condition does not hold.", CelExtensions.None),
        new("all", "map.all(k, v, condition)", "Whether the condition holds for every key and value (index and element of a list).", CelExtensions.Comprehensions),
        new("exists", "map.exists(k, v, condition)", "Whether the condition holds for any key and value (index and element of a list).", CelExtensions.Comprehensions),
        new("existsOne", "map.existsOne(k, v, condition)", "Whether the condition holds for exactly one key and value.", CelExtensions.Comprehensions),
        new("transformList", "map.transformList(k, v, value)", "A list of the value for each key and value; a condition may stand before the value.", CelExtensions.Comprehensions),
        new("transformMap", "map.transformMap(k, v, value)", "A map with the same keys and new values; a condition may stand before the value.", CelExtensions.Comprehensions),
        new("transformMapEntry", "map.transformMapEntry(k, v, {key: value})", "A map of new entries; a condition may stand before the entry.", CelExtensions.Comprehensions),
        new("cel.bind", "cel.bind(name, value, expression)", "The expression, in which the name stands for the value.", CelExtensions.Bindings),
        new("math.greatest", "math.greatest(a, b, ...)", "The greatest of the numbers, or of a list of numbers.", CelExtensions.Math),
        new("math.least", "math.least(a, b, ...)", "The least of the numbers, or of a list of numbers.", CelExtensions.Math),
        new("optMap", "optional.optMap(x, value)", "The value wrapped as an optional if there is x, else nothing.", CelExtensions.Optionals),
        new("optFlatMap", "optional.optFlatMap(x, optional)", "The other optional if there is x, else nothing.", CelExtensions.Optionals),
    ];

    private readonly CelNodes _nodes;
    private readonly CelExtensions _extensions;

    internal CelMacros(CelNodes nodes, CelExtensions extensions) => (_nodes, _extensions) = (nodes, extensions);

    /// <summary>The expansion of a call, or null when it is no macro. <paramref name="at"/> is where its name stands.</summary>
    internal CelExpr? Expand(int at, CelExpr? target, string name, ImmutableArray<CelExpr> arguments)
    {
        var twoVariables = _extensions.HasFlag(CelExtensions.Comprehensions);
        var optionals = _extensions.HasFlag(CelExtensions.Optionals);
        return (target, name, arguments.Length) switch
        {
            (null, "has", 1) => Has(at, arguments[0]),
            (null, _, _) => null,
            (_, "all", 2) => All1(at, target, arguments),
            (_, "exists", 2) => Exists(at, target, arguments),
            (_, "exists_one" or "existsOne", 2) => ExistsOne(at, target, arguments),
            (_, "filter", 2) => Filter(at, target, arguments),
            (_, "map", 2) => Map(at, target, Variable(arguments[0]), null, null, arguments[1]),
            (_, "map", 3) => Map(at, target, Variable(arguments[0]), null, arguments[1], arguments[2]),
            (_, "all", 3) when twoVariables => All1(at, target, arguments),
            (_, "exists", 3) when twoVariables => Exists(at, target, arguments),
            (_, "exists_one" or "existsOne", 3) when twoVariables => ExistsOne(at, target, arguments),
            (_, "transformList", 3 or 4) when twoVariables => TransformList(at, target, arguments),
            (_, "transformMap" or "transformMapEntry", 3 or 4) when twoVariables => TransformMap(at, target, arguments, name == "transformMapEntry"),
            (_, "optMap", 2) when optionals => OptMap(at, target, arguments, flat: false),
            (_, "optFlatMap", 2) when optionals => OptMap(at, target, arguments, flat: true),
            (IdentExpr { Name: "cel" }, "bind", 3) when _extensions.HasFlag(CelExtensions.Bindings) => Bind(at, Variable(arguments[0]), arguments[1], arguments[2]),
            (IdentExpr { Name: "math" }, "greatest", _) when _extensions.HasFlag(CelExtensions.Math) => Extreme(at, "greatest", CelOperators.MathGreatest, arguments),
            (IdentExpr { Name: "math" }, "least", _) when _extensions.HasFlag(CelExtensions.Math) => Extreme(at, "least", CelOperators.MathLeast, arguments),
            _ => null,
        };
    }

    private CelExpr Has(int at, CelExpr argument) => argument is SelectExpr { TestOnly: false, IsOptional: false } select
        ? _nodes.Select(select.Position, select.Operand, select.Field, testOnly: true)
        : throw new CelSyntaxException(argument is SelectExpr ? argument.Position : at, "has() asks for a field: write has(value.field)");

    private CelExpr All1(int at, CelExpr range, ImmutableArray<CelExpr> arguments)
    {
        var (first, second) = Variables(arguments);
        return _nodes.Comprehension(at, first, second, range, Accumulator, _nodes.Literal(at, true),
            _nodes.Call(at, null, CelOperators.NotStrictlyFalse, Accu(at)),
            _nodes.Call(at, null, CelOperators.And, Accu(at), arguments[^1]), Accu(at));
    }

    private CelExpr Exists(int at, CelExpr range, ImmutableArray<CelExpr> arguments)
    {
        var (first, second) = Variables(arguments);
        return _nodes.Comprehension(at, first, second, range, Accumulator, _nodes.Literal(at, false),
            _nodes.Call(at, null, CelOperators.NotStrictlyFalse, _nodes.Call(at, null, CelOperators.Not, Accu(at))),
            _nodes.Call(at, null, CelOperators.Or, Accu(at), arguments[^1]), Accu(at));
    }

    private CelExpr ExistsOne(int at, CelExpr range, ImmutableArray<CelExpr> arguments)
    {
        var (first, second) = Variables(arguments);
        return _nodes.Comprehension(at, first, second, range, Accumulator, _nodes.Literal(at, 0L), _nodes.Literal(at, true),
            When(at, arguments[^1], _nodes.Call(at, null, CelOperators.Add, Accu(at), _nodes.Literal(at, 1L))),
            _nodes.Call(at, null, CelOperators.Equal, Accu(at), _nodes.Literal(at, 1L)));
    }

    private CelExpr Filter(int at, CelExpr range, ImmutableArray<CelExpr> arguments)
    {
        var variable = Variable(arguments[0]);
        return Map(at, range, variable, null, arguments[1], _nodes.Ident(arguments[0].Position, variable));
    }

    private CelExpr TransformList(int at, CelExpr range, ImmutableArray<CelExpr> arguments)
    {
        var (first, second) = Variables(arguments);
        return Map(at, range, first, second, arguments.Length == 4 ? arguments[2] : null, arguments[^1]);
    }

    private CelExpr Map(int at, CelExpr range, string first, string? second, CelExpr? condition, CelExpr value) =>
        _nodes.Comprehension(at, first, second, range, Accumulator, _nodes.List(at), _nodes.Literal(at, true),
            When(at, condition, _nodes.Call(at, null, CelOperators.Add, Accu(at), _nodes.List(value.Position, [value], []))), Accu(at));

    private CelExpr TransformMap(int at, CelExpr range, ImmutableArray<CelExpr> arguments, bool entries)
    {
        var (first, second) = Variables(arguments);
        var insert = entries
            ? _nodes.Call(at, null, CelOperators.MapInsert, Accu(at), arguments[^1])
            : _nodes.Call(at, null, CelOperators.MapInsert, Accu(at), _nodes.Ident(arguments[0].Position, first), arguments[^1]);
        return _nodes.Comprehension(at, first, second, range, Accumulator, _nodes.Map(at, []), _nodes.Literal(at, true), When(at, arguments.Length == 4 ? arguments[2] : null, insert), Accu(at));
    }

    private CelExpr Bind(int at, string variable, CelExpr value, CelExpr body) =>
        _nodes.Comprehension(at, Unused, null, _nodes.List(at), variable, value, _nodes.Literal(at, false), _nodes.Ident(at, variable), body);

    /// <summary>
    /// The reference implementation writes the target twice, which makes a chain of these exponential; here it is bound to a name first.
    /// </summary>
    private CelExpr OptMap(int at, CelExpr target, ImmutableArray<CelExpr> arguments, bool flat)
    {
        var mapped = Bind(at, Variable(arguments[0]), _nodes.Call(at, _nodes.Ident(at, OptionalTarget), "value"), arguments[1]);
        return Bind(at, OptionalTarget, target, _nodes.Call(at, null, CelOperators.Conditional,
            _nodes.Call(at, _nodes.Ident(at, OptionalTarget), "hasValue"),
            flat ? mapped : _nodes.Call(at, null, "optional.of", mapped),
            _nodes.Call(at, null, "optional.none")));
    }

    private CelExpr Extreme(int at, string name, string function, ImmutableArray<CelExpr> arguments)
    {
        if (arguments.IsEmpty) throw new CelSyntaxException(at, $"math.{name}() needs at least one number");
        foreach (var argument in arguments)
        {
            if (argument is ListExpr list && arguments.Length == 1)
            {
                foreach (var element in list.Elements) Numeric(element);
            }
            else Numeric(argument);
        }
        return arguments.Length <= 2 ? _nodes.Call(at, null, function, arguments) : _nodes.Call(at, null, function, _nodes.List(at, arguments, []));

        void Numeric(CelExpr argument)
        {
            if (argument is LiteralExpr { Value: not (long or ulong or double) } or ListExpr or MapExpr or StructExpr) throw new CelSyntaxException(argument.Position, $"math.{name}() takes numbers, or one list of numbers");
        }
    }

    private CelExpr Accu(int at) => _nodes.Ident(at, Accumulator);

    /// <summary><paramref name="step"/> where the condition holds, else the accumulator as it is.</summary>
    private CelExpr When(int at, CelExpr? condition, CelExpr step) => condition is null ? step : _nodes.Call(at, null, CelOperators.Conditional, condition, step, Accu(at));

    private static string Variable(CelExpr node) => node is IdentExpr { Name: [not '.', ..] } ident
        ? ident.Name
        : throw new CelSyntaxException(node.Position, "a variable's name belongs here, such as x");

    private static (string First, string? Second) Variables(ImmutableArray<CelExpr> arguments)
    {
        if (arguments.Length == 2) return (Variable(arguments[0]), null);
        var (first, second) = (Variable(arguments[0]), Variable(arguments[1]));
        return first != second ? (first, second) : throw new CelSyntaxException(arguments[1].Position, $"both variables are called {first}");
    }
}
