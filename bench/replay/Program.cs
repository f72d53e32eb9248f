using System.Diagnostics;
using AgentMonitor.Bench;
using AgentMonitor.Bench.Replay;

return await RunAsync(args);

static async Task<int> RunAsync(string[] args)
{
    if (Options.Parse(args, out var complaint) is not { } options)
    {
        await Console.Error.WriteLineAsync($"{complaint}\n\n{Options.Usage}");
        return ExitCode.Usage;
    }
    try
    {
        if (!File.Exists(Path.Combine(options.Data, "labels.json")))
        {
            await Console.Error.WriteLineAsync($"The recorded sessions are not here: `{options.Data}` has no labels.json. They are not part of the repository; name their folder with --data. Nothing was replayed.");
            return ExitCode.NoData;
        }
        var data = ReplayData.Read(options.Data, options.Only);
        if (data.Sessions.IsEmpty)
        {
            await Console.Error.WriteLineAsync($"No session of {string.Join(", ", options.Only)} is in `{options.Data}`. Nothing was replayed.");
            return ExitCode.NoData;
        }

        using var server = options.Url is null ? await ServerProcess.StartAsync() : null;
        var address = options.Url ?? server!.Address;
        using var operators = new OperatorClient(address, options.Token ?? server!.OperatorToken);
        var (revision, rules) = await operators.PolicyAsync();
        var enforced = rules.Where(r => r!["mode"]?.GetValue<string>() is "enforce" or null).Select(r => r!["id"]!.GetValue<string>());

        var started = Stopwatch.GetTimestamp();
        var groups = new List<PlayedGroup>();
        using (var player = new Player(address, operators, data, options.Parallel, Guid.NewGuid().ToString("N")[..12]))
            foreach (var group in data.Groups)
            {
                if (!options.Markdown) await Console.Error.WriteLineAsync($"{group.Source} / {group.Suite}: {group.Sessions.Length} sessions");
                groups.Add(await player.PlayAsync(group));
            }
        var took = Stopwatch.GetElapsedTime(started);

        var played = groups.SelectMany(g => g.Sessions).ToList();
        var differences = played.Select(p => Scoring.Explain(p, tool => data.LabelsOf(p.Session.Suite, tool))).OfType<Difference>().ToList();
        var unlisted = groups.SelectMany(g => g.Unlisted.Select(tool => $"{g.Group.Suite}/{tool}")).ToHashSet(StringComparer.Ordinal);
        var calls = played.Sum(p => p.Decisions.Length);

        Console.WriteLine($"{played.Count} sessions, {calls} decisions in {took.TotalSeconds:0.0} s, {options.Parallel} sessions side by side; policy revision {revision}, enforced: {string.Join(", ", enforced)}.");
        Console.WriteLine($"Tools that labels.json does not list, registered without tags: {unlisted.Count}.\n");
        Console.WriteLine(Report.Groups(data, groups).ToString(options.Markdown));
        Console.WriteLine($"Sessions in which the server held other calls than the reference: {differences.Count} of {played.Count}, without a cause: {differences.Count(d => !d.IsExplained)}.\n");
        if (differences.Count > 0)
        {
            Console.WriteLine(Report.Causes(differences).ToString(options.Markdown));
            if (options.Markdown) Console.WriteLine($"<details><summary>The {differences.Count} sessions</summary>\n\n{Report.Sessions(differences)}\n</details>");
            else Console.WriteLine(Report.Sessions(differences));
        }
        foreach (var group in Report.FarOff(data, groups)) Console.WriteLine(group);
        // Another server may have another policy; that it decides otherwise is then no fault.
        return options.Url is null && differences.Any(d => !d.IsExplained) ? ExitCode.Unexplained : ExitCode.Done;
    }
    catch (Exception e) when (e is BenchException or HttpRequestException or TaskCanceledException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return ExitCode.Failed;
    }
}
