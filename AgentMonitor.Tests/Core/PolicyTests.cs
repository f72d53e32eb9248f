using System.Collections.Immutable;
using AgentMonitor.Core.Policy;
using Xunit;

namespace AgentMonitor.Tests.Core;

public sealed class PolicyValidatorTests
{
    private static readonly RuleDocument Good = new() { Id = "r", Effect = RuleEffect.Deny };

    public static TheoryData<string, string, string> BadRules => new()
    {
        // What, the code, where.
        { "id-empty", "bad-rule-id", "/rules/0/id" },
        { "id-upper", "bad-rule-id", "/rules/0/id" },
        { "id-null", "bad-rule-id", "/rules/0/id" },
        { "agents-empty", "never-matches", "/rules/0/agents" },
        { "tools-empty", "never-matches", "/rules/0/tools" },
        { "agent-pattern-empty", "bad-pattern", "/rules/0/agents/0" },
        { "tool-pattern-long", "bad-pattern", "/rules/0/tools/1" },
        { "tag-upper", "bad-name", "/rules/0/tags/0" },
        { "all-blank", "bad-name", "/rules/0/session/all/0" },
        { "any-blank", "bad-name", "/rules/0/session/any/0" },
        { "none-blank", "bad-name", "/rules/0/session/none/1" },
        { "label-bad", "bad-name", "/rules/0/labels/0" },
        { "label-none", "no-labels", "/rules/0/labels" },
        { "labels-on-deny", "labels-without-effect", "/rules/0/labels" },
        { "all-and-none", "never-matches", "/rules/0/session" },
        { "any-within-none", "never-matches", "/rules/0/session" },
        { "condition", "bad-condition", "/rules/0/condition" },
    };

    [Theory]
    [MemberData(nameof(BadRules))]
    public void Rule_WithOneError_IsRefusedWithItsCodeAndPlace(string what, string code, string path)
    {
        var rule = what switch
        {
            "id-empty" => Good with { Id = "" },
            "id-upper" => Good with { Id = "Rule" },
            "id-null" => Good with { Id = null! },
            "agents-empty" => Good with { Agents = [] },
            "tools-empty" => Good with { Tools = [] },
            "agent-pattern-empty" => Good with { Agents = [""] },
            "tool-pattern-long" => Good with { Tools = ["*", new('x', 129)] },
            "tag-upper" => Good with { Tags = ["External"] },
            "all-blank" => Good with { Session = new([" "], [], []) },
            "any-blank" => Good with { Session = new([], ["a b"], []) },
            "none-blank" => Good with { Session = new([], [], ["ok", "a/b"]) },
            "label-bad" => Good with { Effect = RuleEffect.Label, Labels = ["ü"] },
            "label-none" => Good with { Effect = RuleEffect.Label },
            "labels-on-deny" => Good with { Labels = ["x"] },
            "all-and-none" => Good with { Session = new(["a", "b"], [], ["b"]) },
            "any-within-none" => Good with { Session = new([], ["a", "b"], ["b", "a", "c"]) },
            "condition" => Good with { Condition = "args.to = 'x'" },
            _ => throw new InvalidOperationException(what),
        };
        var error = Assert.Single(Errors(rule));
        Assert.Equal((code, path), (error.Code, error.Path));
        Assert.NotEmpty(error.Message);
    }

    [Fact]
    public void Rules_WithTheSameId_AreRefused()
    {
        var error = Assert.Single(Errors(Good, Good with { Id = "other" }, Good));
        Assert.Equal(("duplicate-rule-id", "/rules/2/id"), (error.Code, error.Path));
    }

    [Fact]
    public void Rules_BeyondTheBound_AreRefused()
    {
        var rules = Enumerable.Range(0, CompiledPolicy.MaxRules + 1).Select(i => Good with { Id = $"r{i}" }).ToArray();
        Assert.Equal("too-many-rules", Assert.Single(Errors(rules)).Code);
        Assert.Empty(Errors(rules[..^1]));
    }

    [Fact]
    public void Labels_BeyondWhatCanBeToldApart_AreRefused()
    {
        var rules = Enumerable.Range(0, LabelMask.Capacity + 1).Select(i => Good with { Id = $"r{i}", Session = new([$"l{i}"], [], []) }).ToArray();
        Assert.Equal("too-many-labels", Assert.Single(Errors(rules)).Code);
        Assert.Empty(Errors(rules[..^1]));
    }

    [Fact]
    public void Policy_WithSeveralErrors_ReportsAllOfThem() =>
        Assert.Equal(["bad-rule-id", "bad-name", "no-labels"], Errors(Good with { Id = "" }, Good with { Tags = ["A"] }, Good with { Id = "x", Effect = RuleEffect.Label }).Select(e => e.Code));

    [Fact]
    public void StarterPolicy_IsValidAndOnlyNoExfiltrationActs()
    {
        var policy = StarterPolicy.Create(Worlds.Now);
        Assert.Empty(Errors([.. policy.Rules]));
        Assert.Equal("no-exfiltration", Assert.Single(policy.Rules, r => r.Mode == RuleMode.Enforce).Id);
        Assert.All(policy.Rules.Where(r => r.Id != "no-exfiltration"), r => Assert.Equal(RuleMode.Shadow, r.Mode));
    }

    [Fact]
    public void LabelMask_TellsEveryOneOfItsBitsApart()
    {
        for (var bit = 0; bit < LabelMask.Capacity; bit++)
        {
            var one = default(LabelMask).With(bit);
            var others = Enumerable.Range(0, LabelMask.Capacity).Where(b => b != bit).Aggregate(default(LabelMask), (mask, b) => mask.With(b));
            Assert.False(one.IsEmpty);
            Assert.True(one.Contains(one) && one.Intersects(one) && one.Contains(default));
            Assert.False(one.Intersects(others) || others.Contains(one) || one == others);
        }
    }

    private static ImmutableArray<PolicyDiagnostic> Errors(params RuleDocument[] rules)
    {
        var compiled = CompiledPolicy.Compile(new([.. rules]), 1, CelConditionCompiler.Instance, out var errors);
        Assert.Equal(errors.IsEmpty, compiled is not null);
        return errors;
    }
}
