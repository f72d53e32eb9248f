using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Components.Pages.Sessions;

namespace AgentMonitor.Web.Components.Pages.Policy;

/// <summary>How often each rule matched, counted over tool calls.</summary>
public sealed class RuleMatches
{
    /// <summary>Most calls that are counted. Reading more would hold the page up; it says from when on it counted.</summary>
    public const int MaxCalls = 10_000;

    private readonly Dictionary<string, (long Decided, long Matched, long Shadow)> _counts = new(StringComparer.Ordinal);
    private long _last;

    /// <summary>From when on calls were counted, when there were too many for a day; null: the whole period.</summary>
    public DateTimeOffset? Since { get; private set; }

    /// <summary>Counts calls, newest first, as far back as <paramref name="since"/>.</summary>
    public static RuleMatches Count(IReadOnlyList<LedgerEntry> newestFirst, DateTimeOffset since, int limit)
    {
        var matches = new RuleMatches();
        DateTimeOffset? oldest = null;
        foreach (var entry in newestFirst)
        {
            if (entry.At < since) break;
            matches.Add(entry);
            oldest = entry.At;
        }
        if (newestFirst.Count >= limit && newestFirst[^1].At >= since) matches.Since = oldest;
        return matches;
    }

    /// <summary>Counts what came since the last count; entries that were counted are passed over.</summary>
    public bool AddNewer(IReadOnlyList<LedgerEntry> entries)
    {
        var changed = false;
        foreach (var entry in entries.Where(e => e.Sequence > _last && e.Kind == LedgerKind.ToolCall).OrderBy(e => e.Sequence).ToList())
        {
            Add(entry);
            changed = true;
        }
        return changed;
    }

    /// <summary>The newest call that was counted.</summary>
    public long LastSequence => _last;

    /// <summary>Calls that the rule decided, calls it matched while enforced (decided included), and calls it matched in shadow.</summary>
    public (long Decided, long Matched, long Shadow) Of(string rule) => _counts.GetValueOrDefault(rule);

    private void Add(LedgerEntry entry)
    {
        _last = Math.Max(_last, entry.Sequence);
        for (var i = 0; i < entry.Rules.Length; i++)
        {
            var count = _counts.GetValueOrDefault(entry.Rules[i]);
            var decided = i == 0 && entry.Reason is "policy" or "approval";
            _counts[entry.Rules[i]] = (count.Decided + (decided ? 1 : 0), count.Matched + 1, count.Shadow);
        }
        // Shadow matches are in the data. Most calls have none: reading those would cost more than all the rest.
        if (!entry.Data.Contains("\"shadow\":[{", StringComparison.Ordinal)) return;
        foreach (var match in EntryData.ToolCall(entry).Shadow)
        {
            var count = _counts.GetValueOrDefault(match.Rule);
            _counts[match.Rule] = (count.Decided, count.Matched, count.Shadow + 1);
        }
    }
}
