using System.Collections.Concurrent;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Web.Storage;

namespace AgentMonitor.Web.Decisions;

/// <summary>
/// When the tools of each agent were allowed, over all its sessions, for <c>agentCalls()</c>. Read from the ledger when an agent is first
/// decided on, and kept up under the decision gate.
/// </summary>
public sealed class AgentCalls(StateStore store, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, CallTimes> _agents = new(StringComparer.Ordinal);

    /// <summary>Reads an agent's calls if that has not been done. Call it before the gate is taken: it may read the database.</summary>
    public void Prepare(string agent)
    {
        if (_agents.ContainsKey(agent)) return;
        var times = new CallTimes();
        foreach (var (tool, at, calls) in store.AgentCalls(agent, clock.GetUtcNow() - CallTimes.MaxWindow)) times.Add(tool, at, calls);
        _agents.TryAdd(agent, times);
    }

    /// <summary>The agent's calls. Only under the gate.</summary>
    public CallTimes Of(string agent) => _agents.GetOrAdd(agent, static _ => new());
}
