using System.Text.Json;

namespace AgentMonitor.Core.Cel;

/// <summary>Walks over a list, the entries of a map, or JSON where it lies.</summary>
internal ref struct CelRange
{
    private CelList? _list;
    private CelMap? _map;
    private JsonElement.ArrayEnumerator _json;
    private bool _isJson;
    private int _at, _count;

    /// <summary>Starts; false when the value is nothing to walk over.</summary>
    public bool TryStart(in CelValue range)
    {
        _at = -1;
        if (range.Kind == CelKind.Json && range.AsJson.ValueKind == JsonValueKind.Array)
        {
            _isJson = true;
            _json = range.AsJson.EnumerateArray();
            return true;
        }
        var plain = range.Plain();
        if (plain.Kind == CelKind.List) { _list = plain.AsList; _count = _list.Count; return true; }
        if (plain.Kind == CelKind.Map) { _map = plain.AsMap; _count = _map.Count; return true; }
        return false;
    }

    public bool MoveNext()
    {
        _at++;
        return _isJson ? _json.MoveNext() : _at < _count;
    }

    /// <summary>Sets the variables: one gets the element or key; two get index and element, or key and value.</summary>
    public readonly void Set(Span<CelValue> slots, int first, int second)
    {
        if (_map is not null)
        {
            slots[first] = _map.KeyAt(_at);
            if (second >= 0) slots[second] = _map.ValueAt(_at);
            return;
        }
        var element = _isJson ? CelValue.Of(_json.Current) : _list![_at];
        if (second < 0) slots[first] = element;
        else
        {
            slots[first] = CelValue.Of((long)_at);
            slots[second] = element;
        }
    }
}

/// <summary>What all folds share: the range and the slots of its variables.</summary>
internal abstract class RangeNode(CelNode range, int first, int second) : CelNode
{
    /// <summary>What one element costs: more, the larger the expression is that is evaluated for it.</summary>
    public int Cost { get; init; } = 1;
    protected CelNode Range => range;
    protected int First => first;
    protected int Second => second;

    protected bool TryStart(ref CelFrame frame, out CelRange walk, out CelValue error)
    {
        walk = default;
        var value = range.Evaluate(ref frame);
        error = value;
        if (value.IsError) return false;
        if (walk.TryStart(value)) return true;
        error = Fail($"no such overload: {value.TypeName} is neither a list nor a map");
        return false;
    }
}

/// <summary><c>exists</c> and <c>all</c>: the first element that decides ends it, and then errors of others do not matter.</summary>
internal sealed class QuantifierNode(CelNode range, int first, int second, CelNode predicate, bool deciding) : RangeNode(range, first, second)
{
    public override CelValue Evaluate(ref CelFrame frame) => Test(ref frame) switch { Found.True => CelValue.True, Found.False => CelValue.False, _ => frame.Error };

    public override Found Test(ref CelFrame frame)
    {
        var decides = deciding ? Found.True : Found.False;
        var error = default(CelValue);
        var failed = false;
        if (Range is TextListNode texts && Second < 0)
        {
            var count = texts.Count(ref frame);
            for (var i = 0; i < count; i++)
            {
                if (!frame.Charge(Cost)) return Error(ref frame, Exceeded());
                frame.Slots[First] = CelValue.Of(texts.Item(ref frame, i));
                var found = predicate.Test(ref frame);
                if (found == decides) return decides;
                if (found == Found.Error && !failed) { failed = true; error = frame.Error; }
            }
        }
        else
        {
            if (!TryStart(ref frame, out var walk, out var wrong)) return Error(ref frame, wrong);
            while (walk.MoveNext())
            {
                if (!frame.Charge(Cost)) return Error(ref frame, Exceeded());
                walk.Set(frame.Slots, First, Second);
                var found = predicate.Test(ref frame);
                if (found == decides) return decides;
                if (found == Found.Error && !failed) { failed = true; error = frame.Error; }
            }
        }
        if (!failed) return deciding ? Found.False : Found.True;
        frame.Error = error;
        return Found.Error;
    }
}

/// <summary><c>exists_one</c>: an error of any element is one of the whole.</summary>
internal sealed class ExistsOneNode(CelNode range, int first, int second, CelNode predicate) : RangeNode(range, first, second)
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        if (!TryStart(ref frame, out var walk, out var wrong)) return At(wrong);
        var count = 0;
        while (walk.MoveNext())
        {
            if (!frame.Charge(Cost)) return Exceeded();
            walk.Set(frame.Slots, First, Second);
            var found = predicate.Test(ref frame);
            if (found == Found.Error) return frame.Error;
            if (found == Found.True) count++;
        }
        return CelValue.Of(count == 1);
    }
}

