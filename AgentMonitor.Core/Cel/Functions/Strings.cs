using System.Text;

namespace AgentMonitor.Core.Cel;

internal static partial class CelFunctions
{
    private static void Strings(Builder add)
    {
        // contains, startsWith, endsWith and matches are nodes of the plan: see TextTestNode and MatchesNode.
        add.Method("charAt", (ref CelFrame frame, in CelValue a, in CelValue b) =>
        {
            if (a.Kind != CelKind.String || b.Kind != CelKind.Int) return CelValue.NoOverload("charAt");
            if (!frame.ChargeText(a.AsString.Length)) return Exceeded;
            var at = CodePoints.UnitOf(a.AsString, b.AsInt);
            if (at < 0) return OutOfRange(b.AsInt);
            return CelValue.Of(at == a.AsString.Length ? "" : a.AsString.Substring(at, CodePoints.IsPair(a.AsString, at) ? 2 : 1));
        });
        add.Variadic("indexOf", true, IndexOf, 2, 3);
        add.Variadic("lastIndexOf", true, LastIndexOf, 2, 3);
        add.Variadic("join", true, Join, 1, 2);
        add.Method("lowerAscii", (ref CelFrame frame, in CelValue a) => a.Kind == CelKind.String ? Text(ref frame, MapAscii(a.AsString, 'A', 'Z', 'a' - 'A')) : CelValue.NoOverload("lowerAscii"));
        add.Method("upperAscii", (ref CelFrame frame, in CelValue a) => a.Kind == CelKind.String ? Text(ref frame, MapAscii(a.AsString, 'a', 'z', 'A' - 'a')) : CelValue.NoOverload("upperAscii"));
        add.Variadic("replace", true, Replace, 3, 4);
        add.Variadic("split", true, Split, 2, 3);
        add.Variadic("substring", true, Substring, 2, 3);
        add.Method("trim", (ref CelFrame frame, in CelValue a) => a.Kind == CelKind.String ? Text(ref frame, a.AsString.Trim()) : CelValue.NoOverload("trim"));
        add.Method("reverse", (ref CelFrame frame, in CelValue a) => a.Kind switch
        {
            CelKind.String => Text(ref frame, CodePoints.Reverse(a.AsString)),
            CelKind.List => ReverseList(ref frame, a.AsList),
            _ => CelValue.NoOverload("reverse"),
        });
        add.Global("strings.quote", (ref CelFrame frame, in CelValue a) => a.Kind == CelKind.String ? Text(ref frame, Quote(a.AsString)) : CelValue.NoOverload("strings.quote"));
        add.Method("format", (ref CelFrame frame, in CelValue a, in CelValue b) =>
            a.Kind == CelKind.String && b.Kind == CelKind.List ? StringFormat.Format(ref frame, a.AsString, b.AsList) : CelValue.NoOverload("format"));
    }

    private static CelValue OutOfRange(long index) => CelValue.Fail($"index out of range: {index}");

    private static CelValue IndexOf(ref CelFrame frame, ReadOnlySpan<CelValue> a)
    {
        if (a[0].Kind != CelKind.String || a[1].Kind != CelKind.String || a.Length > 2 && a[2].Kind != CelKind.Int) return CelValue.NoOverload("indexOf");
        if (!frame.ChargeText(a[0].AsString.Length)) return Exceeded;
        var start = a.Length > 2 ? CodePoints.UnitOf(a[0].AsString, a[2].AsInt) : 0;
        if (start < 0) return OutOfRange(a[2].AsInt);
        var at = a[0].AsString.IndexOf(a[1].AsString, start, StringComparison.Ordinal);
        return CelValue.Of(at < 0 ? -1L : CodePoints.Before(a[0].AsString, at));
    }

    private static CelValue LastIndexOf(ref CelFrame frame, ReadOnlySpan<CelValue> a)
    {
        if (a[0].Kind != CelKind.String || a[1].Kind != CelKind.String || a.Length > 2 && a[2].Kind != CelKind.Int) return CelValue.NoOverload("lastIndexOf");
        if (!frame.ChargeText(a[0].AsString.Length)) return Exceeded;
        string text = a[0].AsString, sought = a[1].AsString;
        // The search starts at the given place and goes towards the beginning.
        var start = a.Length > 2 ? CodePoints.UnitOf(text, a[2].AsInt) : text.Length;
        if (start < 0) return OutOfRange(a[2].AsInt);
        if (sought.Length > text.Length) return CelValue.Of(-1L);
        start = Math.Min(start, text.Length - sought.Length);
        var at = text.AsSpan(0, start + sought.Length).LastIndexOf(sought);
        if (sought.Length == 0) at = start;
        return CelValue.Of(at < 0 ? -1L : CodePoints.Before(text, at));
    }

    private static CelValue Join(ref CelFrame frame, ReadOnlySpan<CelValue> a)
    {
        if (a[0].Kind != CelKind.List || a.Length > 1 && a[1].Kind != CelKind.String) return CelValue.NoOverload("join");
        var separator = a.Length > 1 ? a[1].AsString : "";
        var text = new StringBuilder();
        var list = a[0].AsList;
        for (var i = 0; i < list.Count; i++)
        {
            var item = list[i].Plain();
            if (item.Kind != CelKind.String) return item.IsError ? item : CelValue.NoOverload("join");
            if (i > 0) text.Append(separator);
            text.Append(item.AsString);
            if (text.Length > CelRunLimits.MaxString) return TooLong;
            if (!frame.ChargeText(separator.Length + item.AsString.Length)) return Exceeded;
        }
        return CelValue.Of(text.ToString());
    }

