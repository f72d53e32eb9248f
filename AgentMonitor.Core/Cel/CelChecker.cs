using System.Collections.Immutable;

namespace AgentMonitor.Core.Cel;

/// <summary>
/// Finds the type of every part of an expression, what its names stand for, and what cannot work. What is wrong has type <c>dyn</c> from there
/// on, so that one mistake is one issue.
/// </summary>
public sealed class CelChecker
{
    /// <summary>More issues help nobody.</summary>
    private const int MaxIssues = 20;

    private readonly CelEnvironment _environment;
    private readonly CelUnifier _types = new();
    private readonly List<(string Name, CelType Type)> _scope = [];
    private readonly List<CelIssue> _issues = [];
    private readonly CelSuggestions _suggestions;
    private readonly CelType[] _type;
    private readonly string?[] _resolved;
    private readonly string?[] _functions;

    private CelChecker(CelAst ast, CelEnvironment environment)
    {
        (_environment, _type, _resolved, _functions) = (environment, new CelType[ast.NodeCount], new string?[ast.NodeCount], new string?[ast.NodeCount]);
        _suggestions = new(environment);
        Array.Fill(_type, CelType.Dyn);
    }

    /// <summary>Checks an expression.</summary>
    /// <param name="ast">The expression.</param>
    /// <param name="environment">What it may name.</param>
    /// <param name="issues">What is wrong, in the order of the source; empty when there is a result.</param>
    /// <returns>What is known about each node, or null when there are issues.</returns>
    public static CelChecked? Check(CelAst ast, CelEnvironment environment, out ImmutableArray<CelIssue> issues)
    {
        var checker = new CelChecker(ast, environment);
        try
        {
            checker.Visit(ast.Root);
            if (checker._issues.Count == 0)
                for (var id = 0; id < checker._type.Length; id++) checker._type[id] = checker._types.Substitute(checker._type[id], unknownIsDyn: true);
        }
        catch (CelUnifier.OutOfFuelException)
        {
            checker._issues.Add(new(0, "the types in this expression are too large: use fewer lists inside lists and maps inside maps"));
        }
        issues = [.. checker._issues.OrderBy(issue => issue.Position).Take(MaxIssues)];
        return issues.IsEmpty ? new(ast, checker._type, checker._resolved, checker._functions) : null;
    }

    private CelType TypeOf(CelExpr node) => _type[node.Id];

    private CelType Known(CelExpr node) => _types.Substitute(TypeOf(node), unknownIsDyn: false);

    private void Report(int position, string message)
    {
        if (_issues.Count < MaxIssues) _issues.Add(new(position, message));
    }

    private void Visit(CelExpr node) => _type[node.Id] = node switch
    {
        LiteralExpr literal => literal.Value switch
        {
            null => CelType.Null,
            bool => CelType.Bool,
            long => CelType.Int,
            ulong => CelType.Uint,
            double => CelType.Double,
            string => CelType.String,
            _ => CelType.Bytes,
        },
        IdentExpr ident => Ident(ident),
        SelectExpr select => Select(select),
        CallExpr call => Call(call),
        ListExpr list => List(list),
        MapExpr map => Map(map),
        ComprehensionExpr fold => Comprehension(fold),
        StructExpr message => Struct(message),
        _ => CelType.Dyn,
    };

    // ---- names ----

    private CelType? Local(string name)
    {
        for (var i = _scope.Count - 1; i >= 0; i--)
            if (_scope[i].Name == name) return _scope[i].Type;
        return null;
    }

    private CelType Ident(IdentExpr ident)
    {
        if (Local(ident.Name) is { } local) return local;
        if (Global(ident.Id, ident.Name) is { } global) return global;
        Report(ident.Position, _suggestions.UnknownName(ident.Name, [.. _scope.Select(variable => variable.Name).Where(name => name[0] != '@')]));
        return CelType.Dyn;
    }

    /// <summary>The type of a variable or of the name of a type; remembers which.</summary>
    private CelType? Global(int id, string name)
    {
        foreach (var candidate in _environment.Candidates(name))
        {
            var type = _environment.Variables.TryGetValue(candidate, out var variable) ? variable
                : _environment.TypeNames.TryGetValue(candidate, out var named) ? new CelType.Type(named) : null;
            if (type is null) continue;
            _resolved[id] = candidate;
            return type;
        }
        return null;
    }

    /// <summary>The dotted name that a node spells, unless it begins with a variable of a macro, which hides all names.</summary>
    private string? GlobalName(CelExpr node) => CelParser.QualifiedName(node) is { } name && Local(name.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 ? name[..dot] : name) is null ? name : null;

