using System.Collections.Immutable;

namespace AgentMonitor.Core.Cel;

/// <summary>Makes the nodes of one tree: numbers them, and holds the tree to its limits as it grows.</summary>
internal sealed class CelNodes(CelLimits limits)
{
    /// <summary>The height of each node, by id.</summary>
    private readonly List<int> _heights = [];

    public int Count => _heights.Count;

    public CelExpr Literal(int at, object? value) => new LiteralExpr(Id(at, 0), at, value);
    public CelExpr Ident(int at, string name) => new IdentExpr(Id(at, 0), at, name);
    public CelExpr Select(int at, CelExpr operand, string field, bool testOnly = false, bool optional = false) => new SelectExpr(Id(at, Height(operand)), at, operand, field, testOnly, optional);
    public CelExpr Call(int at, CelExpr? target, string function, params ImmutableArray<CelExpr> arguments) => new CallExpr(Id(at, Math.Max(target is null ? 0 : Height(target), Highest(arguments))), at, target, function, arguments);
    public CelExpr List(int at, ImmutableArray<CelExpr> elements, ImmutableArray<int> optionalIndices) => new ListExpr(Id(at, Highest(elements)), at, elements, optionalIndices);
    public CelExpr List(int at) => List(at, [], []);
    public CelExpr Struct(int at, string name) => new StructExpr(Id(at, 0), at, name);

    public CelExpr Map(int at, ImmutableArray<MapEntry> entries)
    {
        var highest = 0;
        foreach (var entry in entries) highest = Math.Max(highest, Math.Max(Height(entry.Key), Height(entry.Value)));
        return new MapExpr(Id(at, highest), at, entries);
    }

    public CelExpr Comprehension(int at, string iterVar, string? iterVar2, CelExpr range, string accuVar, CelExpr accuInit, CelExpr condition, CelExpr step, CelExpr result) =>
        new ComprehensionExpr(Id(at, Highest([range, accuInit, condition, step, result])), at, iterVar, iterVar2, range, accuVar, accuInit, condition, step, result);

    /// <summary>
    /// Joins the terms of a chain of one logical operator to a tree as flat as can be, so that a long list of alternatives is not a deep one. The order of
    /// the terms stays; the meaning does too, since both operators absorb errors from either side.
    /// </summary>
    public CelExpr Balanced(string function, List<CelExpr> terms, List<int> operators) => Balanced(function, terms, operators, 0, terms.Count - 1);

    private CelExpr Balanced(string function, List<CelExpr> terms, List<int> operators, int first, int last)
    {
        if (first == last) return terms[first];
        var middle = (first + last) / 2;
        return Call(operators[middle], null, function, Balanced(function, terms, operators, first, middle), Balanced(function, terms, operators, middle + 1, last));
    }

    private int Id(int at, int below)
    {
        if (below + 1 > limits.MaxDepth) throw new CelSyntaxException(at, $"this is nested too deeply (the limit is {limits.MaxDepth} levels)");
        if (_heights.Count >= limits.MaxNodes) throw new CelSyntaxException(at, $"the expression is too large from here on (the limit is {limits.MaxNodes} parts)");
        _heights.Add(below + 1);
        return _heights.Count - 1;
    }

    private int Height(CelExpr node) => _heights[node.Id];

    private int Highest(ImmutableArray<CelExpr> nodes)
    {
        var highest = 0;
        foreach (var node in nodes) highest = Math.Max(highest, Height(node));
        return highest;
    }
}
