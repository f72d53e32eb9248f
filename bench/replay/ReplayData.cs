using System.Collections.Immutable;
using System.Text.Json;

namespace AgentMonitor.Bench.Replay;

/// <summary>The recorded sessions, what their tools do, and the reference figures over them. See the folder's own README.</summary>
internal sealed class ReplayData
{
    private readonly Dictionary<string, ToolLabels> _labels;
    private readonly Dictionary<string, Reference> _reference;

    private ReplayData(ImmutableArray<RecordedSession> sessions, Dictionary<string, ToolLabels> labels, Dictionary<string, Reference> reference)
    {
        (Sessions, _labels, _reference) = (sessions, labels, reference);
        Groups = [.. sessions.GroupBy(s => (s.Source, s.Suite)).OrderBy(g => g.Key).Select(g => new SessionGroup(g.Key.Source, g.Key.Suite, [.. g]))];
    }

    /// <summary>All sessions, in the order of the files.</summary>
    public ImmutableArray<RecordedSession> Sessions { get; }

    /// <summary>The sessions by data set and suite.</summary>
    public ImmutableArray<SessionGroup> Groups { get; }

    /// <summary>What a tool of a suite does; null when nobody has said.</summary>
    public ToolLabels? FindLabels(string suite, string tool) => _labels.GetValueOrDefault($"{suite}/{tool}");

    /// <summary>What a tool of a suite does, as the reference decides it.</summary>
    public ToolLabels LabelsOf(string suite, string tool) => FindLabels(suite, tool) ?? ToolLabels.None;

    /// <summary>The reference figures of the preset <c>seed</c>; null when the folder has none for the group.</summary>
    public Reference? ReferenceOf(string source, string suite) => _reference.GetValueOrDefault($"{source}|{suite}");

    /// <summary>Reads the folder.</summary>
    /// <param name="folder">Where it lies.</param>
    /// <param name="only">Only these data sets; empty: all.</param>
    public static ReplayData Read(string folder, IReadOnlyCollection<string> only)
    {
        var results = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Lines(Path.Combine(folder, "results.jsonl")))
            using (line) results[Text(line.RootElement, "ref")] = Text(line.RootElement, "text");

        var sessions = ImmutableArray.CreateBuilder<RecordedSession>();
        foreach (var file in Directory.EnumerateFiles(folder, "sessions.*.jsonl").Order(StringComparer.Ordinal))
            foreach (var line in Lines(file))
                using (line)
                    if (only.Count == 0 || only.Contains(Text(line.RootElement, "source"))) sessions.Add(Session(line.RootElement, results));
        return new(sessions.ToImmutable(), Labels(Path.Combine(folder, "labels.json")), References(Path.Combine(folder, "expected.json")));
    }

    private static RecordedSession Session(JsonElement line, Dictionary<string, string> results)
    {
        var recorded = line.GetProperty("recorded");
        return new()
        {
            Id = Text(line, "id"),
            Source = Text(line, "source"),
            Suite = Text(line, "suite"),
            IsAttack = Text(line, "kind") == "attack",
            IsArtifact = Flag(line, "artifact"),
            AttackSucceeded = Flag(recorded, "attack_success"),
            SuccessConfirmed = !line.TryGetProperty("replay_success", out _) || Flag(line, "replay_success"),
            Necessary = Numbers(line, "necessary"),
            Harmful = Numbers(line, "harmful"),
            Prompt = Text(line, "prompt"),
            UserTurns = line.TryGetProperty("user_turns", out var turns) ? [.. turns.EnumerateArray().Select(t => (t[0].GetInt32(), t[1].GetString()!))] : [],
            Calls = [.. line.GetProperty("calls").EnumerateArray().Select(call => new RecordedCall(
                Text(call, "tool"),
                call.GetProperty("args").Clone(),
                call.TryGetProperty("ref", out var reference) ? results[reference.GetString()!] : Text(call, "result"),
                call.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String && error.GetString()!.Length > 0))],
        };
    }

    private static Dictionary<string, ToolLabels> Labels(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.EnumerateArray().ToDictionary(tool => Text(tool, "key"), tool => new ToolLabels
        {
            ReadsUntrusted = Flag(tool, "reads_untrusted"),
            ReadsSensitive = Flag(tool, "reads_sensitive"),
            External = Flag(tool, "external_communication"),
            ExternalIfArgument = tool.GetProperty("external_if_arg") is { ValueKind: JsonValueKind.String } name ? name.GetString() : null,
            StateChange = Flag(tool, "state_change"),
            Destructive = Flag(tool, "destructive"),
            Financial = Flag(tool, "financial"),
            Destinations = [.. tool.GetProperty("sink_args").EnumerateArray().Select(a => a.GetString()!)],
            FreeText = [.. tool.GetProperty("content_args").EnumerateArray().Select(a => a.GetString()!)],
        }, StringComparer.Ordinal);
    }

    /// <summary>The line <c>T</c> of each group.</summary>
    private static Dictionary<string, Reference> References(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        var found = new Dictionary<string, Reference>(StringComparer.Ordinal);
        foreach (var group in document.RootElement.EnumerateObject())
            if (group.Name.Split('|') is [var source, var suite, var policy] && policy.StartsWith("T ", StringComparison.Ordinal))
                found[$"{source}|{suite}"] = new(Number(group.Value, "att"), Number(group.Value, "stop"), Number(group.Value, "ben"), Number(group.Value, "clean"));
        return found;
    }

    private static IEnumerable<JsonDocument> Lines(string file) => File.ReadLines(file).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line));

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static bool Flag(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static int Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetInt32() : 0;

    private static ImmutableArray<int> Numbers(JsonElement element, string name) =>
        element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(n => n.GetInt32())] : [];
}

/// <summary>The sessions of one suite of one data set.</summary>
internal sealed record SessionGroup(string Source, string Suite, ImmutableArray<RecordedSession> Sessions);

/// <summary>What the reference simulator counts in a group.</summary>
internal sealed record Reference(int Attacks, int Stopped, int Benign, int Untouched);
