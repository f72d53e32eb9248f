using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Switches;
using AgentMonitor.Web.Live;

namespace AgentMonitor.Web.Components.Pages.Agents;

/// <summary>What an agent is doing, as a word for the list.</summary>
public enum AgentStateKind
{
    /// <summary>It never asked for a decision.</summary>
    NeverAsked,
    /// <summary>It asked before, not lately.</summary>
    Idle,
    /// <summary>It asked within the last minutes.</summary>
    Running,
    /// <summary>An operator quarantined it.</summary>
    Quarantined,
    /// <summary>All agents are stopped.</summary>
    Stopped,
}

/// <summary>An agent in the list.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Switch">The switch that stops it.</param>
/// <param name="CallsPerMinute">Calls in the last full minute and the running one, whichever is more.</param>
/// <param name="DenialsLastHour">Denials in the last hour.</param>
/// <param name="Waiting">Calls in the last hour that were put to a person.</param>
/// <param name="Tools">Tools it has.</param>
/// <param name="Unclassified">Those that nobody has classified.</param>
/// <param name="Disabled">Those that are disabled.</param>
/// <param name="LastAsked">When it last asked.</param>
/// <param name="Minutes">Calls and denials, minute by minute.</param>
public sealed record AgentRow(AgentDefinition Agent, AgentStateKind State, Switch? Switch, int CallsPerMinute, int DenialsLastHour, int Waiting,
    int Tools, int Unclassified, int Disabled, DateTimeOffset? LastAsked, IReadOnlyList<MinuteCount> Minutes);

/// <summary>Builds, filters and sorts the list of agents.</summary>
public static class AgentRows
{
    /// <summary>How long after its last question an agent counts as running.</summary>
    public static readonly TimeSpan RunningFor = TimeSpan.FromMinutes(5);

    /// <summary>One row for each agent.</summary>
    public static IReadOnlyList<AgentRow> Build(ControlSnapshot snapshot, Func<string, IReadOnlyList<MinuteCount>> activity, Func<string, DateTimeOffset?> lastAsked, DateTimeOffset now) =>
        [.. snapshot.Agents.Values.Select(agent => Row(snapshot, agent, activity(agent.Id), lastAsked(agent.Id), now))];

    /// <summary>The row of one agent.</summary>
    public static AgentRow Row(ControlSnapshot snapshot, AgentDefinition agent, IReadOnlyList<MinuteCount> minutes, DateTimeOffset? asked, DateTimeOffset now)
    {
        var stop = snapshot.InForce(SwitchTarget.StopAll, now);
        var quarantine = snapshot.InForce(SwitchTarget.ForAgent(agent.Id), now);
        var tools = snapshot.Tools.TryGetValue(agent.Id, out var found) ? found.Values : [];
        // The running minute has only begun: alone it would make every agent look idle at its start.
        var perMinute = minutes.Count < 2 ? minutes.Sum(m => m.Calls) : Math.Max(minutes[^1].Calls, minutes[^2].Calls);
        return new(
            agent,
            StateOf(stop, quarantine, asked, tools.Any(), now),
            quarantine ?? stop,
            perMinute,
            minutes.Sum(m => m.Denials),
            minutes.Sum(m => m.Pending),
            tools.Count(),
            tools.Count(t => !t.IsClassified),
            tools.Count(t => snapshot.DisabledTool(agent.Id, t.Name, now) is not null),
            asked,
            minutes);
    }

    /// <summary>Rows that pass the filters, in the order asked for.</summary>
    /// <param name="rows">All rows.</param>
    /// <param name="text">Part of id, name, owner or description; null or empty: no demand.</param>
    /// <param name="state">Word of a state, or <c>attention</c>; null: no demand.</param>
    /// <param name="sort"><c>name</c>, <c>state</c>, <c>calls</c>, <c>denials</c>, <c>unclassified</c>, <c>tools</c> or <c>asked</c>; a leading <c>-</c> turns it round.</param>
    public static IReadOnlyList<AgentRow> Select(IReadOnlyList<AgentRow> rows, string? text, string? state, string? sort)
    {
        var descending = sort?.StartsWith('-') == true;
        var found = rows.Where(r => Contains(r, text) && (string.IsNullOrEmpty(state) || (state == "attention" ? NeedsAttention(r) : Key(r.State) == state)));
        var name = Comparer<AgentRow>.Create((a, b) => string.Compare(a.Agent.Name, b.Agent.Name, StringComparison.OrdinalIgnoreCase));
        IOrderedEnumerable<AgentRow> Order<T>(Func<AgentRow, T> by) => descending ? found.OrderByDescending(by) : found.OrderBy(by);
        return [.. (sort?.TrimStart('-') switch
        {
            "calls" => Order(r => r.CallsPerMinute),
            "denials" => Order(r => r.DenialsLastHour),
            "unclassified" => Order(r => r.Unclassified),
            "tools" => Order(r => r.Tools),
            "asked" => Order(r => r.LastAsked ?? DateTimeOffset.MinValue),
            "state" => Order(r => r.State),
            "owner" => Order(r => r.Agent.Owner.ToUpperInvariant()),
            _ => descending ? found.OrderDescending(name) : found.Order(name),
        }).ThenBy(r => r, name)];
    }

    /// <summary>Stopped, refused something in the last hour, waiting, or has tools that nobody classified.</summary>
    public static bool NeedsAttention(AgentRow row) =>
        row.State is AgentStateKind.Quarantined or AgentStateKind.Stopped || row.DenialsLastHour > 0 || row.Unclassified > 0;

    /// <summary>The state's word in addresses.</summary>
    public static string Key(AgentStateKind state) => state switch
    {
        AgentStateKind.NeverAsked => "new",
        AgentStateKind.Idle => "idle",
        AgentStateKind.Running => "running",
        AgentStateKind.Quarantined => "quarantined",
        AgentStateKind.Stopped => "stopped",
        _ => throw new InvalidOperationException("unknown state"),
    };

    /// <summary>The state in words.</summary>
    public static string Word(AgentStateKind state) => state switch
    {
        AgentStateKind.NeverAsked => "never asked yet",
        AgentStateKind.Idle => "idle",
        AgentStateKind.Running => "running",
        AgentStateKind.Quarantined => "quarantined",
        AgentStateKind.Stopped => "stopped with all agents",
        _ => throw new InvalidOperationException("unknown state"),
    };

    private static AgentStateKind StateOf(Switch? stop, Switch? quarantine, DateTimeOffset? asked, bool hasTools, DateTimeOffset now) =>
        quarantine is not null ? AgentStateKind.Quarantined
        : stop is not null ? AgentStateKind.Stopped
        // After a restart it is not known when it asked, but its tools tell that it did.
        : asked is null ? hasTools ? AgentStateKind.Idle : AgentStateKind.NeverAsked
        : now - asked < RunningFor ? AgentStateKind.Running
        : AgentStateKind.Idle;

    private static bool Contains(AgentRow row, string? text) => string.IsNullOrWhiteSpace(text)
        || row.Agent.Id.Contains(text, StringComparison.OrdinalIgnoreCase) || row.Agent.Name.Contains(text, StringComparison.OrdinalIgnoreCase)
        || row.Agent.Owner.Contains(text, StringComparison.OrdinalIgnoreCase) || row.Agent.Description.Contains(text, StringComparison.OrdinalIgnoreCase);
}
