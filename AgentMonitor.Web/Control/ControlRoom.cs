using System.Collections.Immutable;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Storage;

namespace AgentMonitor.Web.Control;

/// <summary>
/// Holds the current snapshot of everything that operators control, and makes its changes: recorded, durable and in force, in an
/// order that the ledger shows.
/// </summary>
public sealed class ControlRoom(StateStore store, LedgerWriter writer, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private ControlSnapshot _current = null!;

    /// <summary>
    /// Held while a decision takes its snapshot, evaluates and enqueues, and while a change comes into force and enqueues: some
    /// microseconds, never across a wait. So the ledger's order is the order in which things held: after a switch's entry there is
    /// no call that was allowed without it.
    /// </summary>
    internal Lock Gate { get; } = new();

    /// <summary>The current snapshot. Readers take it once and never lock.</summary>
    public ControlSnapshot Current => Volatile.Read(ref _current);

    /// <summary>Reads everything from the store, and gives a new installation its starter policy.</summary>
    public async Task LoadAsync()
    {
        if (store.Policy() is null)
        {
            var now = clock.GetUtcNow();
            var starter = StarterPolicy.Create(now);
            var entry = new LedgerEntry
            {
                At = now,
                Kind = LedgerKind.Policy,
                PolicyRevision = 1,
                Actor = "agentmonitor",
                Data = LedgerText.Action("policy-saved", $"The starter policy was installed as revision 1 with {starter.Rules.Length} rules."),
            };
            await writer.AppendAsync([entry], [new StateChange.SavePolicy(1, starter, now, "agentmonitor", "starter policy")]).ConfigureAwait(false);
        }
        Volatile.Write(ref _current, Read());
    }

    /// <summary>
    /// Makes a change. What tightens comes into force before its commit, so that nothing is allowed while it commits; what loosens
    /// comes into force after it. When the commit fails the store says what holds.
    /// </summary>
    /// <param name="change">The change; it may look at the snapshot it is given, and returns it unchanged to do nothing.</param>
    /// <param name="record">What is recorded and stored, given the snapshot that results.</param>
    /// <param name="tightens">Whether calls may be refused because of it.</param>
    public async Task<(ControlSnapshot Snapshot, IReadOnlyList<LedgerEntry> Entries)> ChangeAsync(
        Func<ControlSnapshot, ControlSnapshot> change,
        Func<ControlSnapshot, (IReadOnlyList<LedgerEntry> Entries, IReadOnlyList<StateChange> Changes)> record, bool tightens)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var before = Current;
            var changed = change(before);
            if (ReferenceEquals(changed, before)) return (before, []);
            var next = changed with { Revision = before.Revision + 1 };
            await writer.ReserveAsync(CancellationToken.None).ConfigureAwait(false);
            Task<IReadOnlyList<LedgerEntry>> commit;
            lock (Gate)
            {
                if (tightens) Volatile.Write(ref _current, next);
                var (entries, changes) = record(next);
                // A page that is told of the change and looks at once must find it.
                commit = writer.Enqueue(entries, changes, tightens ? null : () => Volatile.Write(ref _current, next));
            }
            try { return (next, await commit.ConfigureAwait(false)); }
            catch
            {
                if (tightens) Volatile.Write(ref _current, before with { Revision = next.Revision + 1 });
                throw;
            }
        }
        finally { _turn.Release(); }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private ControlSnapshot Read()
    {
        var (revision, document) = store.Policy() ?? throw new InvalidOperationException("the store holds no policy");
        var policy = CompiledPolicy.Compile(document, revision, CelConditionCompiler.Instance, out var errors)
            ?? throw new InvalidOperationException($"policy revision {revision} in the store does not compile: {errors[0].Path} {errors[0].Message}");
        var tools = store.Tools().GroupBy(t => t.Agent, StringComparer.Ordinal).ToImmutableDictionary(
            g => g.Key, g => g.ToImmutableDictionary(t => t.Name, StringComparer.Ordinal), StringComparer.Ordinal);
        return new ControlSnapshot
        {
            Revision = 1,
            Policy = policy,
            Agents = store.Agents().ToImmutableDictionary(a => a.Id, StringComparer.Ordinal),
            Tools = tools,
            Switches = store.Switches().ToImmutableDictionary(s => s.Target),
        };
    }
}
