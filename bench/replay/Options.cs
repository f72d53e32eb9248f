namespace AgentMonitor.Bench.Replay;

/// <summary>How the program ends.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    /// <summary>The server could not be started or did not answer as it should.</summary>
    public const int Failed = 1;
    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;
    /// <summary>The recorded sessions are absent.</summary>
    public const int NoData = 3;
    /// <summary>With the preset <c>seed</c> a session went otherwise than the reference, and no cause was found.</summary>
    public const int Unexplained = 4;
}

/// <summary>Which sessions are named one by one.</summary>
internal enum Listing { None, Through, Touched }

/// <summary>The command line.</summary>
internal sealed record Options
{
    public const string Usage = """
        Replays recorded agent sessions through the decision API and says what was stopped and who was interrupted.

          dotnet run -c Release --project bench/replay -- [options]

          --data FOLDER       the recorded sessions (default: ../shared/data/replay beside the repository)
          --only SOURCE,...   only these data sets
          --preset PRESET     seed, balanced, strict, or all (default): the rules that the server is switched to
          --grants GRANTS     none (default), or oracle: a session declares the capabilities that its user's task needs
          --obfuscate         attackers spell what their calls name so that it stands in no untrusted result
          --list WHICH        name the sessions one by one: through (attacks that got through) or touched (benign work that was interrupted)
          --write-effects     writes what the presets did into AgentMonitor.Web/Control/preset-effects.json; with all presets and all data sets only
          --url URL           a running server; default: one of its own with an empty data directory, stopped at the end
          --token TOKEN       an operator's token with the admin role, for --url
          --parallel N        sessions side by side (default: 16)
          --markdown          tables for a page
        """;

    /// <summary>The presets, the mildest first.</summary>
    public static readonly IReadOnlyList<string> AllPresets = ["seed", "balanced", "strict"];

    public required string Data { get; init; }
    public IReadOnlyList<string> Only { get; init; } = [];
    public IReadOnlyList<string> Presets { get; init; } = AllPresets;
    public bool OracleGrants { get; init; }
    public bool Obfuscate { get; init; }
    public Listing List { get; init; }
    public bool WriteEffects { get; init; }
    public Uri? Url { get; init; }
    public string? Token { get; init; }
    public int Parallel { get; init; } = 16;
    public bool Markdown { get; init; }

    public static Options? Parse(string[] args, out string? complaint)
    {
        complaint = null;
        var options = new Options { Data = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "data", "replay")) };
        for (var i = 0; i < args.Length; i++)
        {
            var flagged = args[i] switch
            {
                "--markdown" => options with { Markdown = true },
                "--obfuscate" => options with { Obfuscate = true },
                "--write-effects" => options with { WriteEffects = true },
                _ => null,
            };
            if (flagged is not null)
            {
                options = flagged;
                continue;
            }
            if (i + 1 == args.Length)
            {
                complaint = $"`{args[i]}` is unknown or lacks its value";
                return null;
            }
            var (name, value) = (args[i], args[++i]);
            switch (name)
            {
                case "--data": options = options with { Data = Path.GetFullPath(value) }; break;
                case "--only": options = options with { Only = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) }; break;
                case "--preset" when value == "all": options = options with { Presets = AllPresets }; break;
                case "--preset" when AllPresets.Contains(value): options = options with { Presets = [value] }; break;
                case "--grants" when value is "none" or "oracle": options = options with { OracleGrants = value == "oracle" }; break;
                case "--list" when value is "through" or "touched": options = options with { List = value == "through" ? Listing.Through : Listing.Touched }; break;
                case "--url" when Uri.TryCreate(value.TrimEnd('/') + "/", UriKind.Absolute, out var url): options = options with { Url = url }; break;
                case "--token": options = options with { Token = value }; break;
                case "--parallel" when int.TryParse(value, out var parallel) && parallel is > 0 and <= 1_024: options = options with { Parallel = parallel }; break;
                default:
                    complaint = $"`{name} {value}` is not understood";
                    return null;
            }
        }
        if (options.WriteEffects && (options.Presets.Count < AllPresets.Count && !options.OracleGrants || options.Only.Count > 0 || options.Obfuscate))
            complaint = "`--write-effects` needs all presets (with grants, any) and all data sets, as they were recorded";
        if ((options.Url is null) != (options.Token is null)) complaint = "`--url` and `--token` go together";
        return complaint is null ? options : null;
    }
}
