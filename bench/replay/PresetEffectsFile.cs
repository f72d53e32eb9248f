using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentMonitor.Bench.Replay;

/// <summary>Writes what each preset did into the file that ships with the server and that its pages show.</summary>
internal static class PresetEffectsFile
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Path { get; } = System.IO.Path.Combine(Repository.Root, "AgentMonitor.Web", "Control", "preset-effects.json");

    /// <summary>Writes the figures of a run without declared grants.</summary>
    public static void Write(IReadOnlyList<PlayedPreset> presets, DateTimeOffset now)
    {
        var tallies = presets.Select(p => (p.Preset, Tally: p.Tally)).ToList();
        var (_, all) = tallies[0];
        var sets = presets[0].Groups.Select(g => Name(g.Group.Source)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var file = new JsonObject
        {
            ["measured"] = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["source"] = string.Create(CultureInfo.InvariantCulture, $"{all.Attacks:N0} recorded attacks that succeeded and {all.Benign:N0} recorded sessions of ordinary work ({string.Join(", ", sets)})"),
            ["presets"] = new JsonArray([.. tallies.Select(p => new JsonObject
            {
                ["preset"] = p.Preset,
                ["attacks"] = p.Tally.Attacks,
                ["stopped"] = p.Tally.Stopped,
                ["benign"] = p.Tally.Benign,
                ["untouched"] = p.Tally.Untouched,
                ["approvalsPerSession"] = p.Tally.Benign == 0 ? 0 : Math.Round((double)p.Tally.BenignAsked / p.Tally.Benign, 3),
            })]),
        };
        Save(file);
    }

    /// <summary>Adds the figures of a run with declared grants to those of a run without, of the same program.</summary>
    public static void AddGranted(IReadOnlyList<PlayedPreset> presets)
    {
        var file = JsonNode.Parse(File.ReadAllText(Path))!.AsObject();
        foreach (var played in presets)
            file["presets"]!.AsArray().Single(p => p!["preset"]!.GetValue<string>() == played.Preset)!["granted"] = new JsonObject { ["stopped"] = played.Tally.Stopped, ["untouched"] = played.Tally.Untouched };
        Save(file);
    }

    private static void Save(JsonObject file) => File.WriteAllText(Path, file.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n");

    // The data sets are called after their benchmarks: "agentdojo-run" is of AgentDojo. What is not known is called as it is.
    private static string Name(string source) => source.Split('-')[0] switch
    {
        "agentdojo" => "AgentDojo",
        "injecagent" => "InjecAgent",
        "taubench" or "tau2" => "tau-bench",
        "bfcl" => "BFCL",
        _ => source,
    };
}
