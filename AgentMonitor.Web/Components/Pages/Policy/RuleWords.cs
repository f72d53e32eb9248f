using System.Collections.Immutable;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Web.Components.Pages.Policy;

/// <summary>Says a rule in plain words. What it says must stay true to how the engine reads the same fields.</summary>
public static class RuleWords
{
    /// <summary>What the rule does when it matches: "Denies the call".</summary>
    public static string Effect(RuleDocument rule) => (rule.Mode, rule.Effect) switch
    {
        (RuleMode.Off, RuleEffect.Deny) => "Off. It would deny the call.",
        (RuleMode.Off, RuleEffect.Approve) => "Off. It would ask a person.",
        (RuleMode.Off, RuleEffect.Allow) => "Off. It would allow the call for agents that deny by default.",
        (RuleMode.Off, RuleEffect.Label) => $"Off. It would add {And(rule.Labels)} to the session.",
        (RuleMode.Shadow, RuleEffect.Deny) => "Would deny the call. It is recorded and changes nothing.",
        (RuleMode.Shadow, RuleEffect.Approve) => "Would ask a person. It is recorded and changes nothing.",
        (RuleMode.Shadow, RuleEffect.Allow) => "Would allow the call for agents that deny by default. It is recorded and changes nothing.",
        (RuleMode.Shadow, RuleEffect.Label) => $"Would add {And(rule.Labels)} to the session. It is recorded and changes nothing.",
        (RuleMode.Enforce, RuleEffect.Deny) => "Denies the call.",
        (RuleMode.Enforce, RuleEffect.Approve) => "Lets a person decide before the call runs.",
        (RuleMode.Enforce, RuleEffect.Allow) => "Allows the call for agents that deny by default.",
        (RuleMode.Enforce, RuleEffect.Label) => $"Adds {And(rule.Labels)} to the session of an allowed call.",
        _ => throw new InvalidOperationException("a rule without words"),
    };

    /// <summary>When it matches, part by part: "any agent", "tools tagged external-communication", "when the session has …". A condition is code and stands beside it.</summary>
    public static IReadOnlyList<string> Scope(RuleDocument rule)
    {
        var parts = new List<string> { Agents(rule.Agents), Tools(rule.Tools, rule.Tags) };
        if (rule.Destinations == RuleDestinations.Unvouched) parts.Add("to a destination that nobody vouches for");
        if (rule.Granted == RuleGranted.No) parts.Add("needing a capability that the task was not granted");
        if (Session(rule.Session) is { } session) parts.Add(session);
        if (rule.Applies == RuleApplies.NewSessions) parts.Add("only in sessions that started after it was saved");
        return parts;
    }

    /// <summary>True when an unclassified tool is in the rule's scope because it is treated as carrying one of its tags.</summary>
    public static bool CoversUnclassified(RuleDocument rule) => rule.Tags.Any(Tag.Unclassified.Contains);

    /// <summary>Names joined for a sentence: "a", "a and b", "a, b and c".</summary>
    public static string And(IReadOnlyList<string> names) => Join(names, "and");

    /// <summary>Names joined for a sentence: "a", "a or b", "a, b or c".</summary>
    public static string Or(IReadOnlyList<string> names) => Join(names, "or");

    private static string Agents(ImmutableArray<string> patterns) =>
        patterns.Contains("*") ? "any agent" : $"{(patterns.Length == 1 && Glob.IsExact(patterns[0]) ? "agent" : "agents")} {Or(patterns)}";

    private static string Tools(ImmutableArray<string> patterns, ImmutableArray<string> tags)
    {
        var every = patterns.Contains("*");
        var tagged = tags.IsEmpty ? "" : $" tagged {Or(tags)}";
        if (every) return tags.IsEmpty ? "any tool" : $"tools{tagged}";
        return $"{(patterns.Length == 1 && Glob.IsExact(patterns[0]) ? "tool" : "tools")} {Or(patterns)}{(tags.IsEmpty ? "" : $", if{tagged}")}";
    }

    private static string? Session(SessionCondition session)
    {
        var has = new List<string>();
        if (!session.All.IsEmpty) has.Add($"has {And(session.All)}");
        if (!session.Any.IsEmpty) has.Add($"has {(session.Any.Length == 1 ? session.Any[0] : $"at least one of {Or(session.Any)}")}");
        if (!session.None.IsEmpty) has.Add(session.None.Length == 1 ? $"does not have {session.None[0]}" : $"has none of {Or(session.None)}");
        return has.Count == 0 ? null : $"when the session {string.Join(" and ", has)}";
    }

    private static string Join(IReadOnlyList<string> names, string last) => names.Count switch
    {
        0 => "nothing",
        1 => names[0],
        _ => $"{string.Join(", ", names.Take(names.Count - 1))} {last} {names[^1]}",
    };
}