/// <summary><c>map</c>, <c>filter</c> and <c>transformList</c>: a list grows in place instead of being copied for every element.</summary>
internal sealed class BuildListNode(CelNode range, int first, int second, CelNode? condition, CelNode value) : RangeNode(range, first, second)
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        if (!TryStart(ref frame, out var walk, out var wrong)) return At(wrong);
        var items = new CelValue[4];
        var count = 0;
        while (walk.MoveNext())
        {
            if (!frame.Charge(Cost)) return Exceeded();
            walk.Set(frame.Slots, First, Second);
            if (condition is not null)
            {
                var found = condition.Test(ref frame);
                if (found == Found.Error) return frame.Error;
                if (found == Found.False) continue;
            }
            var item = value.Evaluate(ref frame);
            if (item.IsError) return item;
            if (count == CelRunLimits.MaxElements) return Fail("the resulting list is too long");
            if (count == items.Length) Array.Resize(ref items, count * 2);
            items[count++] = item;
        }
        return CelValue.Of(new CelArrayList(items, count));
    }
}

/// <summary><c>transformMap</c> and <c>transformMapEntry</c>.</summary>
internal sealed class BuildMapNode(CelNode range, int first, int second, CelNode? condition, CelNode? key, CelNode value) : RangeNode(range, first, second)
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        if (!TryStart(ref frame, out var walk, out var wrong)) return At(wrong);
        var map = new CelHashMap(4);
        while (walk.MoveNext())
        {
            if (!frame.Charge(Cost)) return Exceeded();
            walk.Set(frame.Slots, First, Second);
            if (condition is not null)
            {
                var found = condition.Test(ref frame);
                if (found == Found.Error) return frame.Error;
                if (found == Found.False) continue;
            }
            if (key is not null)
            {
                var name = key.Evaluate(ref frame).Plain();
                if (name.IsError) return At(name);
                if (!CelHashMap.IsKey(name.Kind)) return Fail($"a key is a bool, an int, a uint or a string, not {name.TypeName}");
                var item = value.Evaluate(ref frame);
                if (item.IsError) return item;
                if (!map.Add(name, item)) return Fail($"repeated key `{name}`");
            }
            else
            {
                var entries = value.Evaluate(ref frame).Plain();
                if (entries.IsError) return At(entries);
                if (entries.Kind != CelKind.Map) return Fail($"a map was expected here, not {entries.TypeName}");
                if (!frame.Charge(entries.AsMap.Count)) return Exceeded();
                for (var i = 0; i < entries.AsMap.Count; i++)
                    if (!map.Add(entries.AsMap.KeyAt(i), entries.AsMap.ValueAt(i))) return Fail($"repeated key `{entries.AsMap.KeyAt(i)}`");
            }
            if (map.Count > CelRunLimits.MaxElements) return Fail("the resulting map is too large");
        }
        return CelValue.Of(map);
    }
}

/// <summary><c>cel.bind</c>: a name for a value within an expression.</summary>
internal sealed class BindNode(int slot, CelNode value, CelNode body) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        frame.Slots[slot] = value.Evaluate(ref frame);
        return body.Evaluate(ref frame);
    }

    public override Found Test(ref CelFrame frame)
    {
        frame.Slots[slot] = value.Evaluate(ref frame);
        return body.Test(ref frame);
    }
}

/// <summary>Any other fold.</summary>
internal sealed class FoldNode(CelNode range, int first, int second, int accumulator, CelNode init, CelNode condition, CelNode step, CelNode result) : RangeNode(range, first, second)
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        if (!TryStart(ref frame, out var walk, out var wrong)) return At(wrong);
        frame.Slots[accumulator] = init.Evaluate(ref frame);
        while (walk.MoveNext())
        {
            if (!frame.Charge(Cost)) return Exceeded();
            walk.Set(frame.Slots, First, Second);
            var goesOn = condition.Test(ref frame);
            if (goesOn == Found.Error) return frame.Error;
            if (goesOn == Found.False) break;
            frame.Slots[accumulator] = step.Evaluate(ref frame);
        }
        return result.Evaluate(ref frame);
    }
}
