using System.Collections.Concurrent;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Configuration;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Live;

/// <summary>
/// What pages and hub clients watch: the newest ledger entries in memory, counts for each minute of the last hour, and
/// notifications that carry no data. Publishing never waits for a viewer: a viewer that is slow reads later, from its own
/// position, and is told how much left the memory meanwhile.
/// </summary>
public sealed class LiveFeed(IOptions<MonitorOptions> options, TimeProvider clock)
{
    /// <summary>Minutes that activity counts go back.</summary>
    public const int ActivityMinutes = 60;

    private readonly Lock _lock = new();
    // Bounded by LimitOptions.FeedEntries; the oldest is overwritten. Cleared never.
    private readonly LedgerEntry[] _ring = new LedgerEntry[Math.Max(16, options.Value.Limits.FeedEntries)];
    private long _count;
    // Agents are registered by operators, so this is bounded by them.
    private readonly ConcurrentDictionary<string, AgentActivity> _activity = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<FeedSubscription, byte> _subscriptions = new();

    /// <summary>The newest sequence published; 0 before the first.</summary>
    public long LastSequence { get; private set; }

    /// <summary>The oldest sequence still in memory; 0 when nothing is.</summary>
    public long FirstSequence
    {
        get { lock (_lock) return _count == 0 ? 0 : _ring[Math.Max(0, _count - _ring.Length) % _ring.Length].Sequence; }
    }

    /// <summary>Adds entries in order of sequence and wakes the subscribers.</summary>
    public void Publish(IReadOnlyList<LedgerEntry> entries)
    {
        if (entries.Count == 0) return;
        lock (_lock)
        {
            foreach (var entry in entries)
            {
                _ring[_count++ % _ring.Length] = entry;
                LastSequence = entry.Sequence;
                if (entry.Agent is not null) ActivityOf(entry.Agent).Add(entry);
            }
        }
        foreach (var subscription in _subscriptions.Keys) subscription.Signal();
    }

    /// <summary>The newest entries that pass <paramref name="filter"/>, newest first.</summary>
    /// <param name="filter">Which entries.</param>
    /// <param name="max">At most this many.</param>
    /// <param name="before">Only entries older than this sequence; null: from the newest.</param>
    public IReadOnlyList<LedgerEntry> Newest(Func<LedgerEntry, bool> filter, int max, long? before = null)
    {
        var found = new List<LedgerEntry>(Math.Min(max, 64));
        lock (_lock)
        {
            for (var i = _count - 1; i >= Math.Max(0, _count - _ring.Length) && found.Count < max; i--)
            {
                var entry = _ring[i % _ring.Length];
                if ((before is null || entry.Sequence < before) && filter(entry)) found.Add(entry);
            }
        }
        return found;
    }

    /// <summary>The entries after a sequence, oldest first, and how many in between have left the memory.</summary>
    public (IReadOnlyList<LedgerEntry> Entries, long Missed) After(long sequence, int max)
    {
        lock (_lock)
        {
            if (_count == 0 || sequence >= LastSequence) return ([], 0);
            // Sequences have no gaps, so the distance from the newest says where an entry lies.
            var held = Math.Min(_count, _ring.Length);
            var wanted = LastSequence - sequence;
            var missed = Math.Max(0, wanted - held);
            var take = Math.Min(wanted - missed, max);
            var start = _count - (wanted - missed);
            var found = new LedgerEntry[take];
            for (var i = 0; i < take; i++) found[i] = _ring[(start + i) % _ring.Length];
            return (found, missed);
        }
    }

    /// <summary>How many entries pass the filter with a sequence above <paramref name="after"/>.</summary>
    public int CountAfter(long after, Func<LedgerEntry, bool> filter)
    {
        var count = 0;
        lock (_lock)
        {
            for (var i = _count - 1; i >= Math.Max(0, _count - _ring.Length); i--)
            {
                var entry = _ring[i % _ring.Length];
                if (entry.Sequence <= after) break;
                if (filter(entry)) count++;
            }
        }
        return count;
    }