    private CelType Select(SelectExpr select)
    {
        if (!select.IsOptional && GlobalName(select with { TestOnly = false }) is { } name && Global(select.Id, name) is { } global)
        {
            if (!select.TestOnly) return global;
            Report(select.Position, $"has() asks for a field, and {name} is a variable of its own");
            return CelType.Bool;
        }
        Visit(select.Operand);
        var operand = Known(select.Operand);
        var optional = operand is CelType.Optional;
        var field = Field(select, operand is CelType.Optional { Of: var inner } ? inner : operand);
        if (select.TestOnly) return CelType.Bool;
        return optional || select.IsOptional ? new CelType.Optional(field) : field;
    }

    private CelType Field(SelectExpr select, CelType operand)
    {
        switch (operand)
        {
            case CelType.Map map:
                return map.Value;
            case CelType.Record record:
                if (record.Fields.TryGetValue(select.Field, out var field)) return field;
                Report(select.Position, _suggestions.UnknownField(CelParser.QualifiedName(select.Operand) ?? record.Name, record, select.Field));
                return CelType.Dyn;
            case CelType.Param:
                _types.Assignable(CelType.Dyn, operand);
                return CelType.Dyn;
            case CelType.Simple { Name: "dyn" }:
                return CelType.Dyn;
            case CelType.List list:
                Report(select.Position, $"a list has no fields: write .exists(x, x{(list.Element is CelType.Record ? $".{select.Field}" : "")} ...) or .all(x, ...) to look at its elements");
                return CelType.Dyn;
            default:
                Report(select.Position, _suggestions.NoFields(operand, select.Field));
                return CelType.Dyn;
        }
    }

    private CelType Struct(StructExpr message)
    {
        Report(message.Position, $"there are no messages: write a map, {{'field': value}}, instead of {CelLexer.Cut(message.Name)}{{...}}");
        return CelType.Dyn;
    }

    // ---- lists and maps ----

    private CelType List(ListExpr list)
    {
        CelType? element = null;
        for (var i = 0; i < list.Elements.Length; i++)
        {
            Visit(list.Elements[i]);
            element = Join(element, list.OptionalIndices.Contains(i) ? Unwrapped(list.Elements[i]) : TypeOf(list.Elements[i]));
        }
        return new CelType.List(element ?? _types.NewVariable());
    }

    private CelType Map(MapExpr map)
    {
        CelType? keys = null, values = null;
        foreach (var entry in map.Entries)
        {
            Visit(entry.Key);
            var isKey = Known(entry.Key) is CelType.Param or CelType.Simple { Name: "dyn" or "int" or "uint" or "bool" or "string" };
            if (!isKey) Report(entry.Key.Position, $"a key is an int, uint, bool or string, and not {CelDiagnostics.Name(Known(entry.Key))}");
            keys = Join(keys, isKey ? TypeOf(entry.Key) : CelType.Dyn);
            Visit(entry.Value);
            values = Join(values, entry.IsOptional ? Unwrapped(entry.Value) : TypeOf(entry.Value));
        }
        return new CelType.Map(keys ?? _types.NewVariable(), values ?? _types.NewVariable());
    }

    private CelType Unwrapped(CelExpr node)
    {
        switch (Known(node))
        {
            case CelType.Optional optional: return optional.Of;
            case CelType.Simple { Name: "dyn" } or CelType.Param: return CelType.Dyn;
            case var type:
                Report(node.Position, $"after ? an optional is needed, and this is {CelDiagnostics.Name(type)}: leave ? out, or write optional.of(...)");
                return CelType.Dyn;
        }
    }

    private CelType Join(CelType? before, CelType now) => before is null ? now : _types.Assignable(before, now) ? _types.MostGeneral(before, now) : CelType.Dyn;

    private CelType Comprehension(ComprehensionExpr fold)
    {
        Visit(fold.Range);
        Visit(fold.AccuInit);
        var accumulator = TypeOf(fold.AccuInit);
        var (first, second) = Ranges(fold, Known(fold.Range));
        _scope.Add((fold.AccuVar, accumulator));
        var mark = _scope.Count;
        _scope.Add((fold.IterVar, first));
        if (fold.IterVar2 is not null) _scope.Add((fold.IterVar2, second));
        Visit(fold.Condition);
        Visit(fold.Step);
        // The macros make steps of the accumulator's type; what the user wrote wrong in them has been said.
        _types.Assignable(accumulator, TypeOf(fold.Step));
        _scope.RemoveRange(mark, _scope.Count - mark);
        Visit(fold.Result);
        _scope.RemoveAt(mark - 1);
        return Known(fold.Result);
    }

