namespace AgentMonitor.Core.Sessions;

/// <summary>
/// When tools were called with success, for <c>calls()</c> and <c>agentCalls()</c> in conditions. Bounded: calls are counted by the second, and
/// older ones by the minute once there are many; what is merged counts as its newest call, so a count is never too low. Not thread-safe.
/// </summary>
public sealed class CallTimes
{
    /// <summary>Longest window that can be asked for.</summary>
    public static readonly TimeSpan MaxWindow = TimeSpan.FromHours(24);
    /// <summary>Most tools that are told apart; calls of others are counted together, so a count of them is never too low either.</summary>
    public const int MaxTools = 256;
    private const int MaxBuckets = 256;
    private const string Others = "";

    private Dictionary<string, List<(long Second, int Calls)>>? _tools;

    /// <summary>All calls that were counted, however old.</summary>
    public int Total { get; private set; }

    /// <summary>Counts calls of a tool.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="at">When. A clock that stepped back counts at the newest instant.</param>
    /// <param name="calls">How many.</param>
    public void Add(string tool, DateTimeOffset at, int calls = 1)
    {
        Total += calls;
        _tools ??= new(StringComparer.Ordinal);
        if (!_tools.TryGetValue(tool, out var buckets) && !_tools.TryGetValue(_tools.Count < MaxTools ? tool : Others, out buckets))
            _tools[_tools.Count < MaxTools ? tool : Others] = buckets = [];
        var second = at.ToUnixTimeSeconds();
        if (buckets.Count > 0 && buckets[^1].Second >= second)
        {
            buckets[^1] = (buckets[^1].Second, buckets[^1].Calls + calls);
            return;
        }
        buckets.Add((second, calls));
        if (buckets.Count > MaxBuckets) Merge(buckets, second);
    }

    /// <summary>Calls of a tool at or after <paramref name="since"/>.</summary>
    public int Count(string tool, DateTimeOffset since)
    {
        if (_tools is null || !_tools.TryGetValue(tool, out var buckets) && !(_tools.Count >= MaxTools && _tools.TryGetValue(Others, out buckets))) return 0;
        var from = since.ToUnixTimeSeconds();
        var count = 0;
        for (var i = buckets.Count - 1; i >= 0 && buckets[i].Second >= from; i--) count += buckets[i].Calls;
        return count;
    }

    // The older half goes into minutes, then into ever longer spans; what no window can reach is forgotten.
    private static void Merge(List<(long Second, int Calls)> buckets, long now)
    {
        var oldest = now - (long)MaxWindow.TotalSeconds;
        buckets.RemoveAll(b => b.Second < oldest);
        for (long span = 60; buckets.Count > MaxBuckets / 2 && span <= 86_400; span *= 4)
        {
            var merged = new List<(long Second, int Calls)>();
            foreach (var bucket in buckets)
                if (merged.Count > 0 && merged[^1].Second / span == bucket.Second / span && now - bucket.Second > span) merged[^1] = (bucket.Second, merged[^1].Calls + bucket.Calls);
                else merged.Add(bucket);
            buckets.Clear();
            buckets.AddRange(merged);
        }
    }
}
