using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Switches;

namespace AgentMonitor.Tests.Core;

/// <summary>
/// The decision rule written down a second time, straight from the design: every rule looked at in turn, no index, no bits, no
/// memory. What it says is what the engine has to say.
/// </summary>
internal static class LinearEngine
{
    public static string Decide(World world, bool approved)
    {
        var tags = Tags(world);
        var matched = new List<RuleDocument>();
        var shadow = new List<string>();
        foreach (var rule in world.Policy.Rules)
        {
            if (rule.Mode == RuleMode.Off || rule.Condition == "false" || !Speaks(rule, world, tags)) continue;
            if (rule.Mode == RuleMode.Shadow) shadow.Add(rule.Id);
            else if (rule.Condition != "error" || rule.Effect is RuleEffect.Deny or RuleEffect.Approve) matched.Add(rule);
        }
        var (outcome, code, by) = Answer(world, matched, approved);
        IEnumerable<string> labels = outcome != "Allow" ? [] : tags.Concat(matched.Where(r => r.Effect == RuleEffect.Label).SelectMany(r => r.Labels)).Distinct().Order(StringComparer.Ordinal);
        return $"{outcome} {code} by {by}; matched {string.Join(",", matched.Select(r => r.Id))}; shadow {string.Join(",", shadow)}; labels {string.Join(",", labels)}";
    }

    public static string Describe(AgentMonitor.Core.Decisions.Verdict verdict) =>
        $"{verdict.Outcome} {verdict.Code} by {verdict.DecidingRule?.Document.Id ?? verdict.DecidingSwitch?.Target.Kind.ToString()}; matched {string.Join(",", verdict.Matched.Select(m => m.Rule.Document.Id))}; shadow {string.Join(",", verdict.Shadow.Select(m => m.Rule.Document.Id))}; labels {string.Join(",", verdict.Labels.Select(l => l.Label).Distinct().Order(StringComparer.Ordinal))}";

    private static (string Outcome, string Code, string? By) Answer(World world, List<RuleDocument> matched, bool approved)
    {
        bool Set(SwitchTarget target) => world.Switches.Any(s => s.Target == target && (s.Until is null || Worlds.Now < s.Until));
        var agent = world.Agent.Id;
        if (Set(SwitchTarget.StopAll)) return ("Deny", "Stopped", "Stop");
        if (Set(SwitchTarget.ForAgent(agent))) return ("Deny", "Quarantined", "AgentQuarantine");
        if (Set(SwitchTarget.ForSession(world.Session.Key))) return ("Deny", "Quarantined", "SessionQuarantine");
        if (world.Users.Any(u => Set(SwitchTarget.ForUser(u.Id)))) return ("Deny", "Quarantined", "UserQuarantine");
        if (Set(SwitchTarget.ForTool(agent, world.Tool.Name)) || Set(SwitchTarget.ForTool("*", world.Tool.Name))) return ("Deny", "ToolDisabled", "ToolDisable");
        if (!world.Tool.IsClassified && world.Agent.UnclassifiedTools == UnclassifiedTools.Deny) return ("Deny", "Unclassified", null);
        if (matched.FirstOrDefault(r => r.Effect == RuleEffect.Deny) is { } denies) return ("Deny", "Policy", denies.Id);
        var asks = matched.FirstOrDefault(r => r.Effect == RuleEffect.Approve);
        if (!approved && asks is not null) return ("Pending", "Policy", asks.Id);
        if (!approved && !world.Tool.IsClassified && world.Agent.UnclassifiedTools == UnclassifiedTools.Pending) return ("Pending", "Unclassified", null);
        if (approved) return ("Allow", "Approval", asks?.Id);
        if (world.Agent.DefaultDecision == DefaultDecision.Allow) return ("Allow", "Default", null);
        return matched.FirstOrDefault(r => r.Effect == RuleEffect.Allow) is { } allows ? ("Allow", "Policy", allows.Id) : ("Deny", "Default", null);
    }

    private static List<string> Tags(World world)
    {
        if (!world.Tool.IsClassified) return ["untrusted-content", "sensitive-data", "external-communication"];
        using var arguments = JsonDocument.Parse(world.Arguments);
        return [.. world.Tool.Tags.Where(t => t.WhenArgument is null || arguments.RootElement.TryGetProperty(t.WhenArgument, out var value)
            && value.GetRawText() is not ("null" or "false" or "\"\"" or "[]" or "{}")).Select(t => t.Name).Distinct()];
    }

    private static bool Speaks(RuleDocument rule, World world, List<string> tags)
    {
        var labels = world.Session.Labels.Select(l => l.Label).ToList();
        return rule.Agents.Any(p => Like(p, world.Agent.Id)) && rule.Tools.Any(p => Like(p, world.Tool.Name))
            && (rule.Tags.IsEmpty || rule.Tags.Any(tags.Contains))
            && rule.Session.All.All(labels.Contains) && (rule.Session.Any.IsEmpty || rule.Session.Any.Any(labels.Contains)) && !rule.Session.None.Any(labels.Contains)
            && (rule.Applies == RuleApplies.Now || world.Session.StartedAt >= rule.Since);
    }

    private static bool Like(string pattern, string text) =>
        Regex.IsMatch(text, $"\\A{string.Join(".*", pattern.Split('*').Select(Regex.Escape))}\\z", RegexOptions.Singleline | RegexOptions.NonBacktracking);
}
