using AgentMonitor.Core.Cel;
using Xunit;

namespace AgentMonitor.Tests.Core.Cel;

public sealed class CelFrontEndTests
{
    private static CelChecked Checked(string source, CelEnvironment environment)
    {
        var ast = CelParser.Parse(source, CelLimits.Default, out var issues);
        Assert.Empty(issues);
        var known = CelChecker.Check(ast!, environment, out issues);
        Assert.Empty(issues);
        return known!;
    }

    private static string? Refused(string source, CelLimits limits) => CelParser.Parse(source, limits, out var issues) is null ? issues[0].Message : null;

    // ---- limits

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("[", "", "]")]
    [InlineData("!", "true", "")]
    [InlineData("-", "x", "")]
    [InlineData("", "x", "[0]")]
    [InlineData("", "x", ".a")]
    [InlineData("", "x", ".f()")]
    [InlineData("", "1", " + 1")]
    [InlineData("true ? 1 : ", "2", "")]
    [InlineData("{1: ", "2", "}")]
    [InlineData("f(", "2", ")")]
    [InlineData("[1].map(x, ", "x", ")")]
    [InlineData("", "[1]", ".map(x, x)")]
    [InlineData("cel.bind(x, 1, ", "x", ")")]
    public void Expression_NestedTooDeeply_IsRefusedAndNotReadToTheEndOfTheStack(string open, string middle, string close)
    {
        string Nested(int levels) => string.Concat(Enumerable.Repeat(open, levels)) + middle + string.Concat(Enumerable.Repeat(close, levels));
        string? deep = null;
        var worker = new Thread(() => deep = Refused(Nested(20_000), new(1_000_000, CelLimits.Default.MaxDepth, 1_000_000)), 256 * 1024);
        worker.Start();
        worker.Join();
        Assert.Contains("nested too deeply", deep, StringComparison.Ordinal);
        // The language asks for 32.
        Assert.Null(Refused(Nested(50), CelLimits.Default));
    }

    [Theory]
    [InlineData("true || ", "true")]
    [InlineData("true && ", "true")]
    public void ChainOfConditions_Long_IsNotDeep(string part, string last) => Assert.Null(Refused(string.Concat(Enumerable.Repeat(part, 1_000)) + last, CelLimits.Default));

    [Fact]
    public void Expression_TooLong_IsRefusedUnread() => Assert.Equal("the expression has 10001 characters, and may have 10000", Refused(new string('(', 10_001), CelLimits.Default));

    [Fact]
    public void Expression_WithTooManyParts_IsRefused() => Assert.Contains("too large", Refused($"[{string.Join(',', Enumerable.Repeat('1', 100))}]", new(1_000, 100, 100)), StringComparison.Ordinal);

    [Fact]
    public void OptionalMacros_Chained_DoNotMultiply()
    {
        var ast = CelParser.Parse("x" + string.Concat(Enumerable.Repeat(".optMap(v, v)", 20)), CelLimits.Default, out _);
        Assert.InRange(ast!.NodeCount, 20, 1_000);
    }

    [Fact]
    public void Types_MadeToGrow_AreRefusedOrForgottenInTime()
    {
        // Every step doubles the type.
        var source = string.Concat(Enumerable.Repeat("cel.bind(n, [{'a': [n == n ? n : n], 'b': n}, {'c': [n]}], ", 60)) + "n == n" + new string(')', 60);
        var ast = CelParser.Parse("cel.bind(n, 1, " + source + ")", CelLimits.Default, out var issues);
        Assert.Empty(issues);
        var known = CelChecker.Check(ast!, CelEnvironment.Standard, out issues);
        Assert.True(known is not null || issues.All(issue => issue.Message.Contains("too large", StringComparison.Ordinal)));
    }

    // ---- trees

    [Theory]
    [InlineData("[1].all(x, x > 0)")]
    [InlineData("[1].map(x, x > 0, x).filter(y, y > 1).exists_one(z, z == 1)")]
    [InlineData("{'a': 1}.transformMap(k, v, v > 0, v)")]
    [InlineData("optional.of(1).optMap(x, x).optFlatMap(y, optional.of(y))")]
    [InlineData("cel.bind(a, 1, a + a) == 2 && has({'a': 1}.a) || math.greatest(1, 2, 3) > 2")]
    public void Tree_OfAnyExpression_HasEachNumberOnce(string source)
    {
        var ast = CelParser.Parse(source, CelLimits.Default, out _)!;
        var seen = new HashSet<int>();
        Walk(ast.Root);
        Assert.All(seen, id => Assert.InRange(id, 0, ast.NodeCount - 1));

        void Walk(CelExpr node)
        {
            Assert.True(seen.Add(node.Id), $"{node.Id} occurs twice");
            Assert.InRange(node.Position, 0, source.Length - 1);
            IEnumerable<CelExpr?> children = node switch
            {
                SelectExpr select => [select.Operand],
                CallExpr call => [call.Target, .. call.Arguments],
                ListExpr list => list.Elements,
                MapExpr map => map.Entries.SelectMany(entry => new CelExpr?[] { entry.Key, entry.Value }),
                ComprehensionExpr fold => [fold.Range, fold.AccuInit, fold.Condition, fold.Step, fold.Result],
                _ => [],
            };
            foreach (var child in children.OfType<CelExpr>()) Walk(child);
        }
    }

    [Fact]
    public void Macro_OfAnExtensionThatIsOff_IsACall()
    {
        var ast = CelParser.Parse("cel.bind(x, 1, x)", CelLimits.Default, out _, CelExtensions.None);
        Assert.IsType<CallExpr>(ast!.Root);
        Assert.False(CelEnvironment.Of(CelExtensions.None).Functions.ContainsKey("optional.of"));
        Assert.True(CelEnvironment.Standard.Functions.ContainsKey("optional.of"));
    }

    // ---- names

    [Theory]
    [InlineData("y", "x.y", "", "x")]
    [InlineData(".y", "y", "", "x")]
    [InlineData("a.b.c", "a.b.c", "", "")]
    [InlineData("z", "com.z", "", "com.example")]
    [InlineData("math.ceil(1.5) > 1.0", null, "math.ceil", "")]
    public void Name_InAContainer_IsTheInnermostAndLongest(string source, string? resolved, string function, string container)
    {
        var environment = CelEnvironment.Standard with { Container = container };
        foreach (var name in (string[])["x.y", "y", "a.b.c", "a.b", "com.z", "z"]) environment = environment.WithVariable(name, CelType.Bool);
        var known = Checked(source, environment);
        Assert.Equal(resolved, known.ResolvedNames[known.Ast.Root.Id]);
        if (function.Length > 0) Assert.Contains(function, known.FunctionNames);
    }

    [Fact]
    public void VariableOfAMacro_HidesDottedNames()
    {
        var known = Checked("[{'z': 0}].exists(y, y.z == 0)", CelEnvironment.Standard.WithVariable("y.z", CelType.String));
        Assert.DoesNotContain("y.z", known.ResolvedNames);
    }

    [Fact]
    public void Function_AddedToAnEnvironment_KeepsTheOverloadsThatWereThere()
    {
        var environment = CelEnvironment.Standard.WithFunction(CelFunction.Of("size", "", CelExtensions.None, "(timestamp) string"));
        Assert.Equal(CelType.String, Checked("size(timestamp(0))", environment).Types[^1]);
        Assert.Equal(CelType.Int, Checked("size('a')", environment).Types[^1]);
    }

    // ---- conditions

    [Theory]
    [InlineData("!args.to.all(a, a.endsWith('@example.com'))")]
    [InlineData("args.amount > 100 && users.exists(u, 'finance' in u.roles && u.verified)")]
    [InlineData("calls('send', duration('10m')) >= 5 || agentCalls(tool.name, duration('1h')) > 100")]
    [InlineData("now - session.startedAt > duration('8h') && session.calls > 200")]
    [InlineData("!vouched(args.to) && origin(args.to) == 'untrusted'")]
    [InlineData("secrets(args).size() > 0")]
    [InlineData("users.all(u, u.attributes.department == 'sales') && 'pii' in session.labels && agent.owner != ''")]
    [InlineData("args.urgent")]
    [InlineData("args.?note.orValue('').contains('x')")]
    public void Condition_OverTheFactsOfACall_IsAccepted(string source)
    {
        Assert.NotNull(CelPolicyEnvironment.Check(source, CelLimits.Default, out var issues));
        Assert.Empty(issues);
    }

    [Fact]
    public void Declarations_NameEveryFact() => Assert.Equal(["agent", "args", "now", "session", "tool", "users"], CelPolicyEnvironment.Conditions.Variables.Keys.Order(StringComparer.Ordinal));
}
