using System.Collections.Immutable;

namespace AgentMonitor.Core.Cel;

/// <summary>A node of a parsed expression. Macros are expanded already.</summary>
/// <param name="Id">Its number, dense from 0 within one expression: the index into what the checker found out about it.</param>
/// <param name="Position">Where a person should look, in UTF-16 units of the source: the start of a value or name, the operator of an operation, the name of a field or method.</param>
public abstract record CelExpr(int Id, int Position);

/// <summary>A constant. <paramref name="Value"/> is null, bool, long, ulong, double, string or byte[].</summary>
public sealed record LiteralExpr(int Id, int Position, object? Value) : CelExpr(Id, Position);

/// <summary>A name. A leading dot (<c>.a</c>: absolute, container not consulted) is part of <paramref name="Name"/>.</summary>
public sealed record IdentExpr(int Id, int Position, string Name) : CelExpr(Id, Position);

/// <summary><c>operand.field</c>; with <paramref name="TestOnly"/> <c>has(operand.field)</c>; with <paramref name="IsOptional"/> <c>operand.?field</c>.</summary>
public sealed record SelectExpr(int Id, int Position, CelExpr Operand, string Field, bool TestOnly, bool IsOptional) : CelExpr(Id, Position);

/// <summary>
/// A call of a function, or of a method when there is a <paramref name="Target"/>. Operators have the names of the reference
/// implementation, see <see cref="CelOperators"/>.
/// </summary>
public sealed record CallExpr(int Id, int Position, CelExpr? Target, string Function, ImmutableArray<CelExpr> Arguments) : CelExpr(Id, Position);

/// <summary>A list; the elements at <paramref name="OptionalIndices"/> are left out when they are absent (<c>[?x]</c>).</summary>
public sealed record ListExpr(int Id, int Position, ImmutableArray<CelExpr> Elements, ImmutableArray<int> OptionalIndices) : CelExpr(Id, Position);

/// <summary>A map.</summary>
public sealed record MapExpr(int Id, int Position, ImmutableArray<MapEntry> Entries) : CelExpr(Id, Position);

/// <summary>An entry of a map; an optional one is left out when its value is absent (<c>{?k: v}</c>).</summary>
public sealed record MapEntry(CelExpr Key, CelExpr Value, bool IsOptional);

/// <summary>A message literal <c>Name{field: value}</c>: parsed, and refused when checked or planned, since there are no messages.</summary>
public sealed record StructExpr(int Id, int Position, string Name) : CelExpr(Id, Position);

/// <summary>
/// The fold that macros expand to: over <paramref name="Range"/> (a list, or the keys of a map; with <paramref name="IterVar2"/> index and
/// element, or key and value) starting from <paramref name="AccuInit"/>, while <paramref name="Condition"/> holds, by <paramref name="Step"/>;
/// then <paramref name="Result"/>. The accumulator is visible in condition, step and result, the iteration variables in condition and step. With an
/// empty list as range it only binds a name (<c>cel.bind</c>). Each child occurs once in the tree; the folds of <c>map</c> and <c>filter</c> step by
/// <c>@result + [value]</c>.
/// </summary>
public sealed record ComprehensionExpr(
    int Id, int Position, string IterVar, string? IterVar2, CelExpr Range, string AccuVar, CelExpr AccuInit, CelExpr Condition, CelExpr Step, CelExpr Result) : CelExpr(Id, Position);

/// <summary>A parsed expression.</summary>
/// <param name="Source">Its text.</param>
/// <param name="Root">Its tree.</param>
/// <param name="NodeCount">The number of nodes; ids are below it.</param>
public sealed record CelAst(string Source, CelExpr Root, int NodeCount);

/// <summary>What the checker found out: everything that the planner needs to bind names and to choose typed evaluation.</summary>
/// <param name="Ast">The expression.</param>
/// <param name="Types">The type of each node, by id.</param>
/// <param name="ResolvedNames">For a name or a chain of selections that is one declared variable, type or constant: its full name, by id of the outermost node; else null.</param>
/// <param name="FunctionNames">For calls whose target turned out to be a namespace (<c>math.greatest(..)</c>): the full function name, by id; the target is then no value. Else null.</param>
public sealed record CelChecked(CelAst Ast, CelType[] Types, string?[] ResolvedNames, string?[] FunctionNames);

/// <summary>An error in an expression.</summary>
/// <param name="Position">Where, in UTF-16 units of the source.</param>
/// <param name="Message">What is wrong, and what to write instead where that is known.</param>
public sealed record CelIssue(int Position, string Message);

/// <summary>The names under which operators are called.</summary>
public static class CelOperators
{
#pragma warning disable CS1591 // Each name says itself.
    public const string Conditional = "_?_:_", And = "_&&_", Or = "_||_", Not = "!_", Negate = "-_",
        Equal = "_==_", NotEqual = "_!=_", Less = "_<_", LessOrEqual = "_<=_", Greater = "_>_", GreaterOrEqual = "_>=_",
        Add = "_+_", Subtract = "_-_", Multiply = "_*_", Divide = "_/_", Modulo = "_%_", In = "@in",
        Index = "_[_]", OptionalIndex = "_[?_]", NotStrictlyFalse = "@not_strictly_false",
        MapInsert = "cel.@mapInsert", MathGreatest = "math.@max", MathLeast = "math.@min";
#pragma warning restore CS1591
}
