using System.Diagnostics;
using AgentMonitor.Core.Cel;
using Xunit;

namespace AgentMonitor.Tests.Core.Cel;

/// <summary>Whatever an expression does, it ends soon and as a value.</summary>
public sealed class LimitTests
{
    private static string Range(int count) => $"[{string.Join(',', Enumerable.Range(0, count))}]";

    [Fact]
    public void Folds_InsideFolds_EndWithTheBudget()
    {
        var list = Range(100);
        var value = Run.Expression($"{list}.all(a, {list}.all(b, {list}.all(c, {list}.all(d, a + b + c + d >= 0))))");
        Assert.Contains("too many steps", value.AsError.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Budget_OnceExceeded_IsNotAbsorbed()
    {
        var list = Range(100);
        Assert.True(Run.Expression($"true || {list}.all(a, {list}.all(b, true))", new CelBudget(50)).IsTrue);
        Assert.True(Run.Expression($"{list}.all(a, {list}.all(b, true)) || true", new CelBudget(50)).IsError);
    }

    [Theory]
    // Each doubles what was before it: a list, a text, a tree of shared lists compared or printed.
    [InlineData("cel.bind(a, a + a, ", "[1, 2]", "size(a)")]
    [InlineData("cel.bind(a, a + a, ", "'ab'", "size(a)")]
    [InlineData("cel.bind(a, [a, a], ", "[1]", "a == [a] || a == a")]
    [InlineData("cel.bind(a, [a, a], ", "[1]", "'%s'.format([a])")]
    [InlineData("cel.bind(a, a.replace('b', 'bb'), ", "'b'", "a")]
    [InlineData("cel.bind(a, {'k': a, 'l': a}, ", "1", "a == a")]
    public void Growth_ByDoubling_IsAnError(string step, string start, string result)
    {
        const int Count = 40;
        var started = Stopwatch.GetTimestamp();
        var value = Run.Expression($"cel.bind(a, {start}, {string.Concat(Enumerable.Repeat(step, Count))}{result}{new string(')', Count + 1)}");
        Assert.True(value.IsError, value.ToString());
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Step_OfAFold_CostsMoreTheLargerItIs()
    {
        var body = $"[{string.Join(',', Enumerable.Repeat("x == 1", 400))}].size()";
        Assert.True(Run.Expression($"{Range(500)}.map(x, {body})", new CelBudget(10_000)).IsError);
        Assert.False(Run.Expression($"{Range(500)}.map(x, x)", new CelBudget(10_000)).IsError);
    }

    [Fact]
    public void Program_SharedByThreads_AnswersAlike()
    {
        var ast = CelParser.Parse("[1, 2, 3, 4].map(a, [a, a + 1].filter(b, b % 2 == 0).map(c, c * a)).size() + int('1' + '0') == 14 && x.matches(y)", CelLimits.Default, out _)!;
        var program = CelPlanner.PlanUnchecked(ast, "", ["x", "y"]);
        Parallel.For(0, 2_000, i =>
        {
            var bindings = new CelBindings(new Dictionary<string, CelValue> { ["x"] = CelValue.Of($"text{i % 7}"), ["y"] = CelValue.Of($"t{i % 7}$") });
            Assert.True(program.Evaluate(bindings).IsTrue);
        });
    }
}
