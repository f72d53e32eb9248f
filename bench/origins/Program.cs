using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentMonitor.Bench;
using AgentMonitor.Bench.Origins;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Tools;

// What reading a tool's result into a session costs, beside hashing the same text with SHA-256, and what a session keeps of it.
const int Length = 100_000;
if (args is not ([] or ["--markdown"]))
{
    await Console.Error.WriteLineAsync("usage: dotnet run -c Release --project bench/origins [-- --markdown]");
    return 2;
}
var markdown = args.Length == 1;
var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
var session = new SessionKey("bench", "s-1");
var key = OriginKey.For(new byte[OriginKey.SaltLength], session);
var tool = new ToolDefinition("bench", "read", [new(Tag.UntrustedContent)]) { ResultMetadata = ["*", "!body", "!subject"], FirstSeenAt = at };
var source = new OriginSource(at, "d-1", "read", "inbox");
ulong[] own = [1, 2, 3];

var texts = new Texts(Length);
(string Name, string Text)[] results =
[
    ("JSON, many records", texts.Json()), ("English-like prose", texts.Prose()), ("YAML, many records", texts.Yaml()),
    ("all tokens different", texts.Distinct()), ("one line without a blank", texts.OneLine()), ("names upon names", texts.Names()),
];

var hashing = Cost.Of(() => SHA256.HashData(Encoding.UTF8.GetBytes(results[1].Text))[0], 4, 100, TimeSpan.FromSeconds(0.5));
var reading = new Table(1, "result of 100,000 characters", "read as", "values", "ratio to SHA-256", "median ms", "p10 ms", "p99 ms", "allocated KB", "ms beside 10 others");
var busy = Filled(10);
foreach (var (name, text) in results)
    foreach (var untrusted in new[] { true, false })
    {
        using var document = JsonDocument.Parse(JsonSerializer.Serialize(text));
        var content = document.RootElement;
        var cost = Cost.Of(() => Read(OriginIndex.Empty, content, untrusted).Count, 1, 200, TimeSpan.FromSeconds(1.5));
        var beside = Cost.Of(() => Read(busy, content, untrusted).Count, 1, 100, TimeSpan.FromSeconds(0.3));
        reading.Add(name, untrusted ? "untrusted" : "trusted", $"{Read(OriginIndex.Empty, content, untrusted).Count}", $"{cost.Median / hashing.Median:0.0}", $"{cost.Median / 1e6:0.00}", $"{cost.P10 / 1e6:0.00}", $"{cost.P99 / 1e6:0.00}",
            $"{cost.Bytes / 1024:0}", $"{beside.Median / 1e6:0.00}");
    }
Console.WriteLine($"SHA-256 of the prose: {hashing.Median / 1e6:0.000} ms (median).\n");
Console.WriteLine(reading.ToString(markdown));

// A lookup and a whole call.
var full = Filled(100);
var agent = new AgentDefinition { Id = "bench", Name = "Bench", TrustedDestinations = ["*@example.org"] };
var send = new ToolDefinition("bench", "send", [new(Tag.ExternalCommunication)]) { Destinations = ["to"], FreeText = ["body"], FirstSeenAt = at };
using var call = JsonDocument.Parse("""{"to":["bako.dedi@fego.example.com","nobody@nowhere.example"],"body":"The report is at https://files.example.com/report, ask carol@example.com for more."}""");
var looking = new Table(1, "what", "in a session with", "median ns", "allocated bytes");
foreach (var (name, index) in new[] { ("1 result", Filled(1)), ("10 results", busy), ("100 results", full) })
{
    var value = Cost.Of(() => (long)index.Find(key.Hash("bako.dedi@fego.example.com")!.Value).Origin, 1_000, 200, TimeSpan.FromSeconds(0.5));
    looking.Add("a value: canonical form, hash, lookup", name, $"{value.Median:0}", $"{value.Bytes:0}");
    var report = Cost.Of(() => DestinationReport.Of(agent, send, [Tag.ExternalCommunication], call.RootElement, index, key).Destinations.Length, 100, 200, TimeSpan.FromSeconds(0.5));
    looking.Add("a call: two recipients, a link and an address in its text", name, $"{report.Median:0}", $"{report.Bytes:0}");
}
Console.WriteLine(looking.ToString(markdown));

// What stays.
var memory = new Table(1, "session", "values", "sources", "full", "bytes in memory", "bytes a value", "bytes in the store");
Keep("idle: nothing said, nothing read", 10_000, i => SessionState.New(new("bench", $"s-{i}"), at), stored: 0);
foreach (var count in new[] { 1, 10, 100 })
{
    var stored = 0L;
    _ = Filled(count, added => stored += added.ToBytes().Length);
    Keep($"{count} result{(count == 1 ? "" : "s")} of 100,000 characters", 4, i => SessionState.New(new("bench", $"s-{i}"), at) with { Origins = Filled(count) }, stored);
}
Console.WriteLine(memory.ToString(markdown));
return 0;

OriginIndex Read(OriginIndex index, JsonElement content, bool untrusted) => index.Add(OriginBatch.Of(source, OriginReader.Result(key, content, tool, untrusted, own)));

// A session that has read that many results, half of them prose.
OriginIndex Filled(int count, Action<OriginBatch>? stored = null)
{
    var more = new Texts(Length);
    var index = OriginIndex.Empty;
    for (var i = 0; i < count; i++)
    {
        using var document = JsonDocument.Parse(JsonSerializer.Serialize(i % 2 == 0 ? more.Json() : more.Prose()));
        index = index.Add(OriginBatch.Of(new(at.AddSeconds(i), $"d-{i}", "read", "inbox"), OriginReader.Result(key, document.RootElement, tool, true, own)), out var added);
        if (added is not null) stored?.Invoke(added);
    }
    return index;
}

void Keep(string name, int copies, Func<int, SessionState> make, long stored)
{
    _ = make(0);
    var kept = new SessionState[copies];
    var before = GC.GetTotalMemory(forceFullCollection: true);
    for (var i = 0; i < copies; i++) kept[i] = make(i);
    var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / copies;
    var origins = kept[0].Origins;
    memory.Add(name, $"{origins.Count}", $"{origins.Sources.Length}", origins.IsFull ? "yes" : "no", $"{bytes}", origins.Count == 0 ? "–" : $"{(double)bytes / origins.Count:0.0}", $"{stored}");
    GC.KeepAlive(kept);
}
