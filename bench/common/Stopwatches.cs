using System.Diagnostics;

namespace AgentMonitor.Bench;

/// <summary>How long something takes and what it allocates, on one thread.</summary>
/// <param name="Median">Nanoseconds of one, median of the samples.</param>
/// <param name="P10">Nanoseconds of one, 10th percentile of the samples: what it costs while nobody else wants the core.</param>
/// <param name="P99">Nanoseconds of one, 99th percentile of the samples.</param>
/// <param name="Bytes">Bytes that one allocates.</param>
internal readonly record struct Cost(double Median, double P10, double P99, double Bytes)
{
    /// <summary>Measures <paramref name="action"/> after warming it up.</summary>
    /// <param name="action">Gives something that depends on the work, so that none of it can be left out.</param>
    /// <param name="perSample">How often it runs for one sample.</param>
    /// <param name="samples">How many samples.</param>
    /// <param name="warmUp">How long it runs before: the compiler replaces what runs often, twice.</param>
    public static Cost Of(Func<long> action, int perSample, int samples, TimeSpan warmUp)
    {
        var sum = 0L;
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < warmUp;)
            for (var i = 0; i < perSample; i++) sum += action();
        GC.Collect();
        var nanoseconds = new double[samples];
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var sample = 0; sample < samples; sample++)
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < perSample; i++) sum += action();
            nanoseconds[sample] = Stopwatch.GetElapsedTime(started).TotalNanoseconds / perSample;
        }
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        GC.KeepAlive(sum);
        Array.Sort(nanoseconds);
        return new(nanoseconds[samples / 2], nanoseconds[samples / 10], nanoseconds[samples * 99 / 100], (double)allocated / samples / perSample);
    }
}
