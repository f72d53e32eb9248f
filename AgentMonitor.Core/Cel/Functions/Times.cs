namespace AgentMonitor.Core.Cel;

internal static partial class CelFunctions
{
    private static void Times(Builder add)
    {
        foreach (var name in (ReadOnlySpan<string>)["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds"])
        {
            var ofDurations = name is "getHours" or "getMinutes" or "getSeconds" or "getMilliseconds";
            add.Method(name, (ref CelFrame _, in CelValue a) => a.Kind == CelKind.Timestamp ? CelTime.Part(name, a, null)
                : ofDurations && a.Kind == CelKind.Duration ? CelTime.DurationPart(name, a.DurationNanoseconds) : CelValue.NoOverload(name));
            add.Method(name, (ref CelFrame _, in CelValue a, in CelValue zone) =>
                a.Kind == CelKind.Timestamp && zone.Kind == CelKind.String ? CelTime.Part(name, a, zone.AsString) : CelValue.NoOverload(name));
        }
    }
}
