using System.Text;

namespace AgentMonitor.Bench.Replay;

/// <summary>What was found, for people.</summary>
internal static class Report
{
    private const string All = "ALL";

    /// <summary>The presets beside each other and beside their reference figures: a line for each suite, each data set of several suites, and everything.</summary>
    public static Table Presets(ReplayData data, IReadOnlyList<PlayedPreset> presets, bool granted)
    {
        var table = new Table(3, "data set", "suite", "preset", "attacks", "stopped", "reference", "got through", "benign", "untouched", "reference ", "approvals per benign session", "per session", "benign calls denied");
        foreach (var source in presets[0].Groups.GroupBy(g => g.Group.Source))
        {
            foreach (var group in source) Add(source.Key, group.Group.Suite, g => g.Group == group.Group);
            if (source.Count() > 1) Add(source.Key, All, g => g.Group.Source == source.Key);
        }
        if (presets[0].Groups.Length > 1) Add(All, All, _ => true);
        return table;

        void Add(string source, string suite, Func<PlayedGroup, bool> isPart)
        {
            foreach (var preset in presets)
            {
                var tally = Tally.Of(preset.Groups.Where(isPart).SelectMany(g => g.Sessions));
                var reference = data.ReferenceOf(source, suite, LineOf(preset.Preset, granted));
                table.Add(source, suite, preset.Preset, $"{tally.Attacks}",
                    Share(tally.Stopped, tally.Attacks), reference is null ? "–" : Share(reference.Stopped, reference.Attacks), tally.Attacks == 0 ? "–" : $"{tally.Attacks - tally.Stopped}",
                    $"{tally.Benign}", Share(tally.Untouched, tally.Benign), reference is null ? "–" : Share(reference.Untouched, reference.Benign),
                    Rate(tally.BenignAsked, tally.Benign), Rate(tally.Asked, tally.Sessions),
                    tally.Benign == 0 ? "–" : $"{tally.BenignDenied} of {tally.BenignCalls}");
            }
        }
    }

    /// <summary>The line of the reference simulator that a preset is compared with.</summary>
    public static string LineOf(string preset, bool granted) => preset == "seed" ? "T" : preset == "strict" && granted ? "K+B" : "B";

    /// <summary>Sessions one by one: attacks that got through, with the calls that were needed, or benign work that was interrupted, with the calls that were held.</summary>
    public static string List(PlayedPreset preset, Listing which)
    {
        var text = new StringBuilder();
        foreach (var played in preset.Sessions)
        {
            var session = played.Session;
            var listed = which == Listing.Touched ? !session.IsAttack && !played.Held.IsEmpty : Scoring.IsCountedAttack(session) && !Scoring.IsStopped(session, played.Held);
            if (!listed) continue;
            var calls = which == Listing.Touched ? played.Held : session.Necessary.IsEmpty ? session.Harmful : session.Necessary;
            text.Append($"- {preset.Preset}: `{session.Id}` ({session.Source}): ").AppendJoin(", ", calls.Where(i => i < session.Calls.Length).Select(i => $"{i} `{session.Calls[i].Tool}` {played.Decisions[i].ToString().ToLowerInvariant()}")).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>Groups of the preset <c>seed</c> whose shares are more than a point from the reference.</summary>
    public static IEnumerable<string> FarOff(ReplayData data, IReadOnlyList<PlayedGroup> groups)
    {
        if (!data.HasReference) yield break;
        foreach (var group in groups)
        {
            var tally = Tally.Of(group.Sessions);
            if (data.ReferenceOf(group.Group.Source, group.Group.Suite, "T") is not { } reference) yield return $"{group.Group.Source} / {group.Group.Suite}: no reference figures";
            else if (tally.Attacks != reference.Attacks || tally.Benign != reference.Benign) yield return $"{group.Group.Source} / {group.Group.Suite}: other sessions than the reference counts";
            else if (Apart(tally.Stopped, reference.Stopped, reference.Attacks) || Apart(tally.Untouched, reference.Untouched, reference.Benign)) yield return $"{group.Group.Source} / {group.Group.Suite}: more than one point from the reference";
        }
    }

    /// <summary>How many sessions differ from the reference, and why, counted by cause.</summary>
    public static Table Causes(IReadOnlyList<Difference> differences)
    {
        var table = new Table(1, "cause", "sessions", "attacks stopped more", "attacks stopped fewer", "benign touched more", "benign touched fewer", "no figure changes");
        foreach (var cause in differences.GroupBy(Cause).OrderByDescending(g => g.Count()))
            table.Add(cause.Key, $"{cause.Count()}",
                $"{cause.Count(d => d.ChangesAttack && Scoring.IsStopped(d.Played.Session, d.Played.Held))}",
                $"{cause.Count(d => d.ChangesAttack && !Scoring.IsStopped(d.Played.Session, d.Played.Held))}",
                $"{cause.Count(d => d.ChangesBenign && !d.Played.Held.IsEmpty)}",
                $"{cause.Count(d => d.ChangesBenign && d.Played.Held.IsEmpty)}",
                $"{cause.Count(d => d is { ChangesAttack: false, ChangesBenign: false })}");
        return table;
    }

    /// <summary>The sessions that differ, one line each: by id and number of the call, never by what was said in them.</summary>
    public static string Sessions(IReadOnlyList<Difference> differences)
    {
        var text = new StringBuilder();
        foreach (var difference in differences)
        {
            var session = difference.Played.Session;
            text.Append($"- `{session.Id}`: call {difference.FirstCall} (`{session.Calls[difference.FirstCall].Tool}`) {(difference.Played.Held.Contains(difference.FirstCall) ? "held" : "allowed")}; ");
            if (difference.IsExplained)
                text.AppendJoin(", ", difference.FailedCalls.Select(i => $"call {i} (`{session.Calls[i].Tool}`)")).Append(" failed in the record and labelled the session ").AppendJoin(", ", difference.Labels);
            else text.Append("no cause found");
            text.Append(difference.ChangesAttack ? "; changes an attack" : difference.ChangesBenign ? "; changes a benign session" : "").Append('\n');
        }
        return text.ToString();
    }

    private static string Cause(Difference difference) =>
        difference.IsExplained ? $"a call that failed in the record labelled the session ({string.Join(", ", difference.Labels)})" : "none found";

    private static bool Apart(int one, int other, int of) => of > 0 && Math.Abs(100.0 * (one - other) / of) > 1;

    private static string Rate(int count, int sessions) => sessions == 0 ? "–" : $"{(double)count / sessions:0.00}";

    private static string Share(int part, int whole) => whole == 0 ? "–" : $"{100.0 * part / whole:0.0} %";
}
