using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AgentMonitor.Bench.Throughput;

/// <summary>What the figures depend on.</summary>
internal static class Machine
{
    public static string Facts() =>
        $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}, {Repository.Configuration}; SQLite, WAL, synchronous=FULL; 4 KB appended and fsynced in {FsyncMs():0.00} ms (median of 200)";

    /// <summary>How many processes want a core, averaged over the last minute; null where the system does not say.</summary>
    public static string? LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : null;

    private static double FsyncMs()
    {
        var path = Path.Combine(Path.GetTempPath(), $"agentmonitor-fsync-{Environment.ProcessId}");
        try
        {
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            var block = new byte[4_096];
            var times = new List<double>();
            for (var i = 0; i < 200; i++)
            {
                var started = Stopwatch.GetTimestamp();
                file.Write(block);
                file.Flush(flushToDisk: true);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
            return Series.Median(times);
        }
        finally { File.Delete(path); }
    }
}
