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
        var (_, rules) = await operators.PolicyAsync();
        var presets = new List<PlayedPreset>();
        var started = Stopwatch.GetTimestamp();
        foreach (var preset in options.Presets)
        {
            await operators.UsePresetAsync(preset);
            var groups = new List<PlayedGroup>();
            using var player = new Player(address, operators, data, options, Guid.NewGuid().ToString("N")[..12]);
            foreach (var group in data.Groups)
            {
                if (!options.Markdown) await Console.Error.WriteLineAsync($"{preset}: {group.Source} / {group.Suite}: {group.Sessions.Length} sessions");
                groups.Add(await player.PlayAsync(group));
            }
            presets.Add(new(preset, [.. groups]));
        }
        var took = Stopwatch.GetElapsedTime(started);
        // Somebody else's server keeps its policy.
        if (options.Url is not null) await operators.SavePolicyAsync(rules);

        var unlisted = presets[0].Groups.SelectMany(g => g.Unlisted.Select(tool => $"{g.Group.Suite}/{tool}")).ToHashSet(StringComparer.Ordinal);
        Console.WriteLine($"{data.Sessions.Length} sessions under each preset, {presets.Sum(p => p.Tally.Calls)} decisions in {took.TotalSeconds:0.0} s, {options.Parallel} sessions side by side; grants: {(options.OracleGrants ? "what the task needs" : "none declared")}; injected values: {(options.Obfuscate ? "spelt so that they occur nowhere" : "as recorded")}.");
        Console.WriteLine($"Tools that labels.json does not list, registered without tags: {unlisted.Count}.\n");
        Console.WriteLine(Report.Presets(data, presets, options.OracleGrants).ToString(options.Markdown));
        if (options.List != Listing.None)
            foreach (var preset in presets) Console.WriteLine(Report.List(preset, options.List));
        if (options.WriteEffects)
        {
            if (options.OracleGrants) PresetEffectsFile.AddGranted(presets);
            else PresetEffectsFile.Write(presets, DateTimeOffset.UtcNow);
            Console.WriteLine($"Written: {Path.GetRelativePath(Repository.Root, PresetEffectsFile.Path)}\n");
        }
        if (presets.FirstOrDefault(p => p.Preset == "seed") is not { } seed) return ExitCode.Done;

        var played = seed.Sessions.ToList();
        var differences = played.Select(p => Scoring.Explain(p, tool => data.LabelsOf(p.Session.Suite, tool))).OfType<Difference>().ToList();
        Console.WriteLine($"Sessions in which the preset seed held other calls than the reference: {differences.Count} of {played.Count}, without a cause: {differences.Count(d => !d.IsExplained)}.\n");
        if (differences.Count > 0)
        {
            Console.WriteLine(Report.Causes(differences).ToString(options.Markdown));
            if (options.Markdown) Console.WriteLine($"<details><summary>The {differences.Count} sessions</summary>\n\n{Report.Sessions(differences)}\n</details>");
            else Console.WriteLine(Report.Sessions(differences));
        }
        foreach (var group in Report.FarOff(data, seed.Groups)) Console.WriteLine(group);
        // Another server may have further rules; that it decides otherwise is then no fault.
        return options.Url is null && differences.Any(d => !d.IsExplained) ? ExitCode.Unexplained : ExitCode.Done;
    }
    catch (Exception e) when (e is BenchException or HttpRequestException or TaskCanceledException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return ExitCode.Failed;
    }
}
