using System.Text.Json;
using AgentMonitor.Core.Cel;
using Xunit;

namespace AgentMonitor.Tests.Core.Cel;

/// <summary>Evaluates expressions for tests.</summary>
internal static class Run
{
    public static CelValue Expression(string source, CelBudget? budget = null, params (string Name, CelValue Value)[] variables)
    {
        var ast = CelParser.Parse(source, CelLimits.Default, out var issues);
        Assert.True(ast is not null, $"{source}: {(issues.IsEmpty ? "" : issues[0].Message)}");
        var program = CelPlanner.PlanUnchecked(ast, "", variables.Select(v => v.Name));
        return program.Evaluate(new CelBindings(variables.ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal)), budget ?? CelBudget.Default);
    }

    public static CelValue Over(string json, string source, CelBudget? budget = null)
    {
        // The document stays alive with the values that lie in it.
        return Expression(source, budget, ("args", CelValue.Of(JsonDocument.Parse(json).RootElement)));
    }

    public static void IsTrue(string source) => Assert.True(Expression(source).IsTrue, $"{source} is {Expression(source)}");
    public static void IsTrue(string json, string source) => Assert.True(Over(json, source).IsTrue, $"{source} is {Over(json, source)}");
    public static string Error(string source)
    {
        var value = Expression(source);
        Assert.True(value.IsError, $"{source} is {value}");
        return value.AsError.Message;
    }
}
