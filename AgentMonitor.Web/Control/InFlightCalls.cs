using System.Collections.Concurrent;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Ledger;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Control;

/// <summary>
/// Calls that were allowed and whose result was not reported yet, and the last allowed call of each agent: what a switch's receipt
/// is made of. Filled by committed entries in the order of the ledger.
/// </summary>
public sealed class InFlightCalls(IOptions<MonitorOptions> options, TimeProvider clock) : ICommitObserver
{
    /// <summary>Most calls that are remembered; then the oldest go. An agent that never reports would fill memory otherwise.</summary>
    public const int Capacity = 20_000;

    private readonly ConcurrentDictionary<string, AllowedCall> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string DecisionId, DateTimeOffset At)> _order = new();
    private readonly ConcurrentDictionary<(string Agent, string? Session, string? Tool), AllowedCall> _last = new();
    private int _groups;

    /// <inheritdoc/>
    public void Committed(IReadOnlyList<LedgerEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.DecisionId is null || entry.Agent is null || entry.Session is null || entry.Tool is null) continue;
            if (entry.Kind == LedgerKind.ToolResult) _calls.TryRemove(entry.DecisionId, out _);
            else if (entry.Decision == "allow" && entry.Kind is LedgerKind.ToolCall or LedgerKind.Approval)
            {
                var call = new AllowedCall(entry.DecisionId, entry.Agent, entry.Session, entry.Tool, entry.At, entry.Users);
                _calls[entry.DecisionId] = call;
                _order.Enqueue((entry.DecisionId, entry.At));
                _last[(entry.Agent, null, null)] = call;
                _last[(entry.Agent, null, entry.Tool)] = call;
                _last[(entry.Agent, entry.Session, null)] = call;
            }
        }
        var oldest = clock.GetUtcNow() - options.Value.Limits.InFlight;
        while (_order.TryPeek(out var first) && (first.At < oldest || _order.Count > Capacity))
        {
            _order.TryDequeue(out _);
            _calls.TryRemove(first.DecisionId, out _);
        }
        // Counting takes every lock of the dictionary, so it is done now and then.
        if ((++_groups & 1_023) == 0 && _last.Count > Capacity) _last.Clear();
    }

    /// <summary>Calls in flight that pass, oldest first.</summary>
    public IReadOnlyList<AllowedCall> Where(Func<AllowedCall, bool> passes)
    {
        var oldest = clock.GetUtcNow() - options.Value.Limits.InFlight;
        return [.. _calls.Values.Where(c => c.At >= oldest && passes(c)).OrderBy(c => c.At)];
    }

    /// <summary>The last allowed call that passes; null when none is remembered.</summary>
    public AllowedCall? Last(Func<AllowedCall, bool> passes) => _last.Values.Concat(_calls.Values).Where(passes).MaxBy(c => c.At);
}
