using System.Diagnostics;

namespace AgentMonitor.Bench.Throughput;

/// <summary>Puts load on a server: each connection sends its next request when the last one is answered.</summary>
internal static class Load
{
    public static async Task<Measurement> RunAsync(ServerProcess server, string key, Workload workload, int connections, TimeSpan duration)
    {
        var open = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => HttpConnection.OpenAsync(server.Address)));
        try
        {
            var runners = open.Select(c => workload.For(c, key)).ToList();
            // The first exchange of each opens its session; it is not counted.
            await Task.WhenAll(runners.Select(r => r.StepAsync().AsTask()));
            var processor = server.ProcessorTime;
            var started = Stopwatch.GetTimestamp();
            var end = started + (long)(duration.TotalSeconds * Stopwatch.Frequency);
            var ticks = await Task.WhenAll(runners.Select(r => Task.Run(() => LoopAsync(r, end))));
            var elapsed = Stopwatch.GetElapsedTime(started);
            return new(ticks.Sum(t => t.Count), elapsed, server.ProcessorTime - processor, [.. ticks.SelectMany(t => t)]);
        }
        finally
        {
            foreach (var connection in open) connection.Dispose();
        }
    }

    private static async Task<List<long>> LoopAsync(Workload.Runner runner, long end)
    {
        var ticks = new List<long>(4_096);
        var before = Stopwatch.GetTimestamp();
        while (before < end)
        {
            await runner.StepAsync();
            var after = Stopwatch.GetTimestamp();
            ticks.Add(after - before);
            before = after;
        }
        return ticks;
    }
}

/// <summary>What was measured in one round.</summary>
/// <param name="Count">Exchanges.</param>
/// <param name="Elapsed">The time they took.</param>
/// <param name="Processor">The processor time that the server used meanwhile.</param>
/// <param name="Ticks">How long each took.</param>
internal sealed record Measurement(int Count, TimeSpan Elapsed, TimeSpan Processor, long[] Ticks)
{
    public double PerSecond => Count / Elapsed.TotalSeconds;
    public double ProcessorMicros => Processor.TotalMicroseconds / Count;
}

/// <summary>The rounds of one kind of request.</summary>
internal sealed class Series
{
    private readonly List<Measurement> _rounds = [];
    private long[]? _sorted;

    public IReadOnlyList<Measurement> Rounds => _rounds;

    public void Add(Measurement measurement)
    {
        _rounds.Add(measurement);
        _sorted = null;
    }

    public double PerSecond => Median(_rounds.Select(r => r.PerSecond));
    public double ProcessorMicros => Median(_rounds.Select(r => r.ProcessorMicros));

    /// <summary>A percentile over all rounds, in milliseconds.</summary>
    public double Percentile(double percent)
    {
        _sorted ??= [.. _rounds.SelectMany(r => r.Ticks).Order()];
        return _sorted[Math.Min(_sorted.Length - 1, (int)(_sorted.Length * percent / 100))] * 1_000.0 / Stopwatch.Frequency;
    }

    /// <summary>A quotient of each round with the same round of another series: lowest, median, highest.</summary>
    public (double Low, double Median, double High) Against(Series other, Func<Measurement, double> of)
    {
        var ratios = _rounds.Zip(other._rounds, (mine, theirs) => of(mine) / of(theirs)).Order().ToList();
        return (ratios[0], Median(ratios), ratios[^1]);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
