using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Ledger;

namespace AgentMonitor.Web.Components.Pages.Tools;

/// <summary>A tool in a list.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Agent">The agent that has it.</param>
/// <param name="Calls">Calls in the last day.</param>
/// <param name="Denials">Denials in the last day.</param>
/// <param name="Own">The switch that disables it for this agent.</param>
/// <param name="Everywhere">The switch that disables it for every agent.</param>
public sealed record ToolRow(ToolDefinition Tool, AgentDefinition Agent, long Calls, long Denials, Switch? Own, Switch? Everywhere)
{
    /// <summary>Whether a call is refused now whatever the policy says.</summary>
    public bool IsDisabled => Own is not null || Everywhere is not null;
    /// <summary>The switch that a call meets.</summary>
    public Switch? InForce => Own ?? Everywhere;
    /// <summary>A key for rendering.</summary>
    public string Key => $"{Tool.Agent}/{Tool.Name}";
}

/// <summary>Which tools, as written in the address.</summary>
/// <param name="Text">Part of a name or description.</param>
/// <param name="Agent">An agent.</param>
/// <param name="Tag">A tag.</param>
/// <param name="State"><c>unclassified</c>, <c>classified</c>, <c>disabled</c> or <c>denied</c>.</param>
public sealed record ToolFilter(string? Text, string? Agent, string? Tag, string? State);

/// <summary>Builds, filters and sorts lists of tools.</summary>
public static class ToolRows
{
    /// <summary>One row for each tool of the agent, or of every agent when <paramref name="agent"/> is null.</summary>
    public static IReadOnlyList<ToolRow> Build(ControlSnapshot snapshot, string? agent, IReadOnlyList<ToolCount> counts, DateTimeOffset now)
    {
        var byTool = counts.ToDictionary(c => (c.Agent, c.Tool));
        return [.. snapshot.Tools.Values.SelectMany(tools => tools.Values)
            .Where(t => (agent is null || t.Agent == agent) && snapshot.Agents.ContainsKey(t.Agent))
            .Select(t =>
            {
                var count = byTool.GetValueOrDefault((t.Agent, t.Name));
                return new ToolRow(t, snapshot.Agents[t.Agent], count?.Calls ?? 0, count?.Denials ?? 0,
                    snapshot.InForce(SwitchTarget.ForTool(t.Agent, t.Name), now), snapshot.InForce(SwitchTarget.ForTool(SwitchTarget.EveryAgent, t.Name), now));
            })];
    }

    /// <summary>Rows that pass the filter: what nobody classified first, then by name, so that no row moves while numbers change.</summary>
    public static IReadOnlyList<ToolRow> Select(IReadOnlyList<ToolRow> rows, ToolFilter filter) =>
        [.. rows.Where(r => Passes(r, filter))
            .OrderBy(r => r.Tool.IsClassified)
            .ThenBy(r => r.Tool.Name, StringComparer.OrdinalIgnoreCase)
            .ThenBy(r => r.Tool.Agent, StringComparer.Ordinal)];

    /// <summary>Every tag that some tool has, standard ones first.</summary>
    public static IReadOnlyList<string> Tags(IReadOnlyList<ToolRow> rows) =>
        [.. Tag.Standard, .. rows.SelectMany(r => r.Tool.Tags).Select(t => t.Name).Distinct().Except(Tag.Standard).Order(StringComparer.Ordinal)];

    private static bool Passes(ToolRow row, ToolFilter filter)
    {
        if (!string.IsNullOrEmpty(filter.Agent) && row.Tool.Agent != filter.Agent) return false;
        // An unclassified tool is treated as carrying these tags, so a search for one of them finds it.
        if (!string.IsNullOrEmpty(filter.Tag) && !row.Tool.Tags.Any(t => t.Name == filter.Tag) && (row.Tool.IsClassified || !Tag.Unclassified.Contains(filter.Tag))) return false;
        if (!string.IsNullOrWhiteSpace(filter.Text)
            && !row.Tool.Name.Contains(filter.Text.Trim(), StringComparison.OrdinalIgnoreCase)
            && !row.Tool.Description.Contains(filter.Text.Trim(), StringComparison.OrdinalIgnoreCase)) return false;
        return filter.State switch
        {
            "unclassified" => !row.Tool.IsClassified,
            "classified" => row.Tool.IsClassified,
            "disabled" => row.IsDisabled,
            "denied" => row.Denials > 0,
            _ => true,
        };
    }
}
