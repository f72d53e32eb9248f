using AgentMonitor.Bench.CelConformance;

const string Usage = """
    Runs cases of the conformance suite of the Common Expression Language:
      dotnet run -c Release --project bench/CelConformance -- FILE...
    Feeds the language made-up expressions, and says which of them did anything but end with a value or an error:
      dotnet run -c Release --project bench/CelConformance -- --fuzz SECONDS [--seed N] [FILE...]
    """;

if (args.Length == 0 || args[0] is "--help" or "-h")
{
    Console.WriteLine(Usage);
    return args.Length == 0 ? 2 : 0;
}
int? seconds = null, seed = null;
var files = new List<string>();
for (var i = 0; i < args.Length; i++)
{
    if (args[i] is "--fuzz" or "--seed")
    {
        if (i + 1 >= args.Length || !int.TryParse(args[i + 1], out var number))
        {
            Console.Error.WriteLine($"{args[i]} needs a number");
            return 2;
        }
        if (args[i] == "--fuzz") seconds = number;
        else seed = number;
        i++;
    }
    else files.Add(args[i]);
}
try
{
    if (seconds is not null) return CelFuzzRun.Run(TimeSpan.FromSeconds(seconds.Value), seed ?? Environment.TickCount, files);
    int passed = 0, failed = 0;
    var leftOut = new SortedDictionary<string, int>(StringComparer.Ordinal);
    foreach (var @case in files.SelectMany(CelCase.Read))
    {
        if (@case.LeftOut is { } reason) leftOut[reason] = leftOut.GetValueOrDefault(reason) + 1;
        else if (CelJudge.Run(@case) is { } difference)
        {
            failed++;
            Console.WriteLine($"FAIL {@case.Id}\n  {(@case.Expression.Length <= 200 ? @case.Expression : @case.Expression[..200] + "…")}\n  {difference}");
        }
        else passed++;
    }
    foreach (var (reason, count) in leftOut) Console.WriteLine($"left out: {count} of {reason}");
    Console.WriteLine($"{passed} passed, {failed} failed");
    return failed == 0 && passed > 0 ? 0 : 1;
}
catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
{
    Console.Error.WriteLine(error.Message);
    return 2;
}