    private static string MapAscii(string text, char from, char to, int shift) =>
        text.AsSpan().IndexOfAnyInRange(from, to) < 0 ? text : string.Create(text.Length, (text, from, to, shift), static (span, s) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = s.text[i] >= s.from && s.text[i] <= s.to ? (char)(s.text[i] + s.shift) : s.text[i];
        });

    private static CelValue Replace(ref CelFrame frame, ReadOnlySpan<CelValue> a)
    {
        if (a[0].Kind != CelKind.String || a[1].Kind != CelKind.String || a[2].Kind != CelKind.String || a.Length > 3 && a[3].Kind != CelKind.Int) return CelValue.NoOverload("replace");
        string text = a[0].AsString, old = a[1].AsString, by = a[2].AsString;
        var left = a.Length > 3 && a[3].AsInt >= 0 ? a[3].AsInt : long.MaxValue;
        if (!frame.ChargeText(text.Length)) return Exceeded;
        var result = new StringBuilder();
        var at = 0;
        if (old.Length == 0)
        {
            // An empty text is found before every code point and at the end.
            for (; left > 0; left--)
            {
                result.Append(by);
                if (result.Length > CelRunLimits.MaxString) return TooLong;
                if (!frame.ChargeText(by.Length)) return Exceeded;
                if (at == text.Length) break;
                var length = CodePoints.IsPair(text, at) ? 2 : 1;
                result.Append(text, at, length);
                at += length;
            }
        }
        else
        {
            for (; left > 0; left--)
            {
                var found = text.IndexOf(old, at, StringComparison.Ordinal);
                if (found < 0) break;
                result.Append(text, at, found - at).Append(by);
                if (result.Length > CelRunLimits.MaxString) return TooLong;
                if (!frame.ChargeText(by.Length)) return Exceeded;
                at = found + old.Length;
            }
        }
        result.Append(text, at, text.Length - at);
        return Text(ref frame, result.ToString());
    }

    private static CelValue Split(ref CelFrame frame, ReadOnlySpan<CelValue> a)
    {
        if (a[0].Kind != CelKind.String || a[1].Kind != CelKind.String || a.Length > 2 && a[2].Kind != CelKind.Int) return CelValue.NoOverload("split");
        string text = a[0].AsString, separator = a[1].AsString;
        var limit = a.Length > 2 && a[2].AsInt >= 0 ? a[2].AsInt : long.MaxValue;
        if (limit == 0) return CelValue.EmptyList;
        if (!frame.ChargeText(text.Length)) return Exceeded;
        var parts = new List<CelValue>();
        var at = 0;
        while (parts.Count < limit - 1)
        {
            int end, next;
            if (separator.Length == 0)
            {
                if (at >= text.Length) break;
                end = next = at + (CodePoints.IsPair(text, at) ? 2 : 1);
                if (end == text.Length) break;
            }
            else
            {
                end = text.IndexOf(separator, at, StringComparison.Ordinal);
                if (end < 0) break;
                next = end + separator.Length;
            }
            parts.Add(CelValue.Of(text[at..end]));
            if (parts.Count > CelRunLimits.MaxElements) return CelValue.Fail("the resulting list is too long");
            if (!frame.Charge(1)) return Exceeded;
            at = next;
        }
        if (separator.Length > 0 || at < text.Length) parts.Add(CelValue.Of(text[at..]));
        return CelValue.ListOf([.. parts]);
    }

    private static CelValue Substring(ref CelFrame frame, ReadOnlySpan<CelValue> a)
    {
        if (a[0].Kind != CelKind.String || a[1].Kind != CelKind.Int || a.Length > 2 && a[2].Kind != CelKind.Int) return CelValue.NoOverload("substring");
        var text = a[0].AsString;
        if (!frame.ChargeText(text.Length)) return Exceeded;
        var start = CodePoints.UnitOf(text, a[1].AsInt);
        if (start < 0) return OutOfRange(a[1].AsInt);
        var end = a.Length > 2 ? CodePoints.UnitOf(text, a[2].AsInt) : text.Length;
        if (end < 0) return OutOfRange(a[2].AsInt);
        return start > end ? CelValue.Fail($"invalid substring range. start: {a[1].AsInt}, end: {a[2].AsInt}") : CelValue.Of(text[start..end]);
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            quoted.Append(c switch
            {
                '\a' => "\\a", '\b' => "\\b", '\f' => "\\f", '\n' => "\\n", '\r' => "\\r", '\t' => "\\t", '\v' => "\\v", '\\' => "\\\\", '"' => "\\\"",
                _ => null,
            } ?? (CodePoints.IsPair(text, i) ? text.Substring(i++, 2) : char.IsSurrogate(c) ? "\uFFFD" : c.ToString()));
        }
        return quoted.Append('"').ToString();
    }
}