    /// <summary>Calls and denials of an agent, minute by minute, oldest first, always <see cref="ActivityMinutes"/> of them.</summary>
    public IReadOnlyList<MinuteCount> Activity(string agent)
    {
        lock (_lock) return ActivityOf(agent).Minutes(clock.GetUtcNow());
    }

    /// <summary>Calls and denials of all agents, minute by minute.</summary>
    public IReadOnlyList<MinuteCount> ActivityOfAll()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            var all = _activity.Values.Select(a => a.Minutes(now)).ToList();
            if (all.Count == 0) return new AgentActivity().Minutes(now);
            return [.. Enumerable.Range(0, ActivityMinutes).Select(i => new MinuteCount(
                all[0][i].Minute, all.Sum(a => a[i].Calls), all.Sum(a => a[i].Denials), all.Sum(a => a[i].Pending)))];
        }
    }

    /// <summary>When the agent last asked for a decision; null when it has not since the oldest entry in memory.</summary>
    public DateTimeOffset? LastAsked(string agent) => _activity.TryGetValue(agent, out var activity) ? activity.LastAsked : null;

    /// <summary>
    /// Calls back, at most once each <paramref name="interval"/>, when something was published. The callback runs on a pool
    /// thread, never two at once; what it throws ends nothing but itself.
    /// </summary>
    /// <param name="name">What subscribes, for counting.</param>
    /// <param name="onChanged">Asks the feed for what it shows.</param>
    /// <param name="interval">Shortest time between two calls; pages use 250 ms or more.</param>
    public IDisposable Subscribe(string name, Func<Task> onChanged, TimeSpan interval)
    {
        var subscription = new FeedSubscription(name, onChanged, interval, clock, ended => _subscriptions.TryRemove(ended, out _));
        _subscriptions.TryAdd(subscription, 0);
        return subscription;
    }

    /// <summary>How many subscriptions of that name are open: after a page is left, none may remain.</summary>
    public int Subscriptions(string name) => _subscriptions.Keys.Count(s => s.Name == name);

    private AgentActivity ActivityOf(string agent) => _activity.GetOrAdd(agent, _ => new AgentActivity());
}

/// <summary>What happened in one minute.</summary>
/// <param name="Minute">Its start.</param>
/// <param name="Calls">Decisions on tool calls.</param>
/// <param name="Denials">Those that were denied.</param>
/// <param name="Pending">Those that waited for a person.</param>
public sealed record MinuteCount(DateTimeOffset Minute, int Calls, int Denials, int Pending);

/// <summary>Counts of one agent in a ring of minutes.</summary>
internal sealed class AgentActivity
{
    private readonly (long Minute, int Calls, int Denials, int Pending)[] _minutes = new (long, int, int, int)[LiveFeed.ActivityMinutes];

    public DateTimeOffset? LastAsked { get; private set; }

    public void Add(LedgerEntry entry)
    {
        if (entry.Kind is LedgerKind.ToolCall or LedgerKind.ModelCall && (LastAsked is null || entry.At > LastAsked)) LastAsked = entry.At;
        if (entry.Kind != LedgerKind.ToolCall) return;
        var minute = entry.At.ToUnixTimeSeconds() / 60;
        ref var slot = ref _minutes[minute % LiveFeed.ActivityMinutes];
        if (slot.Minute != minute) slot = (minute, 0, 0, 0);
        slot.Calls++;
        if (entry.Decision == "deny") slot.Denials++;
        if (entry.Decision == "pending") slot.Pending++;
    }

    public IReadOnlyList<MinuteCount> Minutes(DateTimeOffset now)
    {
        var last = now.ToUnixTimeSeconds() / 60;
        return [.. Enumerable.Range(0, LiveFeed.ActivityMinutes).Select(i =>
        {
            var minute = last - LiveFeed.ActivityMinutes + 1 + i;
            var slot = _minutes[minute % LiveFeed.ActivityMinutes];
            var start = DateTimeOffset.FromUnixTimeSeconds(minute * 60);
            return slot.Minute == minute ? new MinuteCount(start, slot.Calls, slot.Denials, slot.Pending) : new MinuteCount(start, 0, 0, 0);
        })];
    }
}
