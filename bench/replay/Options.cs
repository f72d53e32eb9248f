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
    /// <summary>With the starter policy a session went otherwise than the reference, and no cause was found.</summary>
    public const int Unexplained = 4;
}

/// <summary>The command line.</summary>
internal sealed record Options
{
    public const string Usage = """
        Replays recorded agent sessions through the decision API and says what was stopped and who was interrupted.

          dotnet run -c Release --project bench/replay -- [options]

          --data FOLDER       the recorded sessions (default: ../shared/data/replay beside the repository)
          --only SOURCE,...   only these data sets
          --url URL           a running server; default: one of its own with an empty data directory, stopped at the end
          --token TOKEN       an operator's token with the admin role, for --url
          --parallel N        sessions side by side (default: 16)
          --markdown          tables for a page
        """;

    public required string Data { get; init; }
    public IReadOnlyList<string> Only { get; init; } = [];
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
            if (args[i] == "--markdown")
            {
                options = options with { Markdown = true };
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
                case "--url" when Uri.TryCreate(value.TrimEnd('/') + "/", UriKind.Absolute, out var url): options = options with { Url = url }; break;
                case "--token": options = options with { Token = value }; break;
                case "--parallel" when int.TryParse(value, out var parallel) && parallel is > 0 and <= 1_024: options = options with { Parallel = parallel }; break;
                default:
                    complaint = $"`{name} {value}` is not understood";
                    return null;
            }
        }
        if ((options.Url is null) != (options.Token is null)) complaint = "`--url` and `--token` go together";
        return complaint is null ? options : null;
    }
}
