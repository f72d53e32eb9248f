using System.Collections.Concurrent;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Storage;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Ledger;

/// <summary>Told of every committed group, in order, by the writer's thread. Must be quick and must not throw.</summary>
public interface ICommitObserver
{
    /// <summary>These entries are durable.</summary>
    void Committed(IReadOnlyList<LedgerEntry> entries);
}

/// <summary>
/// The single writer. Work is committed in the order in which it was enqueued, in groups, and its task ends only when it is durable
/// (or failed: then nothing of it is kept). The queue is bounded by places that a caller reserves first; a full queue makes callers
/// wait and then fails them, so that nothing is ever answered that is not recorded.
/// </summary>
public sealed partial class LedgerWriter : IDisposable
{
    private readonly BlockingCollection<Work> _queue = [];
    private readonly SemaphoreSlim _places;
    private readonly StorageOptions _options;
    private readonly SqliteLedgerStore _store;
    private readonly IReadOnlyList<ICommitObserver> _observers;
    private readonly ILogger<LedgerWriter> _logger;
    private readonly Thread _thread;
    private bool _started;

    /// <summary>Creates the writer; <see cref="Start"/> makes it run.</summary>
    public LedgerWriter(SqliteConnections connections, IOptions<MonitorOptions> options, IEnumerable<ICommitObserver> observers, ILogger<LedgerWriter> logger)
    {
        _options = options.Value.Storage;
        _places = new(_options.QueueCapacity, _options.QueueCapacity);
        _store = new(connections);
        _observers = [.. observers];
        _logger = logger;
        _thread = new(Run) { IsBackground = true, Name = "ledger-writer" };
    }

    /// <summary>Groups committed since the start.</summary>
    public long Commits { get; private set; }
    /// <summary>Entries committed since the start.</summary>
    public long Entries { get; private set; }
    /// <summary>Groups that failed since the start.</summary>
    public long Failures { get; private set; }
    /// <summary>Work that waits.</summary>
    public int QueueDepth => _queue.Count;
    /// <summary>Whether the newest group was committed.</summary>
    public bool Healthy { get; private set; } = true;

    /// <summary>Starts the thread, after the schema is there.</summary>
    public void Start()
    {
        _started = true;
        _thread.Start();
    }

    /// <summary>
    /// Reserves a place in the queue. Each reserved place must be given to <see cref="Enqueue"/> or back to <see cref="Release"/>.
    /// </summary>
    /// <exception cref="RefusedException">503 <c>ledger-busy</c>: the queue stayed full.</exception>
    public async ValueTask ReserveAsync(CancellationToken cancellationToken)
    {
        if (_places.Wait(0, cancellationToken)) return;
        if (!await _places.WaitAsync(_options.QueueTimeout, cancellationToken).ConfigureAwait(false))
            throw new RefusedException(503, "ledger-busy", "the ledger cannot keep up; nothing was decided") { RetryAfter = TimeSpan.FromSeconds(1) };
    }

    /// <summary>Gives back a place that was not used.</summary>
    public void Release() => _places.Release();

    /// <summary>Adds work in a reserved place. Never blocks: callers hold the decision gate.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="changes">The changes that are committed with them.</param>
    /// <param name="inForce">Run after the commit and before anybody is told of it. Short, and throws nothing.</param>
    public Task<IReadOnlyList<LedgerEntry>> Enqueue(IReadOnlyList<LedgerEntry> entries, IReadOnlyList<StateChange> changes, Action? inForce = null)
    {
        var work = new Work(entries, changes, inForce);
        _queue.Add(work);
        return work.Committed.Task;
    }

    /// <summary>Reserves, enqueues and waits for the commit: for everything that is not a decision.</summary>
    public async Task<IReadOnlyList<LedgerEntry>> AppendAsync(IReadOnlyList<LedgerEntry> entries, IReadOnlyList<StateChange> changes)
    {
        await ReserveAsync(CancellationToken.None).ConfigureAwait(false);
        return await Enqueue(entries, changes).ConfigureAwait(false);
    }

    /// <summary>Commits what waits and ends the thread.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        if (_started) _thread.Join(TimeSpan.FromSeconds(10));
        _store.Dispose();
        _queue.Dispose();
        _places.Dispose();
    }

    private void Run()
    {
        var group = new List<Work>(_options.MaxGroup);
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            group.Clear();
            group.Add(first);
            while (group.Count < _options.MaxGroup && _queue.TryTake(out var next)) group.Add(next);
            Commit(group);
        }
    }

    private void Commit(List<Work> group)
    {
        var placed = new List<IReadOnlyList<LedgerEntry>>(group.Count);
        try
        {
            var (sequence, hash) = _head ?? _store.Head();
            _store.Commit(store =>
            {
                foreach (var work in group)
                {
                    var entries = new LedgerEntry[work.Entries.Count];
                    for (var i = 0; i < entries.Length; i++)
                    {
                        entries[i] = LedgerChain.Append(work.Entries[i], sequence + 1, hash);
                        (sequence, hash) = (entries[i].Sequence, entries[i].Hash);
                        store.Insert(entries[i]);
                    }
                    foreach (var change in work.Changes) store.Apply(change);
                    placed.Add(entries);
                }
            });
            _head = (sequence, hash);
            Healthy = true;
        }
        catch (Exception e)
        {
            // What is in the database is asked again before the next group: the commit may have failed half way to us.
            _head = null;
            Failures++;
            Healthy = false;
            LogCommitFailed(_logger, e, group.Count);
            foreach (var work in group)
                work.Committed.SetException(new RefusedException(503, "ledger-unavailable", "the ledger could not record this; nothing was decided") { RetryAfter = TimeSpan.FromSeconds(1) });
            _places.Release(group.Count);
            return;
        }

        Commits++;
        foreach (var work in group) work.InForce?.Invoke();
        foreach (var entries in placed)
        {
            Entries += entries.Count;
            foreach (var observer in _observers) observer.Committed(entries);
        }
        for (var i = 0; i < group.Count; i++) group[i].Committed.SetResult(placed[i]);
        _places.Release(group.Count);
    }

    private (long Sequence, string Hash)? _head;

    private sealed record Work(IReadOnlyList<LedgerEntry> Entries, IReadOnlyList<StateChange> Changes, Action? InForce)
    {
        public TaskCompletionSource<IReadOnlyList<LedgerEntry>> Committed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Error, Message = "A group of {Count} could not be committed; its requests are answered 503")]
    private static partial void LogCommitFailed(ILogger logger, Exception exception, int count);
}
