namespace AgentMonitor.Core.Cel;

internal static partial class CelFunctions
{
    private static void MathFunctions(Builder add)
    {
        OfDouble("math.ceil", Math.Ceiling);
        OfDouble("math.floor", Math.Floor);
        OfDouble("math.round", static x => Math.Round(x, MidpointRounding.AwayFromZero));
        OfDouble("math.trunc", Math.Truncate);
        Test("math.isNaN", double.IsNaN);
        Test("math.isInf", double.IsInfinity);
        Test("math.isFinite", double.IsFinite);
        add.Global("math.abs", (ref CelFrame _, in CelValue a) => a.Kind switch
        {
            CelKind.Int => a.AsInt == long.MinValue ? CelValue.Fail("integer overflow") : CelValue.Of(Math.Abs(a.AsInt)),
            CelKind.Uint => a,
            CelKind.Double => CelValue.Of(Math.Abs(a.AsDouble)),
            _ => CelValue.NoOverload("math.abs"),
        });
        add.Global("math.sign", (ref CelFrame _, in CelValue a) => a.Kind switch
        {
            CelKind.Int => CelValue.Of((long)Math.Sign(a.AsInt)),
            CelKind.Uint => CelValue.Of(a.AsUint == 0 ? 0UL : 1UL),
            CelKind.Double => CelValue.Of(double.IsNaN(a.AsDouble) ? double.NaN : Math.Sign(a.AsDouble)),
            _ => CelValue.NoOverload("math.sign"),
        });
        add.Global("math.sqrt", (ref CelFrame _, in CelValue a) => a.Kind switch
        {
            CelKind.Int => CelValue.Of(Math.Sqrt(a.AsInt)),
            CelKind.Uint => CelValue.Of(Math.Sqrt(a.AsUint)),
            CelKind.Double => CelValue.Of(Math.Sqrt(a.AsDouble)),
            _ => CelValue.NoOverload("math.sqrt"),
        });
        Bits("math.bitAnd", static (x, y) => x & y);
        Bits("math.bitOr", static (x, y) => x | y);
        Bits("math.bitXor", static (x, y) => x ^ y);
        add.Global("math.bitNot", (ref CelFrame _, in CelValue a) => a.Kind switch
        {
            CelKind.Int => CelValue.Of(~a.AsInt),
            CelKind.Uint => CelValue.Of(~a.AsUint),
            _ => CelValue.NoOverload("math.bitNot"),
        });
        // A shift of a signed number to the right fills with zeros, as the reference implementation does.
        Shift("math.bitShiftLeft", static (x, by) => x << by);
        Shift("math.bitShiftRight", static (x, by) => x >> by);

        void OfDouble(string name, Func<double, double> function) =>
            add.Global(name, (ref CelFrame _, in CelValue a) => a.Kind == CelKind.Double ? CelValue.Of(function(a.AsDouble)) : CelValue.NoOverload(name));
        void Test(string name, Func<double, bool> test) =>
            add.Global(name, (ref CelFrame _, in CelValue a) => a.Kind == CelKind.Double ? CelValue.Of(test(a.AsDouble)) : CelValue.NoOverload(name));
        void Bits(string name, Func<ulong, ulong, ulong> function) => add.Global(name, (ref CelFrame _, in CelValue a, in CelValue b) =>
            a.Kind == b.Kind && a.Kind == CelKind.Int ? CelValue.Of((long)function(a.AsUint, b.AsUint))
            : a.Kind == b.Kind && a.Kind == CelKind.Uint ? CelValue.Of(function(a.AsUint, b.AsUint)) : CelValue.NoOverload(name));
        void Shift(string name, Func<ulong, int, ulong> function) => add.Global(name, (ref CelFrame _, in CelValue a, in CelValue b) =>
        {
            if (b.Kind != CelKind.Int || a.Kind is not (CelKind.Int or CelKind.Uint)) return CelValue.NoOverload(name);
            if (b.AsInt < 0) return CelValue.Fail($"{name} with a negative offset");
            var result = b.AsInt > 63 ? 0 : function(a.AsUint, (int)b.AsInt);
            return a.Kind == CelKind.Int ? CelValue.Of(unchecked((long)result)) : CelValue.Of(result);
        });
    }

    private static CelValue Greatest(ref CelFrame frame, ReadOnlySpan<CelValue> arguments) => Extreme(ref frame, arguments, 1, "math.greatest");
    private static CelValue Least(ref CelFrame frame, ReadOnlySpan<CelValue> arguments) => Extreme(ref frame, arguments, -1, "math.least");

    // Of equal numbers the first is kept, with its own type.
    private static CelValue Extreme(ref CelFrame frame, ReadOnlySpan<CelValue> arguments, int sign, string name)
    {
        var list = arguments.Length == 1 && arguments[0].Kind == CelKind.List ? arguments[0].AsList : null;
        var count = list?.Count ?? arguments.Length;
        if (count == 0) return CelValue.Fail($"{name} of no numbers");
        if (!frame.Charge(count)) return Exceeded;
        var best = CelValue.Null;
        for (var i = 0; i < count; i++)
        {
            var item = list is null ? arguments[i] : list[i].Plain();
            if (!item.IsNumber) return item.IsError ? item : CelValue.NoOverload(name);
            if (i == 0 || CelEquality.CompareNumbers(item, best) is { } order && order * sign > 0) best = item;
        }
        return best;
    }
}
