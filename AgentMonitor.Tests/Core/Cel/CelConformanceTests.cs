using AgentMonitor.Bench.CelConformance;
using Xunit;

namespace AgentMonitor.Tests.Core.Cel;

public sealed class CelConformanceTests
{
    [Fact]
    public void Suite_EveryCaseThatIsNotLeftOut_Passes()
    {
        var path = SuitePath();
        if (path is null) Assert.Skip("../shared/data/cel/dev.jsonl is not there");
        var failures = new List<string>();
        var passed = 0;
        foreach (var @case in CelCase.Read(path))
        {
            if (@case.LeftOut is not null) continue;
            if (CelJudge.Run(@case) is { } difference) failures.Add($"{@case.Id}: {difference}");
            else passed++;
        }
        Assert.Empty(failures);
        Assert.True(passed > 800, $"only {passed} cases ran");
    }

    [Fact]
    public void Language_OwnCases_ComeOutWithAndWithoutTheChecker()
    {
        var lines = LanguageCase.Read(Path.Combine(AppContext.BaseDirectory, "Core", "Cel", "language-cases.txt")).ToList();
        Assert.Empty(lines.Select(line => (line, Difference: LanguageCase.Judge(line))).Where(judged => judged.Difference is not null).Select(judged => $"{judged.line}: {judged.Difference}"));
        Assert.True(lines.Count > 500, $"only {lines.Count} cases");
    }

    internal static string? SuitePath()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "AgentMonitor.sln"))) continue;
            var path = Path.Combine(folder.FullName, "..", "shared", "data", "cel", "dev.jsonl");
            return File.Exists(path) ? path : null;
        }
        return null;
    }
}
