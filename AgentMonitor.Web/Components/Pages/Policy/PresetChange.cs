using AgentMonitor.Core.Policy;

namespace AgentMonitor.Web.Components.Pages.Policy;

/// <summary>What switching to a preset does to a policy, rule by rule.</summary>
/// <param name="Enforced">Rules that come into force: new, in shadow before, or with other words before.</param>
/// <param name="Shadow">Rules that are only recorded afterwards, and were not before.</param>
/// <param name="Removed">Rules that are there no more.</param>
/// <param name="Kept">How many rules stay as they are.</param>
public sealed record PresetChange(IReadOnlyList<RuleDocument> Enforced, IReadOnlyList<RuleDocument> Shadow, IReadOnlyList<RuleDocument> Removed, int Kept)
{
    /// <summary>What switching would do now.</summary>
    public static PresetChange Of(PolicyDocument policy, Preset preset)
    {
        var next = Presets.Apply(policy, preset, DateTimeOffset.UnixEpoch);
        // What stays as it is is the same object.
        var changed = next.Rules.Where(rule => !policy.Rules.Any(known => ReferenceEquals(known, rule))).ToList();
        return new(
            [.. changed.Where(r => r.Mode == RuleMode.Enforce)],
            [.. changed.Where(r => r.Mode == RuleMode.Shadow)],
            [.. policy.Rules.Where(known => next.Rules.All(rule => rule.Id != known.Id))],
            next.Rules.Length - changed.Count);
    }

    /// <summary>The preset that a changed policy is nearest to, and how it differs, in sentences; null when the policy follows a preset.</summary>
    public static (Preset Nearest, IReadOnlyList<string> Why)? Custom(PolicyDocument policy)
    {
        if (Presets.Of(policy) is not null) return null;
        var present = policy.Rules.Where(r => Presets.RuleIds.Contains(r.Id)).ToList();
        var nearest = Presets.All.OrderBy(preset => Differences(preset).Count).First();
        return (nearest, Differences(nearest));

        List<string> Differences(Preset preset)
        {
            var why = new List<string>();
            foreach (var wanted in preset.Rules)
            {
                var found = present.FirstOrDefault(r => r.Id == wanted.Id);
                if (found is null) why.Add($"{wanted.Id} was removed.");
                else if (Presets.Of(new([.. preset.Rules.Select(r => r.Id == wanted.Id ? found : r)])) != preset)
                    why.Add(found.Mode != wanted.Mode ? $"{wanted.Id} {Word(found.Mode)}, not {Word(wanted.Mode)[3..]}." : $"{wanted.Id} was changed: {Parts(found, wanted)}.");
            }
            foreach (var other in present.Where(r => preset.Rules.All(wanted => wanted.Id != r.Id))) why.Add($"{other.Id} is there too, which belongs to {string.Join(" and ", Presets.All.Where(p => p.Rules.Any(r => r.Id == other.Id)).Select(p => p.Name))}.");
            foreach (var twice in present.GroupBy(r => r.Id, StringComparer.Ordinal).Where(g => g.Count() > 1)) why.Add($"{twice.Key} is there more than once.");
            return why;
        }
    }

    private static string Word(RuleMode mode) => mode switch
    {
        RuleMode.Enforce => "is enforced",
        RuleMode.Shadow => "is in shadow",
        RuleMode.Off => "is off",
        _ => throw new InvalidOperationException("unknown mode"),
    };

    // Which part of a rule was changed: enough to know where to look; the rule itself stands below.
    private static string Parts(RuleDocument found, RuleDocument wanted)
    {
        var parts = new List<string>();
        if (found.Effect != wanted.Effect) parts.Add("its effect");
        if (!found.Agents.SequenceEqual(wanted.Agents)) parts.Add("its agents");
        if (!found.Tools.SequenceEqual(wanted.Tools)) parts.Add("its tools");
        if (!found.Tags.SequenceEqual(wanted.Tags)) parts.Add("its tags");
        if (!found.Session.All.SequenceEqual(wanted.Session.All) || !found.Session.Any.SequenceEqual(wanted.Session.Any) || !found.Session.None.SequenceEqual(wanted.Session.None)) parts.Add("what it asks of the session");
        if (found.Destinations != wanted.Destinations) parts.Add("what it asks of destinations");
        if (found.Granted != wanted.Granted) parts.Add("what it asks of grants");
        if (found.Condition != wanted.Condition) parts.Add("its condition");
        if (found.Applies != wanted.Applies) parts.Add("to which sessions it applies");
        return RuleWords.And(parts.Count == 0 ? ["its wording"] : parts);
    }
}
