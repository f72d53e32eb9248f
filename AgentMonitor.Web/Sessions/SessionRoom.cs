using System.Collections.Concurrent;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Storage;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Sessions;

/// <summary>
/// Sessions in memory, and the turn that serialises the calls of one session. A session that is not here comes from the store; the
/// least recently used leave when there are too many. What is here is always committed: a state replaces the one before it only
/// after its commit.
/// </summary>
public sealed class SessionRoom(StateStore store, IOptions<MonitorOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<SessionKey, Seat> _seats = new();
    private int _sweeping;
    // Counted here: the dictionary takes all its locks to count.
    private int _count;
    private long _values;

    /// <summary>Sessions in memory.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Values of sessions in memory whose origins are kept, eleven bytes each.</summary>
    public long OriginValues => Volatile.Read(ref _values);

    /// <summary>Waits for the session's turn. Nobody else decides in it until the turn is disposed.</summary>
    public async ValueTask<Turn> TakeAsync(SessionKey key, CancellationToken cancellationToken)
    {
        while (true)
        {
            var seat = SeatOf(key);
            await seat.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            // It may have left memory while we waited; whoever comes now finds a new seat.
            if (seat.Gone)
            {
                seat.Gate.Release();
                continue;
            }
            try
            {
                if (!seat.Loaded) Load(seat);
                seat.LastUsed = clock.GetTimestamp();
                if (Count > options.Value.Limits.SessionsInMemory || OriginValues > options.Value.Limits.OriginValuesInMemory) Sweep();
                return new Turn(this, seat);
            }
            catch
            {
                seat.Gate.Release();
                throw;
            }
        }
    }

    /// <summary>The committed state of a session that is in memory; null when it is not or nobody named it yet.</summary>
    public SessionState? Peek(SessionKey key) => _seats.TryGetValue(key, out var seat) && seat.Loaded ? seat.State : null;

    /// <summary>The committed state, from memory or the store; null when nobody ever named the session.</summary>
    public SessionState? Find(SessionKey key) => Peek(key) ?? store.Session(key);

    private Seat SeatOf(SessionKey key)
    {
        if (_seats.TryGetValue(key, out var seat)) return seat;
        var fresh = new Seat(key);
        seat = _seats.GetOrAdd(key, fresh);
        if (ReferenceEquals(seat, fresh)) Interlocked.Increment(ref _count);
        return seat;
    }

    private void Load(Seat seat)
    {
        seat.State = store.Session(seat.Key);
        seat.Calls = new RecentCalls();
        seat.Times = new CallTimes();
        if (seat.State is not null)
        {
            seat.State = seat.State with { Origins = store.Origins(seat.Key) };
            seat.Times = store.CallTimes(seat.Key);
            var (calls, complete) = store.Calls(seat.Key, RecentCalls.DefaultCapacity);
            foreach (var (callId, decisionId, digest) in calls) seat.Calls.Add(callId, new(decisionId, digest));
            if (!complete) seat.Calls.MarkIncomplete();
        }
        CountValues(seat);
        seat.Loaded = true;
    }

    // Called by whoever holds the seat's gate.
    private void CountValues(Seat seat)
    {
        var now = seat.Gone ? 0 : seat.State?.Origins.Count ?? 0;
        Interlocked.Add(ref _values, now - seat.CountedValues);
        seat.CountedValues = now;
    }

    /// <summary>Lets a tenth of the least recently used sessions leave. One sweep at a time; seats in use stay.</summary>
    private void Sweep()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) != 0) return;
        _ = Task.Run(() =>
        {
            try
            {
                var (sessions, values) = (options.Value.Limits.SessionsInMemory / 10 * 9, options.Value.Limits.OriginValuesInMemory / 10 * 9);
                foreach (var seat in _seats.Values.OrderBy(s => s.LastUsed).ToList())
                {
                    if (Count <= sessions && OriginValues <= values) break;
                    // Few values are no reason to go when only values are too many.
                    if (Count <= sessions && seat.CountedValues < 256) continue;
                    if (!seat.Gate.Wait(0)) continue;
                    seat.Gone = true;
                    CountValues(seat);
                    if (_seats.TryRemove(new(seat.Key, seat))) Interlocked.Decrement(ref _count);
                    seat.Gate.Release();
                }
            }
            finally { Volatile.Write(ref _sweeping, 0); }
        });
    }

    /// <summary>A session's place in memory. All members belong to whoever holds the gate, but for reading the state.</summary>
    internal sealed class Seat(SessionKey key)
    {
        public int CountedValues { get; set; }
        private SessionState? _state;
        public SessionKey Key => key;
        public SemaphoreSlim Gate { get; } = new(1, 1);
        public SessionState? State { get => Volatile.Read(ref _state); set => Volatile.Write(ref _state, value); }
        public RecentCalls Calls { get; set; } = new();
        public CallTimes Times { get; set; } = new();
        public DateTimeOffset SavedAt { get; set; }
        public volatile bool Loaded;
        public long LastUsed { get; set; }
        public bool Gone { get; set; }
    }

    /// <summary>The exclusive right to decide in a session.</summary>
    public sealed class Turn : IDisposable
    {
        private readonly SessionRoom _room;
        private readonly Seat _seat;
        private bool _released;

        internal Turn(SessionRoom room, Seat seat) => (_room, _seat) = (room, seat);

        /// <summary>The committed state; null when nobody named the session before.</summary>
        public SessionState? State => _seat.State;
        /// <summary>The call ids it has used.</summary>
        public RecentCalls Calls => _seat.Calls;
        /// <summary>When its tools were allowed.</summary>
        public CallTimes Times => _seat.Times;
        /// <summary>When the state was last written to the store by this process.</summary>
        public DateTimeOffset SavedAt => _seat.SavedAt;

        /// <summary>Replaces the state, after its commit.</summary>
        public void Committed(SessionState state, DateTimeOffset? savedAt)
        {
            _seat.State = state;
            _room.CountValues(_seat);
            if (savedAt is { } at) _seat.SavedAt = at;
        }

        /// <summary>Forgets what is in memory, after a commit that failed: the store knows what holds.</summary>
        public void Invalidate() => _seat.Loaded = false;

        /// <summary>Passes the turn on.</summary>
        public void Dispose()
        {
            if (_released) return;
            _released = true;
            _seat.Gate.Release();
        }
    }
}
