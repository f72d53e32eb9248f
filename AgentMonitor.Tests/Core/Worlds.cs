using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;
using FsCheck;
using FsCheck.Fluent;

namespace AgentMonitor.Tests.Core;

/// <summary>Everything one decision depends on. A small vocabulary, so that rules, calls and switches meet often.</summary>
public sealed record World(
    PolicyDocument Policy, AgentDefinition Agent, SessionState Session, ToolDefinition Tool, string Arguments,
    ImmutableArray<ActingUser> Users, ImmutableArray<Switch> Switches)
{
    public ControlSnapshot Snapshot => new()
    {
        Revision = 1,
        Policy = Worlds.Compile(Policy),
        Switches = Switches.ToImmutableDictionary(s => s.Target),
    };

    public CallFacts Facts(bool approved = false) => new()
    {
        Agent = Agent,
        Users = Users,
        Session = Session,
        Tool = Tool,
        Arguments = JsonDocument.Parse(Arguments).RootElement,
        Now = Worlds.Now,
        Approved = approved,
    };

    public Verdict Decide(bool approved = false) => DecisionEngine.Evaluate(Snapshot, Facts(approved));

    public World With(params RuleDocument[] more) => this with { Policy = new(Policy.Rules.AddRange(more)) };

    public World Where(Func<RuleDocument, bool> keep) => this with { Policy = new([.. Policy.Rules.Where(keep)]) };
}

