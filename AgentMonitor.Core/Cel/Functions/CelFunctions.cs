using System.Collections.Frozen;

namespace AgentMonitor.Core.Cel;

internal delegate CelValue CelUnary(ref CelFrame frame, in CelValue a);
internal delegate CelValue CelBinary(ref CelFrame frame, in CelValue a, in CelValue b);
internal delegate CelValue CelVariadic(ref CelFrame frame, ReadOnlySpan<CelValue> arguments);

/// <summary>
/// The functions of the language and its extensions, found by name, form and number of arguments; a method's target is its first argument.
/// Which overload is meant is decided by the values: arguments arrive without errors and without JSON at their top.
/// </summary>
internal static partial class CelFunctions
{
    private sealed class Builder
    {
        public readonly Dictionary<(string Name, bool IsMethod, int Count), Delegate> Found = [];
        public void Global(string name, CelUnary function) => Found.Add((name, false, 1), function);
        public void Global(string name, CelBinary function) => Found.Add((name, false, 2), function);
        public void Method(string name, CelUnary function) => Found.Add((name, true, 1), function);
        public void Method(string name, CelBinary function) => Found.Add((name, true, 2), function);
        public void Variadic(string name, bool isMethod, CelVariadic function, params ReadOnlySpan<int> counts)
        {
            foreach (var count in counts) Found.Add((name, isMethod, count), function);
        }
    }

    private static readonly FrozenDictionary<(string Name, bool IsMethod, int Count), Delegate> Table = Build();
    private static readonly FrozenSet<string> GlobalNames = Table.Keys.Where(k => !k.IsMethod).Select(k => k.Name).Concat(["math.@max", "math.@min", "optional.none", "cel.@mapInsert", "cel.@block"]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>A <see cref="CelUnary"/> for one argument, a <see cref="CelBinary"/> for two, else a <see cref="CelVariadic"/>, or a variadic one for any number; null when there is none.</summary>
    public static Delegate? Find(string name, bool isMethod, int count) =>
        Table.TryGetValue((name, isMethod, count), out var found) ? found
        : !isMethod && name == CelOperators.MathGreatest ? (CelVariadic)Greatest
        : !isMethod && name == CelOperators.MathLeast ? (CelVariadic)Least : null;

    /// <summary>Whether there is a global function of that name, namespaces included.</summary>
    public static bool IsGlobal(string name) => GlobalNames.Contains(name);

    private static FrozenDictionary<(string, bool, int), Delegate> Build()
    {
        var add = new Builder();
        Conversions(add);
        Strings(add);
        Times(add);
        MathFunctions(add);
        Network(add);
        Collections(add);
        return add.Found.ToFrozenDictionary();
    }

    private static CelValue TooLong => CelValue.Fail("the resulting text is too long");
    private static CelValue Exceeded => CelValue.Fail(CelFrame.Exceeded);

    /// <summary>A new text, charged for and bounded.</summary>
    private static CelValue Text(ref CelFrame frame, string text) => text.Length > CelRunLimits.MaxString ? TooLong : frame.ChargeText(text.Length) ? CelValue.Of(text) : Exceeded;
}
