namespace AgentMonitor.Core.Cel;

internal static partial class CelFunctions
{
    private static void Collections(Builder add)
    {
        add.Global("size", Size);
        add.Method("size", Size);

        add.Global("optional.of", (ref CelFrame _, in CelValue a) => CelValue.Some(a));
        add.Global("optional.ofNonZeroValue", (ref CelFrame _, in CelValue a) => IsZero(a) ? CelValue.None : CelValue.Some(a));
        add.Variadic("optional.none", false, (ref CelFrame _, ReadOnlySpan<CelValue> _) => CelValue.None, 0);
        add.Method("hasValue", (ref CelFrame _, in CelValue a) => a.Kind == CelKind.Optional ? CelValue.Of(a.HasValue) : CelValue.NoOverload("hasValue"));
        add.Method("value", (ref CelFrame _, in CelValue a) =>
            a.Kind != CelKind.Optional ? CelValue.NoOverload("value") : a.HasValue ? a.Unwrapped : CelValue.Fail("optional.none() dereference"));
        CelUnary unwrap = (ref CelFrame frame, in CelValue a) =>
        {
            if (a.Kind != CelKind.List) return CelValue.NoOverload("optional.unwrap");
            if (!frame.Charge(a.AsList.Count)) return Exceeded;
            var present = new List<CelValue>();
            for (var i = 0; i < a.AsList.Count; i++)
            {
                var item = a.AsList[i];
                if (item.Kind != CelKind.Optional) return CelValue.NoOverload("optional.unwrap");
                if (item.HasValue) present.Add(item.Unwrapped);
            }
            return CelValue.ListOf([.. present]);
        };
        add.Global("optional.unwrap", unwrap);
        add.Method("unwrapOpt", unwrap);
        add.Method("first", (ref CelFrame _, in CelValue a) => a.Kind != CelKind.List ? CelValue.NoOverload("first") : a.AsList.Count == 0 ? CelValue.None : CelValue.Some(a.AsList[0]));
        add.Method("last", (ref CelFrame _, in CelValue a) => a.Kind != CelKind.List ? CelValue.NoOverload("last") : a.AsList.Count == 0 ? CelValue.None : CelValue.Some(a.AsList[a.AsList.Count - 1]));

        add.Global("sets.contains", (ref CelFrame frame, in CelValue a, in CelValue b) =>
            Lists(a, b) ? CelValue.Of(ContainsAll(ref frame, a.AsList, b.AsList)) : CelValue.NoOverload("sets.contains"));
        add.Global("sets.equivalent", (ref CelFrame frame, in CelValue a, in CelValue b) =>
            Lists(a, b) ? CelValue.Of(ContainsAll(ref frame, a.AsList, b.AsList) && ContainsAll(ref frame, b.AsList, a.AsList)) : CelValue.NoOverload("sets.equivalent"));
        add.Global("sets.intersects", (ref CelFrame frame, in CelValue a, in CelValue b) =>
        {
            if (!Lists(a, b)) return CelValue.NoOverload("sets.intersects");
            for (var i = 0; i < b.AsList.Count; i++)
                if (Contains(ref frame, a.AsList, b.AsList[i])) return CelValue.True;
            return CelValue.False;
        });

        add.Global(CelOperators.MapInsert, (ref CelFrame frame, in CelValue a, in CelValue b) =>
            a.Kind == CelKind.Map && b.Kind == CelKind.Map ? Merge(ref frame, a.AsMap, b.AsMap) : CelValue.NoOverload(CelOperators.MapInsert));
        add.Variadic(CelOperators.MapInsert, false, (ref CelFrame frame, ReadOnlySpan<CelValue> a) =>
        {
            if (a[0].Kind != CelKind.Map) return CelValue.NoOverload(CelOperators.MapInsert);
            if (!CelHashMap.IsKey(a[1].Kind)) return CelValue.Fail("unsupported key type");
            var entry = new CelHashMap(1);
            entry.Add(a[1], a[2]);
            return Merge(ref frame, a[0].AsMap, entry);
        }, 3);

        static bool Lists(in CelValue a, in CelValue b) => a.Kind == CelKind.List && b.Kind == CelKind.List;
    }

    private static CelValue Size(ref CelFrame frame, in CelValue a) => a.Kind switch
    {
        CelKind.String => frame.ChargeText(a.AsString.Length) ? CelValue.Of((long)CodePoints.Count(a.AsString)) : Exceeded,
        CelKind.Bytes => CelValue.Of((long)a.AsBytes.Length),
        CelKind.List => CelValue.Of((long)a.AsList.Count),
        CelKind.Map => CelValue.Of((long)a.AsMap.Count),
        _ => CelValue.NoOverload("size"),
    };

    private static bool IsZero(in CelValue a) => a.Kind switch
    {
        CelKind.Null => true,
        CelKind.Bool => !a.AsBool,
        CelKind.Int or CelKind.Uint or CelKind.Duration => a.AsInt == 0,
        CelKind.Double => a.AsDouble == 0,
        CelKind.String => a.AsString.Length == 0,
        CelKind.Bytes => a.AsBytes.Length == 0,
        CelKind.List => a.AsList.Count == 0,
        CelKind.Map => a.AsMap.Count == 0,
        CelKind.Timestamp => a.Seconds == 0 && a.Nanoseconds == 0,
        CelKind.Optional => !a.HasValue,
        _ => false,
    };

    /// <summary>Whether a list has an element that equals the value.</summary>
    public static bool Contains(ref CelFrame frame, CelList list, in CelValue value)
    {
        for (var i = 0; i < list.Count; i++)
            if (!frame.Charge(1)) return false;
            else if (CelEquality.Equal(ref frame, list[i], value)) return true;
        return false;
    }

    private static bool ContainsAll(ref CelFrame frame, CelList list, CelList values)
    {
        for (var i = 0; i < values.Count; i++)
            if (!Contains(ref frame, list, values[i])) return false;
        return true;
    }

    /// <summary>Adds the entries of <paramref name="b"/> to those of <paramref name="a"/>; a key that is in both is an error.</summary>
    private static CelValue Merge(ref CelFrame frame, CelMap a, CelMap b)
    {
        if ((long)a.Count + b.Count > CelRunLimits.MaxElements) return CelValue.Fail("the resulting map is too large");
        if (!frame.Charge(a.Count + b.Count)) return Exceeded;
        var result = new CelHashMap(a.Count + b.Count);
        for (var i = 0; i < a.Count; i++) result.Add(a.KeyAt(i), a.ValueAt(i));
        for (var i = 0; i < b.Count; i++)
            if (!result.Add(b.KeyAt(i), b.ValueAt(i))) return CelValue.Fail($"repeated key `{b.KeyAt(i)}`");
        return CelValue.Of(result);
    }

    private static CelValue ReverseList(ref CelFrame frame, CelList list)
    {
        if (!frame.Charge(list.Count)) return Exceeded;
        var items = new CelValue[list.Count];
        for (var i = 0; i < items.Length; i++) items[i] = list[items.Length - 1 - i];
        return CelValue.ListOf(items);
    }
}
