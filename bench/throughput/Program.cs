using System.Diagnostics;
using System.Text.Json.Nodes;
using AgentMonitor.Bench;
using AgentMonitor.Bench.Throughput;

return await RunAsync(args);

static async Task<int> RunAsync(string[] args)
{
    if (Options.Parse(args) is not { } options)
    {
        await Console.Error.WriteLineAsync(Options.Usage);
        return 2;
    }
    try
    {
        if (Repository.Configuration != "Release") throw new BenchException("figures of a debug build say nothing: run with -c Release");
        // A policy of ten thousand rules is more than the default limit of a request.
        using var server = await ServerProcess.StartAsync(("AgentMonitor__BenchEndpoint", "true"), ("AgentMonitor__Limits__RequestBytes", "16000000"));
        using var operators = new OperatorClient(server.Address, server.OperatorToken);
        var key = await Setup.RegisterAsync(operators);
        var starter = (await operators.PolicyAsync()).Rules;

        if (options.Profile)
        {
            await WarmUpAsync(server, key);
            foreach (var workload in Setup.Workloads.Where(w => w.Name.Contains(options.Kind, StringComparison.Ordinal)))
                for (var round = 0; round < options.Rounds; round++)
                {
                    var found = await Load.RunAsync(server, key, workload, options.Connections[^1], TimeSpan.FromSeconds(options.Seconds));
                    Console.WriteLine($"{workload.Name}: {found.PerSecond:N0}/s, {found.ProcessorMicros:0} µs of processor each");
                }
            return 0;
        }

        Console.WriteLine($"{Machine.Facts()}; server and load generator share the machine; {options.Rounds} rounds of {options.Seconds:0.#} s each; load average {Machine.LoadAverage() ?? "unknown"} before");
        await WarmUpAsync(server, key);
        Console.WriteLine();
        Console.WriteLine((await KindsAsync(server, key, options)).ToString(options.Markdown));
        if (options.Rules) Console.WriteLine((await RulesAsync(server, operators, key, starter, options)).ToString(options.Markdown));
        Console.WriteLine($"Load average {Machine.LoadAverage() ?? "unknown"} after; the server holds {server.MemoryBytes / 1_048_576} MB.");
        return 0;
    }
    catch (Exception e) when (e is BenchException or HttpRequestException or System.Net.Sockets.SocketException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
}

// Until the compiler has done its best with every path: the rate of the slowest to warm no longer rises. Bounded, for a machine that is never quiet.
static async Task WarmUpAsync(ServerProcess server, string key)
{
    const int Connections = 16;
    var started = Stopwatch.GetTimestamp();
    var (best, sinceBest) = (0.0, 0);
    while (sinceBest < 3 && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(90))
    {
        var rate = 0.0;
        foreach (var workload in Setup.Workloads)
        {
            var found = await Load.RunAsync(server, key, workload, Connections, TimeSpan.FromSeconds(1));
            if (workload != Setup.Workloads[0]) rate += 1 / found.ProcessorMicros;
        }
        sinceBest = rate > best * 1.05 ? 0 : sinceBest + 1;
        best = Math.Max(best, rate);
    }
    await Console.Error.WriteLineAsync($"warm after {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
}

// The kinds take turns in every round, so that what else the machine does weighs on all of them alike.
static async Task<Table> KindsAsync(ServerProcess server, string key, Options options)
{
    var workloads = Setup.Workloads.Where((w, i) => i == 0 || w.Name.Contains(options.Kind, StringComparison.Ordinal)).ToList();
    var table = new Table(1, "request", "connections", "ratio to empty (range)", "server processor, ratio", "requests/s", "p50 ms", "p99 ms", "p99.9 ms", "server µs each");
    foreach (var connections in options.Connections)
    {
        var series = workloads.Select(_ => new Series()).ToList();
        for (var round = 0; round < options.Rounds; round++)
            for (var kind = 0; kind < series.Count; kind++)
                series[kind].Add(await Load.RunAsync(server, key, workloads[kind], connections, TimeSpan.FromSeconds(options.Seconds)));
        for (var kind = 0; kind < series.Count; kind++)
        {
            var found = series[kind];
            var ratio = found.Against(series[0], m => m.PerSecond);
            table.Add(workloads[kind].Name, $"{connections}",
                kind == 0 ? "1" : $"{ratio.Median:0.00} ({ratio.Low:0.00}–{ratio.High:0.00})", kind == 0 ? "1" : $"{found.Against(series[0], m => m.ProcessorMicros).Median:0.0}",
                $"{found.PerSecond:N0}", $"{found.Percentile(50):0.00}", $"{found.Percentile(99):0.00}", $"{found.Percentile(99.9):0.00}", $"{found.ProcessorMicros:0}");
        }
        await Console.Error.WriteLineAsync($"{connections} connections measured");
    }
    return table;
}

// The same request under policies of different size, in turns.
static async Task<Table> RulesAsync(ServerProcess server, OperatorClient operators, string key, JsonArray starter, Options options)
{
    const int Connections = 64;
    (string Name, JsonArray Rules)[] policies =
    [
        ("10 rules", Setup.WithOtherRules(starter, 10)),
        ("10,000 rules of other tools, tags and agents", Setup.WithOtherRules(starter, 10_000)),
        ("10,000 rules of the called tool", Setup.WithMatchingScopes(starter, 10_000)),
    ];
    var workload = Setup.Workloads[1];
    var series = policies.Select(_ => new Series()).ToList();
    var saved = policies.Select(_ => new List<double>()).ToList();
    for (var round = 0; round < options.Rounds; round++)
        for (var i = 0; i < policies.Length; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await operators.SavePolicyAsync(policies[i].Rules);
            saved[i].Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            await Load.RunAsync(server, key, workload, Connections, TimeSpan.FromSeconds(0.3));
            series[i].Add(await Load.RunAsync(server, key, workload, Connections, TimeSpan.FromSeconds(options.Seconds)));
        }
    await operators.SavePolicyAsync(starter);
    var table = new Table(1, "policy", "connections", "ratio to 10 rules (range)", "server processor, ratio", "requests/s", "p50 ms", "p99 ms", "saving it, ms");
    for (var i = 0; i < policies.Length; i++)
    {
        var ratio = series[i].Against(series[0], m => m.PerSecond);
        table.Add(policies[i].Name, $"{Connections}", i == 0 ? "1" : $"{ratio.Median:0.00} ({ratio.Low:0.00}–{ratio.High:0.00})",
            i == 0 ? "1" : $"{series[i].Against(series[0], m => m.ProcessorMicros).Median:0.0}",
            $"{series[i].PerSecond:N0}", $"{series[i].Percentile(50):0.00}", $"{series[i].Percentile(99):0.00}", $"{Series.Median(saved[i]):0}");
    }
    return table;
}
