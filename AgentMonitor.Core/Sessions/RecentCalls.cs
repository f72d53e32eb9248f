namespace AgentMonitor.Core.Sessions;

/// <summary>
/// The call ids a session has used, so that a framework that re-runs its hooks gets the same decision again. Bounded: the oldest
/// are forgotten here (not in the ledger) and <see cref="IsComplete"/> turns false, so that the caller asks the store.
/// Not thread-safe: it belongs to whoever holds the session's turn.
/// </summary>
public sealed class RecentCalls(int capacity = RecentCalls.DefaultCapacity)
{
    /// <summary>Call ids kept in memory for a session: more than almost every session has calls.</summary>
    public const int DefaultCapacity = 512;

    private readonly Dictionary<string, KnownCall> _calls = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>False once a call id was forgotten: a miss here proves nothing then.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>The decision that this call id got, if it is remembered.</summary>
    public KnownCall? Find(string callId) => _calls.TryGetValue(callId, out var known) ? known : null;

    /// <summary>Remembers what a call id got.</summary>
    public void Add(string callId, KnownCall call)
    {
        if (!_calls.TryAdd(callId, call)) return;
        _order.Enqueue(callId);
        if (_order.Count <= capacity) return;
        _calls.Remove(_order.Dequeue());
        IsComplete = false;
    }

    /// <summary>Says that the store holds more than was loaded.</summary>
    public void MarkIncomplete() => IsComplete = false;
}

/// <summary>A call that was decided before.</summary>
/// <param name="DecisionId">The decision it got.</param>
/// <param name="Digest">Digest of what was asked: another digest under the same call id is a conflict.</param>
public sealed record KnownCall(string DecisionId, string Digest);
