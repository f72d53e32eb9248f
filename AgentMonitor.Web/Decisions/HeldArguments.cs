using System.Collections.Concurrent;
using System.Text.Json;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Redaction;

namespace AgentMonitor.Web.Decisions;

/// <summary>
/// What the arguments of calls in flight say, as salted hashes, where the ledger keeps less than that: a result must not vouch for the arguments of
/// its own call, masked and cut ones included. Bounded; a call that is not here any more has a result that vouches for nothing.
/// </summary>
public sealed class HeldArguments
{
    /// <summary>Most calls that are remembered: minutes of heavy traffic, and only calls with a masked or cut argument count.</summary>
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<string, IReadOnlyCollection<ulong>> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();

    /// <summary>Remembers an allowed call, if its redacted arguments say less than they were.</summary>
    /// <param name="decisionId">The call.</param>
    /// <param name="key">The session's key.</param>
    /// <param name="arguments">The arguments as they came.</param>
    /// <param name="redacted">The arguments as they are kept, as JSON.</param>
    public void Keep(string decisionId, OriginKey key, JsonElement arguments, string redacted)
    {
        if (!Redactor.IsAltered(redacted) || !_calls.TryAdd(decisionId, OriginReader.Arguments(key, arguments))) return;
        _order.Enqueue(decisionId);
        while (_order.Count > Capacity && _order.TryDequeue(out var oldest)) _calls.TryRemove(oldest, out _);
    }

    /// <summary>What a call's arguments said, once; null when it is not known.</summary>
    public IReadOnlyCollection<ulong>? Take(string decisionId) => _calls.TryRemove(decisionId, out var hashes) ? hashes : null;
}
