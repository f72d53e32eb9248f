using System.Text.Json;
using AgentMonitor.Core.Cel;

namespace AgentMonitor.Bench.CelConformance;

/// <summary>Runs a case and judges it as the suite does.</summary>
internal static class CelJudge
{
    /// <summary>The suite's longest expressions are tables of hundreds of elements; depth is as for policies.</summary>
    public static readonly CelLimits Limits = new(100_000, CelLimits.Default.MaxDepth, 100_000);

    /// <summary>Null when the case passes, else what was wanted and what came.</summary>
    public static string? Run(CelCase @case)
    {
        try
        {
            return Judge(@case);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return $"threw {error.GetType().Name}: {error.Message} {error.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}";
        }
    }

    private static string? Judge(CelCase @case)
    {
        var expect = @case.Expect;
        var wantsError = expect.TryGetProperty("error", out _);
        if (CelParser.Parse(@case.Expression, Limits, out var issues) is not { } ast) return wantsError ? null : $"was not read: {Text(@case, issues)}";
        CelProgram program;
        CelType? type = null;
        if (@case.Unchecked) program = CelPlanner.PlanUnchecked(ast, @case.Container);
        else
        {
            if (CelChecker.Check(ast, @case.Environment(), out issues) is not { } found) return wantsError ? null : $"was refused: {Text(@case, issues)}";
            type = found.Types[ast.Root.Id];
            if (@case.CheckOnly) return Type(expect, type);
            program = CelPlanner.Plan(found);
        }
        var value = program.Evaluate(new CelBindings(@case.Bindings()));
        if (wantsError) return value.IsError ? null : $"wanted an error, got {CelCaseValues.Show(value)}";
        if (expect.TryGetProperty("value", out var wanted)) return CelCaseValues.Difference(wanted, value);
        if (!expect.TryGetProperty("typed_result", out var typed)) return $"this cannot be judged: {expect.GetRawText()}";
        return Type(expect, type) ?? (typed.TryGetProperty("value", out wanted) ? CelCaseValues.Difference(wanted, value) : null);
    }

    private static string? Type(JsonElement expect, CelType? got)
    {
        if (!expect.TryGetProperty("typed_result", out var typed)) return null;
        var wanted = CelCaseValues.Type(typed.GetProperty("type"));
        return wanted == got ? null : $"wanted type {wanted}, got {got?.ToString() ?? "none"}";
    }

    private static string Text(CelCase @case, IEnumerable<CelIssue> issues) => string.Join("; ", issues.Select(issue => CelDiagnostics.Format(@case.Expression, issue).Split('\n')[0]));
}
