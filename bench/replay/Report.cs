using System.Text;

namespace AgentMonitor.Bench.Replay;

/// <summary>What was found, for people.</summary>
internal static class Report
{
    private const string All = "ALL";

    /// <summary>The groups beside their reference figures, with a line for each data set of several suites.</summary>
    public static Table Groups(ReplayData data, IReadOnlyList<PlayedGroup> groups)
    {
        var table = new Table(2, "data set", "suite", "sessions", "attacks", "stopped", "seed", "got through", "benign", "untouched", "seed ", "benign calls denied", "decisions/s");
        foreach (var source in groups.GroupBy(g => g.Group.Source))
        {
            foreach (var group in source) Add(source.Key, group.Group.Suite, [group]);
            if (source.Count() > 1) Add(source.Key, All, [.. source]);
        }
        return table;

        void Add(string source, string suite, IReadOnlyList<PlayedGroup> parts)
        {
            var tally = Tally.Of(parts.SelectMany(p => p.Sessions));
            var reference = data.ReferenceOf(source, suite);
            table.Add(source, suite, $"{tally.Sessions}", $"{tally.Attacks}",
                Share(tally.Stopped, tally.Attacks), reference is null ? "?" : Share(reference.Stopped, reference.Attacks),
                tally.Attacks == 0 ? "–" : $"{tally.Attacks - tally.Stopped}", $"{tally.Benign}",
                Share(tally.Untouched, tally.Benign), reference is null ? "?" : Share(reference.Untouched, reference.Benign),
                tally.Benign == 0 ? "–" : $"{tally.BenignDenied} of {tally.BenignCalls}" + (tally.BenignAsked > 0 ? $" (asked: {tally.BenignAsked})" : ""),
                $"{tally.Calls / parts.Sum(p => p.Took.TotalSeconds):0}");
        }
    }

    /// <summary>Groups whose shares are more than a point from the reference.</summary>
    public static IEnumerable<string> FarOff(ReplayData data, IReadOnlyList<PlayedGroup> groups)
    {
        foreach (var group in groups)
        {
            var tally = Tally.Of(group.Sessions);
            if (data.ReferenceOf(group.Group.Source, group.Group.Suite) is not { } reference) yield return $"{group.Group.Source} / {group.Group.Suite}: no reference figures";
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

    private static string Share(int part, int whole) => whole == 0 ? "–" : $"{100.0 * part / whole:0.0} %";
}