    private (CelType First, CelType Second) Ranges(ComprehensionExpr fold, CelType range)
    {
        switch (range)
        {
            case CelType.List list: return fold.IterVar2 is null ? (list.Element, CelType.Dyn) : (CelType.Int, list.Element);
            case CelType.Map map: return (map.Key, map.Value);
            case CelType.Simple { Name: "dyn" }: return (CelType.Dyn, CelType.Dyn);
            case CelType.Param:
                _types.Assignable(CelType.Dyn, range);
                return (CelType.Dyn, CelType.Dyn);
            default:
                Report(fold.Range.Position, $"{CelDiagnostics.Name(range)} has no elements to go over: a list or a map is needed here");
                return (CelType.Dyn, CelType.Dyn);
        }
    }

    // ---- calls ----

    private CelType Call(CallExpr call)
    {
        if (call.Target is not null && Find(call.Function) is null && _suggestions.IsMisspelledMacro(call.Function) && (GlobalName(call.Target) is not { } prefix || Find($"{prefix}.{call.Function}") is null))
        {
            if (GlobalName(call.Target) is { } written && Names(written) is null && _suggestions.UnknownInNamespace(written, call.Function) is { } usage) Report(call.Position, usage);
            else
            {
                Visit(call.Target);
                Report(call.Position, _suggestions.UnknownFunction(call.Function, Known(call.Target), call.Arguments.Length));
            }
            return CelType.Dyn;
        }
        foreach (var argument in call.Arguments) Visit(argument);
        if (call.Target is null)
        {
            if (Find(call.Function) is { } function) return Resolve(call, function, false);
            Report(call.Position, _suggestions.UnknownFunction(call.Function, null, call.Arguments.Length));
            return CelType.Dyn;
        }
        if (GlobalName(call.Target) is { } name && Find($"{name}.{call.Function}") is { } namespaced)
        {
            _functions[call.Id] = namespaced.Name;
            return Resolve(call, namespaced, false);
        }
        // What looks like a namespace without such a function is better explained as that.
        if (GlobalName(call.Target) is { } space && Names(space) is null && _suggestions.UnknownInNamespace(space, call.Function) is { } hint)
        {
            Report(call.Position, hint);
            return CelType.Dyn;
        }
        Visit(call.Target);
        if (Find(call.Function) is { } method) return Resolve(call, method, true);
        Report(call.Position, _suggestions.UnknownFunction(call.Function, Known(call.Target), call.Arguments.Length));
        return CelType.Dyn;

        CelFunction? Find(string written)
        {
            foreach (var candidate in _environment.Candidates(written))
            {
                if (!_environment.Functions.TryGetValue(candidate, out var found)) continue;
                if (candidate != written) _functions[call.Id] = candidate;
                return found;
            }
            return null;
        }
    }

    private string? Names(string name)
    {
        foreach (var candidate in _environment.Candidates(name))
            if (_environment.Variables.ContainsKey(candidate) || _environment.TypeNames.ContainsKey(candidate)) return candidate;
        return null;
    }

    private CelType Resolve(CallExpr call, CelFunction function, bool isInstance)
    {
        var arguments = new CelType[call.Arguments.Length + (isInstance ? 1 : 0)];
        if (isInstance) arguments[0] = TypeOf(call.Target!);
        for (var i = 0; i < call.Arguments.Length; i++) arguments[i + (isInstance ? 1 : 0)] = TypeOf(call.Arguments[i]);
        CelType? result = null;
        foreach (var overload in function.Overloads)
        {
            if (overload.IsInstance != isInstance || overload.Parameters.Length != arguments.Length) continue;
            var (parameters, overloadResult) = _types.Fresh(overload);
            if (!_types.Assignable(arguments, parameters)) continue;
            var type = _types.Substitute(overloadResult, unknownIsDyn: false);
            // Several overloads fit: which one, and so the result, is decided when the expression runs.
            result = result is null || _types.Same(result, type) ? type : CelType.Dyn;
        }
        if (result is not null) return result;
        for (var i = 0; i < arguments.Length; i++) arguments[i] = _types.Substitute(arguments[i], unknownIsDyn: true);
        var (position, message) = _suggestions.NoOverload(call, function, arguments, isInstance);
        Report(position, message);
        // Of an operator, most of what follows is known all the same.
        return function.Overloads.All(overload => overload.Result == CelType.Bool) ? CelType.Bool : CelType.Dyn;
    }
}
