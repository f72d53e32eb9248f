using System.Collections.Immutable;
using System.Text.Json;

namespace AgentMonitor.Bench.Replay;

/// <summary>The recorded sessions, what their tools do, and the reference figures over them. See the folder's own README.</summary>
internal sealed class ReplayData
{
    private static readonly JsonElement NoArguments = JsonDocument.Parse("{}").RootElement;

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

    /// <summary>Whether the folder holds reference figures at all.</summary>
    public bool HasReference => _reference.Count > 0;

    /// <summary>The reference figures of a line of the reference simulator; null when the folder has none for the group.</summary>
    public Reference? ReferenceOf(string source, string suite, string line) => _reference.GetValueOrDefault($"{source}|{suite}|{line}");

    /// <summary>Reads the folder.</summary>
    /// <param name="folder">Where it lies.</param>
    /// <param name="only">Only these data sets; empty: all.</param>
    public static ReplayData Read(string folder, IReadOnlyCollection<string> only)
    {
        var results = new Dictionary<string, string>(StringComparer.Ordinal);
        if (File.Exists(Path.Combine(folder, "results.jsonl")))
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
        var recorded = line.TryGetProperty("recorded", out var said) ? said : default;
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
            UserTurns = line.TryGetProperty("user_turns", out var turns) && turns.ValueKind == JsonValueKind.Array ? [.. turns.EnumerateArray().Select(t => (t[0].GetInt32(), t[1].GetString() ?? ""))] : [],
            OracleTools = line.TryGetProperty("oracle_tools", out var needed) && needed.ValueKind == JsonValueKind.Array ? Strings(needed) : null,
            Calls = [.. line.GetProperty("calls").EnumerateArray().Select(call => new RecordedCall(
                Text(call, "tool"),
                call.TryGetProperty("args", out var arguments) && arguments.ValueKind == JsonValueKind.Object ? arguments.Clone() : NoArguments,
                // What is cut in the session's line stands in full in its own file, where there is one.
                Text(call, "ref") is { Length: > 0 } reference && results.TryGetValue(reference, out var full) ? full : Text(call, "result"),
                Text(call, "error").Length > 0 || Flag(call, "error"),
                Text(call, "injected") == "true" || Flag(call, "injected")))],
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
            ExternalIfArgument = Text(tool, "external_if_arg") is { Length: > 0 } name ? name : null,
            StateChange = Flag(tool, "state_change"),
            Destructive = Flag(tool, "destructive"),
            Financial = Flag(tool, "financial"),
            Destinations = Strings(tool, "sink_args"),
            FreeText = Strings(tool, "content_args"),
            WrittenFields = Strings(tool, "free_text_fields"),
        }, StringComparer.Ordinal);
    }

    /// <summary>The lines of each group that a preset is compared with, by the first word of their names.</summary>
    private static Dictionary<string, Reference> References(string file)
    {
        var found = new Dictionary<string, Reference>(StringComparer.Ordinal);
        if (!File.Exists(file)) return found;
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        foreach (var group in document.RootElement.EnumerateObject())
            if (group.Name.Split('|') is [var source, var suite, var policy] && policy.Split(' ')[0] is var line && line is ("T" or "B" or "K+B"))
                found[$"{source}|{suite}|{line}"] = new(Number(group.Value, "att"), Number(group.Value, "stop"), Number(group.Value, "ben"), Number(group.Value, "clean"));
        return found;
    }

    private static IEnumerable<JsonDocument> Lines(string file) => File.ReadLines(file).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line));

    /// <summary>A member's text; that of its JSON when it is a list or an object; empty when it is missing, null or no Unicode text.</summary>
    private static string Text(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value)) return "";
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!,
                JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Number => value.GetRawText(),
                _ => "",
            };
        }
        catch (InvalidOperationException) { return ""; }
    }

    private static bool Flag(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static ImmutableArray<string> Strings(JsonElement element, string name) => element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? Strings(list) : [];

    private static ImmutableArray<string> Strings(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    private static int Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetInt32() : 0;

    private static ImmutableArray<int> Numbers(JsonElement element, string name) =>
        element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(n => n.GetInt32())] : [];
}

/// <summary>The sessions of one suite of one data set.</summary>
internal sealed record SessionGroup(string Source, string Suite, ImmutableArray<RecordedSession> Sessions);

/// <summary>What the reference simulator counts in a group.</summary>
internal sealed record Reference(int Attacks, int Stopped, int Benign, int Untouched);
