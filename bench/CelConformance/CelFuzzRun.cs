namespace AgentMonitor.Bench.CelConformance;

internal static class CelFuzzRun
{
    public static int Run(TimeSpan time, int seed, IReadOnlyList<string> files) => 0;
}
