using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AgentMonitor.Bench;
using AgentMonitor.Bench.Cel;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Tools;

// Conditions of policies beside C# that a person would write for the same question over the same facts. Prints a Markdown table; ends with 1 when
// a comparison takes more than five times as long as the hand-written one, or allocates.
//   dotnet run -c Release --project bench/cel [-- --quick]

const double Target = 5;
var rounds = args.Contains("--quick") ? 5 : 15;
var roundTime = TimeSpan.FromMilliseconds(args.Contains("--quick") ? 20 : 100);

using var arguments = JsonDocument.Parse("""
    {"to":"bob@partner.example.org","cc":["eve@example.com","mallory@example.com","trent@example.com","peggy@example.com"],"amount":250.5,"id":12446,
     "subject":"Quarterly figures","body":"Dear Bob, please find the figures of the last quarter below. Kind regards, Alice"}
    """);
var now = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
var facts = new CallFacts
{
    Agent = new AgentDefinition { Id = "pm-portal", Name = "PM portal", Owner = "team-a", Tags = ["internal", "pilot"] },
    Users = [new("alice@example.com", true, ["pm", "admin"])],
    Session = SessionState.New(new("pm-portal", "chat-42"), now).WithLabels(
        [.. new[] { "sensitive-data", "external-communication", "untrusted-content" }.Select(label => new LabelEvidence(label, LabelSource.ToolCall, now, "d", "t", null, []))]),
    Tool = new ToolDefinition("pm-portal", "send_email", [new(Tag.ExternalCommunication)]),
    Arguments = arguments.RootElement,
    Now = now,
};

(string Source, Condition Hand, bool IsTarget)[] conditions =
[
    ("session.labels.exists(l, l == 'untrusted-content') && !args.to.endsWith('@example.com')", static (in CallFacts f) =>
    {
        foreach (var label in f.Session.Labels)
            if (label.Label == "untrusted-content")
                return f.Arguments.TryGetProperty("to", out var to) && to.ValueKind == JsonValueKind.String && !to.GetString()!.EndsWith("@example.com", StringComparison.Ordinal);
        return false;
    }, true),
    ("tool.name == 'send_email' && args.amount > 100.0", static (in CallFacts f) =>
        f.Tool.Name == "send_email" && f.Arguments.TryGetProperty("amount", out var amount) && amount.ValueKind == JsonValueKind.Number && amount.GetDouble() > 100.0, true),
    ("args.subject == 'Quarterly figures' && args.id == 12446", static (in CallFacts f) =>
        f.Arguments.TryGetProperty("subject", out var subject) && subject.ValueKind == JsonValueKind.String && subject.ValueEquals("Quarterly figures")
        && f.Arguments.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number) && number == 12446, true),
    ("args.cc.all(a, a.endsWith('@example.com'))", static (in CallFacts f) =>
    {
        if (!f.Arguments.TryGetProperty("cc", out var cc) || cc.ValueKind != JsonValueKind.Array) return false;
        foreach (var address in cc.EnumerateArray())
            if (address.ValueKind != JsonValueKind.String || !address.GetString()!.EndsWith("@example.com", StringComparison.Ordinal)) return false;
        return true;
    }, true),
    ("'internal' in agent.tags && has(args.body) && args.body.contains('figures')", static (in CallFacts f) =>
        f.Agent.Tags.Contains("internal") && f.Arguments.TryGetProperty("body", out var body) && body.ValueKind == JsonValueKind.String && body.GetString()!.Contains("figures", StringComparison.Ordinal), true),
    ("users.exists(u, 'admin' in u.roles)", static (in CallFacts f) =>
    {
        foreach (var user in f.Users)
            if (user.Roles.Contains("admin")) return true;
        return false;
    }, false),
    ("now - session.startedAt < duration('1h') && tool.tags.exists(t, t.startsWith('external'))", static (in CallFacts f) =>
    {
        if (f.Now - f.Session.StartedAt >= TimeSpan.FromHours(1)) return false;
        foreach (var tag in f.Tags)
            if (tag.StartsWith("external", StringComparison.Ordinal)) return true;
        return false;
    }, false),
    ("args.amount * 1.19 > 290.0", static (in CallFacts f) => f.Arguments.TryGetProperty("amount", out var amount) && amount.ValueKind == JsonValueKind.Number && amount.GetDouble() * 1.19 > 290.0, false),
];

var table = new Table(1, "expression", "hand-written ns", "B", "compiled ns", "B", "ratio");
var missed = false;
foreach (var (source, hand, isTarget) in conditions)
{
    if (CelConditionCompiler.Instance.Compile(source, out var error) is not { } compiled)
    {
        Console.Error.WriteLine($"{source}\n{error}");
        return 2;
    }
    Condition condition = (in CallFacts f) => compiled.Evaluate(f, out _) == ConditionOutcome.True;
    if (hand(facts) != condition(facts))
    {
        Console.Error.WriteLine($"{source}\nthe hand-written condition says {hand(facts)}");
        return 2;
    }
    var (handTime, handBytes) = Measure(hand);
    var (time, bytes) = Measure(condition);
    missed |= isTarget && (time > Target * handTime || bytes > 0);
    table.Add($"`{source.Replace("|", "\\|", StringComparison.Ordinal)}`", Number(handTime), handBytes.ToString(CultureInfo.InvariantCulture), Number(time), bytes.ToString(CultureInfo.InvariantCulture), Number(time / handTime));
}
Console.WriteLine(table.ToString(markdown: true));
if (missed) Console.WriteLine($"a comparison takes more than {Target} times as long as the hand-written one, or allocates");
return missed ? 1 : 0;

// Nanoseconds of one call, the median of some rounds, and bytes that it allocates.
(double Time, long Bytes) Measure(Condition condition)
{
    var count = 1_000;
    while (Round(condition, count) < roundTime) count *= 2;
    for (var i = 0; i < 3; i++) Round(condition, count);
    var times = Enumerable.Range(0, rounds).Select(_ => Round(condition, count).TotalNanoseconds / count).Order().ToArray();
    var before = GC.GetAllocatedBytesForCurrentThread();
    for (var i = 0; i < 1_000; i++) condition(facts);
    return (times[rounds / 2], (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000);
}

TimeSpan Round(Condition condition, int count)
{
    var start = Stopwatch.GetTimestamp();
    for (var i = 0; i < count; i++) condition(facts);
    return Stopwatch.GetElapsedTime(start);
}

static string Number(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
