using AgentMonitor.Bench.CelConformance;
using Xunit;

namespace AgentMonitor.Tests.Core.Cel;

public sealed class CelFuzzTests
{
    private static readonly string[] Known = [.. LanguageCase.Read(Path.Combine(AppContext.BaseDirectory, "Core", "Cel", "language-cases.txt")).Select(line => line.Split(" => ")[0].TrimStart('~', ' '))];

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(300)]
    [InlineData(4000)]
    public void Language_FedWithMadeUpExpressions_EndsWithAValueOrAnError(int seed)
    {
        var failures = new List<string>();
        var counts = new CelFuzzTarget.Counts();
        // The smallest stack that a thread of the server has.
        var worker = new Thread(() =>
        {
            var fuzz = new CelFuzz(seed, Known);
            for (var i = 0; i < 1_000; i++)
            {
                var source = fuzz.Next();
                if (CelFuzzTarget.Run(source, i, counts) is { } failure) failures.Add($"number {i}: {source}\n{failure}");
            }
        }, 1 << 20);
        worker.Start();
        Assert.True(worker.Join(TimeSpan.FromMinutes(2)), "an expression does not end");
        Assert.Empty(failures);
        // The made-up expressions must not all be stopped at the door.
        Assert.True(counts.Values > 200 && counts.Refused > 20 && counts.Failed > 20 && counts.NotRead > 100, $"{counts.Values} values, {counts.Failed} errors, {counts.Refused} refused, {counts.NotRead} not read");
    }
}