/// <summary>Makes random worlds.</summary>
public static class Worlds
{
    public static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] Agents = ["pm-portal", "support", "research"];
    private static readonly string[] AgentPatterns = ["*", "*", "pm-portal", "support", "re*", "*-portal", "p*l", "nobody"];
    private static readonly string[] Tools = ["read", "sql", "comment", "delete_all", "pay"];
    private static readonly string[] ToolPatterns = ["*", "*", "read", "sql", "comment", "*e*", "d*all", "pay"];
    private static readonly string[] Labels = ["untrusted-content", "sensitive-data", "external-communication", "financial", "own", "other"];
    private static readonly string[] Conditions = ["true", "false", "error"];
    private static readonly string[] Users = ["alice", "bob"];

    public static Config Runs(int count) => Config.QuickThrowOnFailure.WithMaxTest(count).WithEndSize(12);

    public static void Check(Func<World, bool> law, int runs = 500) => FsCheck.Check.One(Runs(runs), Prop.ForAll(World().ToArbitrary(), law));

    public static Gen<World> World() =>
        from rules in Gen.Choose(0, 12).SelectMany(count => Gen.CollectToArray(Enumerable.Range(0, count).Select(i => Rule($"rule-{i}"))))
        from agent in Gen.Elements(Agents)
        from byDefault in Gen.Elements(DefaultDecision.Allow, DefaultDecision.Deny)
        from unclassified in Gen.Elements(UnclassifiedTools.Allow, UnclassifiedTools.Deny, UnclassifiedTools.Pending)
        from labels in Gen.SubListOf(Labels)
        from startedBefore in Gen.Choose(-2, 2)
        from tool in Tool(agent)
        from arguments in Gen.Elements("{}", """{"to":"x"}""", """{"to":""}""", """{"to":"x","amount":1}""", """{"amount":[]}""", """{"amount":{"a":null}}""")
        from users in Gen.SubListOf(Users)
        from switches in Switches(agent, tool.Name)
        select new World(
            new PolicyDocument([.. rules]),
            new AgentDefinition { Id = agent, Name = agent, DefaultDecision = byDefault, UnclassifiedTools = unclassified },
            new SessionState
            {
                Key = new(agent, "s"),
                StartedAt = Now.AddMinutes(startedBefore),
                Labels = [.. labels.Select(l => new LabelEvidence(l, LabelSource.ToolCall, Now, "d", "t", null, []))],
            },
            tool, arguments, [.. users.Select(u => new ActingUser(u, false, []))], switches);

    public static Gen<RuleDocument> Rule(string id) =>
        from mode in Gen.Frequency((6, Gen.Constant(RuleMode.Enforce)), (2, Gen.Constant(RuleMode.Shadow)), (1, Gen.Constant(RuleMode.Off)))
        from effect in Gen.Elements(RuleEffect.Deny, RuleEffect.Approve, RuleEffect.Allow, RuleEffect.Label)
        from agents in Some(AgentPatterns)
        from tools in Some(ToolPatterns)
        from tags in Gen.Frequency((2, Gen.Constant(Array.Empty<string>())), (1, Some(Labels)))
        from places in Gen.CollectToArray(Labels.Select(_ => Gen.Frequency((8, Gen.Constant(0)), (1, Gen.Choose(1, 3)))))
        from condition in Gen.Frequency((3, Gen.Constant((string?)null)), (1, Gen.Elements(Conditions).Select(c => (string?)c)))
        from newSessions in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new RuleDocument
        {
            Id = id,
            Mode = mode,
            Effect = effect,
            Agents = [.. agents],
            Tools = [.. tools],
            Tags = [.. tags],
            Session = new(Of(places, 1), Of(places, 2), Of(places, 3)),
            Condition = condition,
            Labels = effect == RuleEffect.Label ? ["by-rule", id] : [],
            Applies = newSessions ? RuleApplies.NewSessions : RuleApplies.Now,
            Since = Now,
        };

    public static CompiledPolicy Compile(PolicyDocument document) =>
        CompiledPolicy.Compile(document, 1, FixedConditions.Instance, out var errors) ?? throw new InvalidOperationException($"{errors[0].Path}: {errors[0].Message}");

    private static Gen<ToolDefinition> Tool(string agent) =>
        from name in Gen.Elements(Tools)
        from classified in Gen.Frequency((4, Gen.Constant(true)), (1, Gen.Constant(false)))
        from always in Gen.SubListOf(Labels)
        from conditional in Gen.SubListOf(Labels)
        from remembered in Gen.Elements(true, false)
        select new ToolDefinition(agent, name, classified
            ? [.. always.Select(t => new ToolTag(t)), .. conditional.Select((t, i) => new ToolTag(t, i % 2 == 0 ? "to" : "amount"))]
            : null)
        { FirstSeenAt = remembered ? Now : default };

    // Mostly nothing is switched; else any mix, some of it over.
    private static Gen<ImmutableArray<Switch>> Switches(string agent, string tool) =>
        from some in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
        from targets in Gen.SubListOf(Targets(agent, tool))
        from ends in Gen.CollectToArray(targets.Select(_ => Gen.Elements<int?>(null, -1, 0, 1)))
        select some ? targets.Select((t, i) => new Switch(t, "dana", "because", Now.AddHours(-1), ends[i] is { } minutes ? Now.AddMinutes(minutes) : null)).ToImmutableArray() : [];

    private static SwitchTarget[] Targets(string agent, string tool) =>
    [
        SwitchTarget.StopAll, SwitchTarget.ForAgent(agent), SwitchTarget.ForAgent("another"), SwitchTarget.ForSession(new(agent, "s")), SwitchTarget.ForSession(new("another", "s")),
        SwitchTarget.ForUser("alice"), SwitchTarget.ForUser("bob"), SwitchTarget.ForTool(agent, tool), SwitchTarget.ForTool("*", tool), SwitchTarget.ForTool("another", tool),
    ];

    private static Gen<string[]> Some(string[] from) => Gen.Choose(1, 2).SelectMany(count => Gen.CollectToArray(Enumerable.Repeat(Gen.Elements(from), count)));

    private static ImmutableArray<string> Of(int[] places, int place) => [.. Labels.Where((_, i) => places[i] == place)];
}

/// <summary>Conditions whose outcome is their text; any other text is compiled as usual.</summary>
public sealed class FixedConditions : IConditionCompiler
{
    public static readonly FixedConditions Instance = new();

    public IRuleCondition? Compile(string source, out string? error)
    {
        error = null;
        return source switch
        {
            "true" => new Fixed(ConditionOutcome.True),
            "false" => new Fixed(ConditionOutcome.False),
            "error" => new Fixed(ConditionOutcome.Error),
            _ => CelConditionCompiler.Instance.Compile(source, out error),
        };
    }

    private sealed class Fixed(ConditionOutcome outcome) : IRuleCondition
    {
        public ConditionOutcome Evaluate(in CallFacts facts, out string? error)
        {
            error = outcome == ConditionOutcome.Error ? "no such member `x`" : null;
            return outcome;
        }
    }
}
