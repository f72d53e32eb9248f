using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Tools;
using Xunit;

namespace AgentMonitor.Tests.Core.Origins;

/// <summary>
/// The origins that are found in recorded sessions against the marks that come with the data. Reads <c>../shared/data/replay</c> beside the
/// repository, and is skipped where that is absent. Nothing of the texts is printed: they hold live injections.
/// </summary>
public sealed class RecordedProvenanceTests
{
    /// <summary>Least agreement. What differs are spellings that the marks do not take for the same value. Metadata as long as a sentence is text here, by design.</summary>
    private const double Floor = 0.999;

    [Fact]
    public void Vouched_InRecordedSessions_AgreesWithTheMarks()
    {
        var folder = Folder();
        var results = File.ReadLines(Path.Combine(folder, "results.jsonl")).Select(Parse).ToDictionary(l => Text(l, "ref"), l => Text(l, "text"));
        var tools = Parse(File.ReadAllText(Path.Combine(folder, "labels.json"))).EnumerateArray().ToDictionary(t => Text(t, "key"), Definition);
        var (compared, agreed) = (0, 0);
        var differing = new Dictionary<string, int>();
        foreach (var file in Directory.EnumerateFiles(folder, "sessions.*.jsonl").Order(StringComparer.Ordinal))
            foreach (var session in File.ReadLines(file).Where(l => l.Length > 0).Select(Parse))
                foreach (var (same, what) in Compare(session, tools, results))
                {
                    compared++;
                    if (same) agreed++;
                    else differing[$"{Path.GetFileName(file)} {what}"] = differing.GetValueOrDefault($"{Path.GetFileName(file)} {what}") + 1;
                }
        Assert.True(compared > 10_000, $"only {compared} marks were found");
        Assert.True(agreed >= compared * Floor, $"{agreed} of {compared} agree: {string.Join("; ", differing.OrderByDescending(d => d.Value).Take(12).Select(d => $"{d.Key} {d.Value}"))}");
    }

    private static IEnumerable<(bool Same, string What)> Compare(JsonElement session, Dictionary<string, ToolDefinition> tools, Dictionary<string, string> results)
    {
        var agent = new AgentDefinition { Id = "replay", Name = "Replay" };
        var key = OriginKey.For(new byte[OriginKey.SaltLength], new SessionKey("replay", Text(session, "id")));
        var index = OriginIndex.Empty;
        var turns = session.TryGetProperty("user_turns", out var said) ? said.EnumerateArray().Select(t => (Before: t[0].GetInt32(), Text: t[1].GetString()!)).ToList() : [];
        var at = DateTimeOffset.UnixEpoch;
        void Tell(OriginCollector collected) => index = index.Add(OriginBatch.Of(new(at = at.AddSeconds(1), null, null, null), collected));
        Tell(OriginReader.Prompt(key, Text(session, "prompt")));
        var number = 0;
        foreach (var call in session.GetProperty("calls").EnumerateArray())
        {
            foreach (var turn in turns.Where(t => t.Before == number)) Tell(OriginReader.Prompt(key, turn.Text));
            number++;
            var tool = tools.GetValueOrDefault($"{Text(session, "suite")}/{Text(call, "tool")}") ?? new ToolDefinition("replay", Text(call, "tool"), ImmutableArray<ToolTag>.Empty);
            var tags = tool.TagsFor(call.GetProperty("args"), out _);
            var strict = tags.Contains(Tag.Financial) || tags.Contains(Tag.Destructive);
            if (call.TryGetProperty("prov", out var marks) && marks.ValueKind == JsonValueKind.Object)
                foreach (var argument in marks.EnumerateObject())
                    foreach (var value in argument.Value.EnumerateObject())
                    {
                        var codes = value.Value.EnumerateArray().Select(c => c.GetString()![0]).ToHashSet();
                        // What an agent's own instructions say is not reported.
                        if (codes.Contains('y')) continue;
                        // Longer metadata is text.
                        var wanted = codes.Contains('p') || (codes.Contains('t') || codes.Contains('m') && OriginReader.IsIdentifier(value.Name)) && !(strict && codes.Contains('u'));
                        var vouched = DestinationReport.Judge(agent, value.Name, index, key, strict).Vouched;
                        yield return (wanted == vouched, $"{(argument.Name == "#" ? "in text" : "argument")} {string.Concat(codes.Order())} {(vouched ? "vouched" : "unvouched")}");
                    }
            var content = JsonSerializer.SerializeToElement(call.TryGetProperty("ref", out var reference) ? results[reference.GetString()!] : Text(call, "result"));
            Tell(OriginReader.Result(key, content, tool, tags.Contains(Tag.UntrustedContent), OriginReader.Arguments(key, call.GetProperty("args"))));
        }
    }

    private static ToolDefinition Definition(JsonElement labels)
    {
        bool Flag(string name) => labels.GetProperty(name).ValueKind == JsonValueKind.True;
        var tags = ImmutableArray.CreateBuilder<ToolTag>();
        if (Flag("reads_untrusted")) tags.Add(new(Tag.UntrustedContent));
        if (Flag("financial")) tags.Add(new(Tag.Financial));
        if (Flag("destructive")) tags.Add(new(Tag.Destructive));
        return new("replay", Text(labels, "tool"), tags.ToImmutable()) { ResultMetadata = Metadata([.. labels.GetProperty("free_text_fields").EnumerateArray().Select(f => f.GetString()!)]) };
    }

    // The file names the fields that people wrote; a star: all of them.
    private static ImmutableArray<string> Metadata(string[] freeText) => freeText.Contains("*") ? [] : ["*", .. freeText.Select(f => $"!{f}")];

    private static JsonElement Parse(string line) => JsonDocument.Parse(line).RootElement;

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AgentMonitor.sln")) && Path.Combine(folder.Parent!.FullName, "shared", "data", "replay") is var found && Directory.Exists(found)) return found;
        Assert.Skip("The recorded sessions (../shared/data/replay) are not beside the repository.");
        throw new InvalidOperationException();
    }
}
