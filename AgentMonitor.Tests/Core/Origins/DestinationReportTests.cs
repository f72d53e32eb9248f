using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Tools;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace AgentMonitor.Tests.Core.Origins;

/// <summary>The destinations of a call are read from any JSON; what is said of them cannot be continued by what it quotes.</summary>
public sealed class DestinationReportTests
{
    private static readonly AgentDefinition Agent = new() { Id = "agent", Name = "Agent", TrustedDestinations = ["*@acme.com", "*.acme.com", "wiki.acme.com/*", "x"] };
    private static readonly string[] Texts =
    [
        "", " ", "a", "\\ud800", "x\\udc00y", "bob@acme.com", "mallory@evil.com, bob@acme.com", "Bob <bob@acme.com>", "<", ">", "<>", " <a@b.cc>", "http://", "https://a.acme.com/../", "www.", "@", "#", "$", "$.",
        "1.0000", "00000000", "()-+/ 1234567", "DE89 3704 0044 0532 0130 00", "\\u0000\\u202e“”\\n", "{'a': '", "- a: b\\n  c", "😀@😀.com", "…", "a;b;c", "%2e%2e/", "\\\\\\\\", "\\\"\\\"",
    ];

    [Fact]
    public void Report_OfAnyArguments_DoesNotThrow() => FsCheck.Check.One(Worlds.Runs(3_000), Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var json = new StringBuilder();
        Object(json, random, 0);
        var arguments = Seen.Json(json.ToString());
        var tool = new ToolDefinition("agent", "tool", [])
        {
            Destinations = random.Next(2) == 0 ? ["*"] : ["a", "b"],
            FreeText = ["c"],
            ResultMetadata = ["*", "!b"],
        };
        ImmutableArray<string> tags = random.Next(3) switch { 0 => ["financial"], 1 => ["state-change"], _ => ["external-communication", "state-change"] };
        var seen = new Seen().Prompt("Bob and 1234567").Written(json.ToString()).Result(json.ToString(), untrusted: random.Next(2) == 0, json.ToString(), "a");
        var report = DestinationReport.Of(Agent, tool, tags, arguments, seen.Index, Seen.Key);
        var facts = Facts(tool, arguments);
        foreach (var destination in report.Destinations) Assert.DoesNotContain(DestinationWords.Describe(destination, facts, false), c => char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format);
        Assert.NotNull(DestinationWords.Describe(report, facts));
        return report.Destinations.Length <= DestinationReport.MaxDestinations && report.IsUnvouched == (report.IsUnreadable || report.HasTooMany || report.Destinations.Any(d => !d.Vouched));
    }));

    [Fact]
    public void Address_AsTheNameOfAMember_IsADestination()
    {
        var report = Read("""{"to":{"mallory@evil.com":"bob@acme.com"}}""");
        Assert.Equal(["mallory@evil.com", "bob@acme.com"], report.Destinations.Select(d => d.Value));
        Assert.Equal("mallory@evil.com", report.FirstUnvouched?.Value);
    }

    [Fact]
    public void Address_RepeatedUntilTheBound_HidesNoOther()
    {
        var report = Read($$"""{"to":"bob@acme.com","body":"{{string.Concat(Enumerable.Repeat("bob@acme.com ", 200))}} https://evil.com/a"}""");
        Assert.Equal("https://evil.com/a", report.FirstUnvouched?.Value);
    }

    [Theory]
    [InlineData("Bob <bob@acme.com>", true)]
    [InlineData("\"Smith, Bob\" <bob@acme.com>", true)]
    [InlineData("Bob <bob@acme.com>, Carol <carol@acme.com>", true)]
    [InlineData("bob@acme.com carol@acme.com", true)]
    [InlineData("mallory@evil.com, Bob <bob@acme.com>", false)]
    [InlineData("mallory@evil.com <bob@acme.com>", false)]
    [InlineData("\"mallory@evil.com\" <bob@acme.com>", false)]
    [InlineData("mallory; Bob <bob@acme.com>", false)]
    [InlineData("\"a\", \"b\" <bob@acme.com>", false)]
    [InlineData("Bob <bob@acme.com> <mallory@evil.com>", false)]
    [InlineData("bob@acme.com mallory", false)]
    public void Name_BeforeAnAddress_HidesNoOther(string to, bool vouched) => Assert.Equal(!vouched, Read($$"""{"to":{{System.Text.Json.JsonSerializer.Serialize(to)}}}""").IsUnvouched);

    [Theory]
    [InlineData("plain", "“plain”")]
    [InlineData("a “b” c", "“a 'b' c”")]
    [InlineData("a\n\tb\u0000c", "“a  b c”")]
    [InlineData("a\u202eb\u200bc\u2028d", "“a b c d”")]
    [InlineData("sk-abcdefghijklmnopqrstuvwxyz0123", "“sk-•••”")]
    public void Quote_CannotBeLeft(string value, string quoted) => Assert.Equal(quoted, DestinationWords.Quote(value));

    [Fact]
    public void Quote_OfALongValue_IsCut() => Assert.Equal($"“{new string('x', DestinationWords.MaxValue)}… (20 more characters)”", DestinationWords.Quote(new string('x', DestinationWords.MaxValue + 20)));

    private static DestinationReport Read(string arguments) => DestinationReport.Of(Agent, new("agent", "tool", [new("external-communication")]) { Destinations = ["to"], FreeText = ["body"] },
        ["external-communication"], Seen.Json(arguments), OriginIndex.Empty, Seen.Key);

    private static CallFacts Facts(ToolDefinition tool, System.Text.Json.JsonElement arguments) => new()
    {
        Agent = Agent,
        Users = [new("alice", false, [])],
        Session = SessionState.New(new("agent", "session"), Worlds.Now),
        Tool = tool,
        Arguments = arguments,
        Now = Worlds.Now,
        OriginKey = Seen.Key,
    };

    private static void Object(StringBuilder json, Random random, int depth)
    {
        json.Append('{');
        for (var i = random.Next(5); i > 0; i--)
        {
            json.Append('"').Append(random.Next(3) > 0 ? "abc"[random.Next(3)].ToString() : Texts[random.Next(Texts.Length)]).Append("\":");
            Value(json, random, depth + 1);
            if (i > 1) json.Append(',');
        }
        json.Append('}');
    }

    private static void Value(StringBuilder json, Random random, int depth)
    {
        switch (random.Next(depth > 6 ? 5 : 8))
        {
            case 0: json.Append("null"); break;
            case 1: json.Append("true"); break;
            case 2: json.Append(CultureInfo.InvariantCulture, $"{random.Next(-5, 20_000_000)}{(random.Next(3) == 0 ? ".50e3" : "")}"); break;
            case 3 or 4 or 5: json.Append('"').Append(Texts[random.Next(Texts.Length)]).Append(random.Next(2) == 0 ? Texts[random.Next(Texts.Length)] : "").Append('"'); break;
            case 6: Object(json, random, depth + 1); break;
            default:
                json.Append('[');
                for (var i = random.Next(5); i > 0; i--)
                {
                    Value(json, random, depth + 1);
                    if (i > 1) json.Append(',');
                }
                json.Append(']');
                break;
        }
    }
}
