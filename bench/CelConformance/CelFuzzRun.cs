using System.Diagnostics;
using System.Globalization;

namespace AgentMonitor.Bench.CelConformance;

/// <summary>
/// Runs made-up expressions for a time, on a thread with a small stack, and watches that none takes long. What is under way is kept in a file,
/// since an exhausted stack ends the process without a word.
/// </summary>
internal static class CelFuzzRun
{
    private const int StackSize = 1 << 20;
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(2);

    public static int Run(TimeSpan time, int seed, IReadOnlyList<string> files)
    {
        string[] corpus = [.. files.SelectMany(CelCase.Read).Select(@case => @case.Expression)];
        var path = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"cel-fuzz-{Environment.ProcessId}.txt"));
        Console.WriteLine($"seed {seed}, {corpus.Length} known expressions; what is under way is in {path}");
        var clock = Stopwatch.StartNew();
        long started = 0, done = 0, failures = 0, slowest = 0;
        string current = "", slowestSource = "";
        var finished = false;
        var counts = new CelFuzzTarget.Counts();
        var worker = new Thread(() =>
        {
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 0);
            for (var round = seed; clock.Elapsed < time; round++)
            {
                var fuzz = new CelFuzz(round, corpus);
                for (var i = 0; i < 1_000 && clock.Elapsed < time; i++)
                {
                    var source = fuzz.Next();
                    Volatile.Write(ref current, source);
                    file.SetLength(0);
                    file.Write(System.Text.Encoding.UTF8.GetBytes($"seed {round}, number {i}\n{source}"));
                    var start = clock.ElapsedTicks;
                    Volatile.Write(ref started, start);
                    var failure = CelFuzzTarget.Run(source, i, counts);
                    var took = clock.ElapsedTicks - start;
                    if (took > slowest) (slowest, slowestSource) = (took, source);
                    done++;
                    if (failure is null) continue;
                    if (++failures <= 30) Console.WriteLine($"FAIL seed {round}, number {i}\n  {Cut(source)}\n  {Cut(failure)}");
                }
            }
            Volatile.Write(ref finished, true);
        }, StackSize);
        worker.Start();
        while (!worker.Join(100))
        {
            var since = Volatile.Read(ref started);
            if (Volatile.Read(ref finished) || since == 0 || Stopwatch.GetElapsedTime(since, clock.ElapsedTicks) < Hang) continue;
            Console.WriteLine($"FAIL took more than {Hang.TotalSeconds:0} s\n  {Cut(Volatile.Read(ref current))}");
            Console.WriteLine($"{done} expressions, {failures + 1} failed");
            return 1;
        }
        File.Delete(path);
        Console.WriteLine($"{counts.NotRead} were not read, {counts.Refused} refused by the checker, {counts.Failed} ended with an error, {counts.Values} with a value");
        Console.WriteLine($"slowest: {Stopwatch.GetElapsedTime(0, slowest).TotalMilliseconds:0.0} ms for {Cut(slowestSource)}");
        Console.WriteLine($"{done} expressions, {failures} failed");
        return failures == 0 ? 0 : 1;
    }

    private static string Cut(string text) => text.Length <= 1_500 ? text : $"{text[..1_500]}… ({text.Length} characters)";
}
