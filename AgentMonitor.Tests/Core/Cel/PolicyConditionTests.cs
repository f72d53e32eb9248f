using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Tools;
using Xunit;

namespace AgentMonitor.Tests.Core.Cel;

public sealed class PolicyConditionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static CallFacts Facts(string? arguments = null, ICallEvidence? evidence = null) => new()
    {
        Agent = new AgentDefinition { Id = "pm-portal", Name = "PM", Owner = "team-a", Tags = ["pilot"] },
        Users =
        [
            new("alice@example.com", true, ["pm", "admin"]) { Groups = ["staff"], Attributes = JsonDocument.Parse("""{"region":"eu","level":3}""").RootElement },
            new("bob", false, []),
        ],
        Session = SessionState.New(new("pm-portal", "chat-42"), Now.AddMinutes(-5)).WithLabels(
            [.. new[] { "sensitive-data", "untrusted-content" }.Select(label => new LabelEvidence(label, LabelSource.ToolCall, Now, "d", "t", null, []))]),
        Tool = new ToolDefinition("pm-portal", "send_email", [new(Tag.ExternalCommunication), new(Tag.Financial, "amount")]),
        Arguments = arguments is null ? default : JsonDocument.Parse(arguments).RootElement,
        Now = Now,
        Evidence = evidence,
    };

    private static ConditionOutcome Evaluate(string source, in CallFacts facts, out string? error)
    {
        var condition = CelConditionCompiler.Instance.Compile(source, out error);
        Assert.True(condition is not null, error);
        return condition.Evaluate(facts, out error);
    }

    private const string Arguments = """{"to":"eve@evil.example","cc":["x","y"],"amount":250.5,"key":"AKIAIOSFODNN7EXAMPLE","notes":{"a":["password=hunter22"]}}""";

    [Theory]
    [InlineData("session.labels.exists(l, l == 'untrusted-content') && !args.to.endsWith('@example.com')", true)]
    [InlineData("'untrusted-content' in session.labels && !('own' in session.labels) && size(session.labels) == 2", true)]
    [InlineData("session.labels.all(l, l.size() > 5) && session.labels.filter(l, l.startsWith('s')) == ['sensitive-data'] && session.labels[0] == 'sensitive-data'", true)]
    [InlineData("tool.name == 'send_email' && args.amount > 100.0", true)]
    [InlineData("tool.name in ['send_email', 'post'] && tool.name.startsWith('send') && tool.name != 'x'", true)]
    [InlineData("'financial' in tool.tags && tool.tags.exists(t, t == 'external-communication') && size(tool.tags) == 2", true)]
    [InlineData("agent.id == 'pm-portal' && agent.owner == 'team-a' && 'pilot' in agent.tags && session.id == 'chat-42'", true)]
    [InlineData("users.exists(u, 'admin' in u.roles && u.verified) && users[0].groups == ['staff'] && users.all(u, u.id != '') && !users[1].verified", true)]
    [InlineData("users[0].attributes.region == 'eu' && users[0].attributes.level > 2 && !has(users[1].attributes.region) && users.map(u, u.id) == ['alice@example.com', 'bob']", true)]
    [InlineData("now - session.startedAt == duration('5m') && now.getDayOfWeek() == 0 && session.calls == 0", true)]
    [InlineData("has(args.to) && !has(args.bcc) && size(args.cc) == 2", true)]
    [InlineData("secrets(args.key) == ['aws-access-key'] && secrets(args) == ['aws-access-key', 'password-assignment'] && secrets('x').size() == 0 && 'aws-access-key' in secrets([args.key])", true)]
    [InlineData("calls('send_email', duration('10m')) == 0 && !vouched(args.to) && origin(args.to) == 'none'", true)]
    [InlineData("cel.bind(s, session, s.id) == 'chat-42' && cel.bind(t, tool, 'financial' in t.tags) && cel.bind(a, agent, a.tags) == ['pilot']", true)]
    [InlineData("args.amount < 100", false)]
    public void Condition_OverTheFactsOfACall_Answers(string source, bool holds)
    {
        Assert.Equal(holds ? ConditionOutcome.True : ConditionOutcome.False, Evaluate(source, Facts(Arguments), out var error));
        Assert.Null(error);
    }

    [Fact]
    public void Arguments_ThatAreMissing_AreAnEmptyMap() =>
        Assert.Equal(ConditionOutcome.True, Evaluate("size(args) == 0 && !has(args.to) && args == {} && !('to' in args) && args.?to.orValue('x') == 'x' && args.all(k, false)", Facts(), out _));

    [Fact]
    public void Evidence_AnswersForCountsAndOrigins()
    {
        var facts = Facts(Arguments, new Evidence());
        Assert.Equal(ConditionOutcome.True, Evaluate("calls('send_email', duration('10m')) == 10 && agentCalls('send_email', duration('1h')) == 3600 && session.calls == 77", facts, out _));
        Assert.Equal(ConditionOutcome.True, Evaluate("vouched('good') && !vouched('bad') && vouched(['good', 'good']) && !vouched(['good', 'bad']) && !vouched({'a': ['bad']}) && !vouched(args.to) && vouched([])", facts, out _));
        Assert.Equal(ConditionOutcome.True, Evaluate("origin('good') == 'user' && origin(['good', 'seen']) == 'untrusted' && origin(['good', 'x']) == 'none' && origin(args.to) == 'none' && origin([]) == 'none'", facts, out _));
        Assert.Equal(ConditionOutcome.True, Evaluate("calls('send_email', duration('-1h')) == 0 && calls('send_email', duration('24h')) == 1440", facts, out _));
    }

    [Theory]
    [InlineData("args.bcc == 'x'", "1:6: no such key: 'bcc'")]
    [InlineData("args.to > 5", "no order")]
    [InlineData("args.to", "a truth value was expected")]
    [InlineData("args.cc.all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, true))))))", "too many steps")]
    public void Condition_ThatCannotBeEvaluated_SaysWhereAndWhy(string source, string message)
    {
        Assert.Equal(ConditionOutcome.Error, Evaluate(source, Facts(Arguments), out var error));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tool.nam == 'x'", "nam")]
    [InlineData("args.to.matches('(?=x)')", "regular expression")]
    [InlineData("now < timestamp('yesterday')", "not a timestamp")]
    [InlineData("1 + 1", "true or false")]
    [InlineData("tool.name ==", "1:")]
    public void Condition_ThatIsWrong_IsRefusedWithItsPlace(string source, string message)
    {
        Assert.Null(CelConditionCompiler.Instance.Compile(source, out var error));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains("^", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RuleEffect.Deny, DecisionOutcome.Deny)]
    [InlineData(RuleEffect.Approve, DecisionOutcome.Pending)]
    [InlineData(RuleEffect.Allow, DecisionOutcome.Allow)]
    [InlineData(RuleEffect.Label, DecisionOutcome.Allow)]
    public void Rule_WhoseConditionFails_CountsOnlyWhereItRestricts(RuleEffect effect, DecisionOutcome outcome)
    {
        var rule = new RuleDocument { Id = "r", Effect = effect, Condition = "args.missing == 1", Labels = effect == RuleEffect.Label ? ["own"] : [], Mode = RuleMode.Enforce };
        var policy = CompiledPolicy.Compile(new([rule]), 1, CelConditionCompiler.Instance, out var errors);
        Assert.Empty(errors);
        var verdict = DecisionEngine.Evaluate(new ControlSnapshot { Revision = 1, Policy = policy! }, Facts(Arguments));
        Assert.Equal(outcome, verdict.Outcome);
        var restricts = effect is RuleEffect.Deny or RuleEffect.Approve;
        Assert.Contains("no such key", Assert.Single(restricts ? verdict.Matched : verdict.Errors).Error, StringComparison.Ordinal);
        Assert.DoesNotContain(verdict.Labels, l => l.Label == "own");
    }

    [Fact]
    public void Policy_WithAWrongCondition_IsRefusedAtItsPlace()
    {
        var rule = new RuleDocument { Id = "r", Effect = RuleEffect.Deny, Condition = "tool.nam == 'x'", Mode = RuleMode.Enforce };
        Assert.Null(CompiledPolicy.Compile(new([rule]), 1, CelConditionCompiler.Instance, out var errors));
        Assert.Equal(("bad-condition", "/rules/0/condition"), (Assert.Single(errors).Code, errors[0].Path));
    }

    [Theory]
    [InlineData("session.labels.exists(l, l == 'untrusted-content') && !args.to.endsWith('@example.com')")]
    [InlineData("tool.name == 'send_email' && args.amount > 100.0 && args.to != 'x' && args.amount != 7")]
    [InlineData("'pilot' in agent.tags && has(args.cc) && args.cc.exists(c, c == 'y') && args.cc.all(c, c.startsWith('x') || c.endsWith('y'))")]
    [InlineData("args.amount * 2.0 > 10.0 && now - session.startedAt < duration('1h') && size(args.to) > 3")]
    public void Comparison_OfAUsualCondition_AllocatesNothing(string source)
    {
        var condition = CelConditionCompiler.Instance.Compile(source, out var error);
        Assert.True(condition is not null, error);
        var facts = Facts(Arguments) with { Tags = ImmutableArray.Create("external-communication") };
        for (var i = 0; i < 100; i++) Assert.Equal(ConditionOutcome.True, condition.Evaluate(facts, out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++) condition.Evaluate(facts, out _);
        // The runtime may allocate now and then while it replaces code by faster code.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000);
    }

    private sealed class Evidence : ICallEvidence
    {
        public int TotalSessionCalls => 77;
        public int SessionCalls(string tool, TimeSpan window, DateTimeOffset now) => tool == "send_email" ? (int)Math.Min(window.TotalMinutes, 1_000_000) : 0;
        public int AgentCalls(string tool, TimeSpan window, DateTimeOffset now) => (int)window.TotalSeconds;
        public bool IsVouched(JsonElement value) => value.ValueKind == JsonValueKind.String && IsVouched(value.GetString()!);
        public bool IsVouched(string value) => value == "good";
        public string OriginOf(string value) => value switch { "good" => "user", "seen" => "untrusted", _ => "none" };
    }
}
