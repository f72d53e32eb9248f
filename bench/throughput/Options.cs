namespace AgentMonitor.Bench.Throughput;

/// <summary>The command line.</summary>
internal sealed record Options
{
    public const string Usage = """
        Measures the decision API of a server of its own beside an empty endpoint of the same server.

          dotnet run -c Release --project bench/throughput -- [options]

          --rounds N             rounds of each measurement (default: 7)
          --seconds S            length of a round (default: 1.5)
          --connections N,...    connections (default: 1,8,64)
          --kind TEXT            only the kinds of request whose name holds the text, beside the empty endpoint
          --profile              only puts that load on, for as many rounds, while a profiler looks at the server
          --no-rules             without the comparison of policies
          --markdown             tables for a page
        """;

    public int Rounds { get; init; } = 7;
    public double Seconds { get; init; } = 1.5;
    public IReadOnlyList<int> Connections { get; init; } = [1, 8, 64];
    public string Kind { get; init; } = "";
    public bool Profile { get; init; }
    public bool Rules { get; init; } = true;
    public bool Markdown { get; init; }

    public static Options? Parse(string[] args)
    {
        var options = new Options();
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--markdown": options = options with { Markdown = true }; break;
                case "--profile": options = options with { Profile = true }; break;
                case "--no-rules": options = options with { Rules = false }; break;
                case "--kind" when Value(ref i) is { } text: options = options with { Kind = text }; break;
                case "--rounds" when Value(ref i) is { } text && int.TryParse(text, out var rounds) && rounds is > 0 and <= 100: options = options with { Rounds = rounds }; break;
                case "--seconds" when Value(ref i) is { } text && double.TryParse(text, out var seconds) && seconds is >= 0.1 and <= 60: options = options with { Seconds = seconds }; break;
                case "--connections" when Value(ref i) is { } text && text.Split(',') is var parts && parts.All(p => int.TryParse(p, out var n) && n is > 0 and <= 1_024):
                    options = options with { Connections = [.. parts.Select(int.Parse)] };
                    break;
                default: return null;
            }
        }
        return options;

        string? Value(ref int i) => i + 1 < args.Length ? args[++i] : null;
    }
}
