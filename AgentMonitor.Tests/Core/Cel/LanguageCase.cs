using AgentMonitor.Bench.CelConformance;
using AgentMonitor.Core.Cel;

namespace AgentMonitor.Tests.Core.Cel;

/// <summary>A line of <c>language-cases.txt</c>.</summary>
internal static class LanguageCase
{
    /// <summary>The lines that are cases.</summary>
    public static IEnumerable<string> Read(string path) => File.ReadLines(path).Where(line => line.Length > 0 && line[0] != '#');

    /// <summary>Null when the case passes. What is checked runs without the checker too, and must come out the same.</summary>
    public static string? Judge(string line)
    {
        var arrow = line.LastIndexOf(" => ", StringComparison.Ordinal);
        var (source, wanted) = (line[..arrow].TrimEnd(' '), line[(arrow + 4)..].Trim());
        var isFree = source.StartsWith("~ ", StringComparison.Ordinal);
        if (isFree) source = source[2..];
        var ast = CelParser.Parse(source, CelLimits.Default, out var issues);
        var known = ast is null || isFree ? null : CelChecker.Check(ast, CelEnvironment.Standard, out issues);
        if (wanted.StartsWith("type ", StringComparison.Ordinal)) return known is null ? $"refused: {issues[0]}" : known.Types[ast!.Root.Id].ToString() is var type && type == wanted[5..] ? null : $"type {type}";
        if (wanted == "error")
        {
            if (ast is null || (known is null && !isFree)) return null;
            var failed = known is null ? Free(ast) : CelPlanner.Plan(known).Evaluate(CelBindings.None);
            return failed.IsError ? null : $"value {CelCaseValues.Show(failed)}";
        }
        if (ast is null || (known is null && !isFree)) return $"refused: {issues[0]}";
        var value = Free(ast);
        var text = CelCaseValues.Show(Free(CelParser.Parse(wanted, CelLimits.Default, out _)!));
        if (CelCaseValues.Show(value) != text) return $"without the checker {CelCaseValues.Show(value)}, wanted {text}";
        if (known is null) return null;
        value = CelPlanner.Plan(known).Evaluate(CelBindings.None);
        return CelCaseValues.Show(value) == text ? null : $"{CelCaseValues.Show(value)}, wanted {text}";
    }

    private static CelValue Free(CelAst ast) => CelPlanner.PlanUnchecked(ast, "").Evaluate(CelBindings.None);
}
