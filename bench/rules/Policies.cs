using System.Collections.Immutable;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Bench.Rules;

/// <summary>Policies as an organisation writes them: a few rules for everybody, and for each agent rules for its tools, tags and sessions.</summary>
internal static class Policies
{
    /// <summary>Rules that an agent has of its own; the more rules, the more agents.</summary>
    private const int RulesOfAgent = 20;
    /// <summary>One rule of so many speaks of all agents.</summary>
    private const int ForEverybody = 200;

    public static readonly ImmutableArray<string> Tools =
        ["read_inbox", "search_files", "get_customer", "send_email", "post_message", "create_ticket", "update_record", "delete_record", "refund_payment", "run_query"];

    private static readonly string[] Conditions =
        ["size(users) > 3", "has(args.amount) && args.amount > 1000", "has(args.to) && args.to.exists(a, a.endsWith('@rival.example'))", "session.calls > 500 && agent.owner == 'sales'"];

    /// <summary>A policy of <paramref name="count"/> rules: those of the preset <c>balanced</c>, and a mix of the rest.</summary>
    /// <param name="count">How many rules.</param>
    /// <param name="conditions">One rule in ten has a condition.</param>
    public static PolicyDocument Mixed(int count, bool conditions)
    {
        var rules = ImmutableArray.CreateBuilder<RuleDocument>(count);
        rules.AddRange(Presets.Find("balanced")!.Rules);
        for (var i = rules.Count; i < count; i++) rules.Add(Rule(i, conditions));
        return new(rules.ToImmutable());
    }

    /// <summary>A policy whose rules all speak of one tool, and are told apart by what the session carries: no index can help.</summary>
    public static PolicyDocument OfOneTool(int count, string tool) => new(
    [
        .. Enumerable.Range(0, count).Select(i => new RuleDocument { Id = $"rule-{i}", Effect = RuleEffect.Deny, Tools = [tool], Session = new([$"label-{i % 200}"], [], []) }),
    ]);

    public static string AgentOf(int i) => $"agent-{i / RulesOfAgent}";

    private static RuleDocument Rule(int i, bool conditions)
    {
        var rule = new RuleDocument
        {
            Id = $"rule-{i}",
            Effect = (i % 7) switch { 0 or 1 => RuleEffect.Deny, 2 or 3 => RuleEffect.Approve, 4 => RuleEffect.Allow, _ => RuleEffect.Label },
            Labels = i % 7 >= 5 ? [$"label-{i % 200}"] : [],
            Mode = i % 8 == 3 ? RuleMode.Shadow : RuleMode.Enforce,
            Agents = i % ForEverybody == ForEverybody - 1 ? ["*"] : [AgentOf(i)],
            Destinations = i % 13 == 5 ? RuleDestinations.Unvouched : RuleDestinations.Any,
            Condition = conditions && i % 10 == 7 ? Conditions[i / 10 % Conditions.Length] : null,
        };
        return (i % 5) switch
        {
            0 or 1 => rule with { Tools = [Tools[i / 5 % Tools.Length]] },
            2 => rule with { Tags = [Tag.Standard[i / 5 % Tag.Standard.Length]], Session = new([Tag.UntrustedContent], [], []) },
            3 => rule with { Tools = [$"{Tools[i / 5 % Tools.Length].Split('_')[0]}_*"], Tags = [Tag.ExternalCommunication, Tag.Destructive] },
            _ => rule with { Session = new([], [$"label-{i % 200}", $"label-{(i + 1) % 200}"], [Tag.SensitiveData]) },
        };
    }
}
