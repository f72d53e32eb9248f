using System.Text.Json;

namespace AgentMonitor.Core.Cel;

/// <summary>What a test found; for an error see <see cref="CelFrame.Error"/>.</summary>
internal enum Found : byte { False, True, Error }

/// <summary>
/// A node of a plan: immutable, shared by all evaluations. There are many small kinds of nodes, so that the usual comparisons of conditions
/// run without allocating and without making values of JSON.
/// </summary>
internal abstract class CelNode
{
    /// <summary>Where a person should look when it fails.</summary>
    public int Position { get; init; }

    public abstract CelValue Evaluate(ref CelFrame frame);

    /// <summary>Evaluates to a truth value, without making a value of it.</summary>
    public virtual Found Test(ref CelFrame frame)
    {
        var value = Evaluate(ref frame);
        if (value.Kind == CelKind.Bool) return value.AsBool ? Found.True : Found.False;
        frame.Error = value.IsError ? value : CelValue.Fail($"a truth value was expected here, not {value.TypeName}", Position);
        return Found.Error;
    }

    /// <summary>Gives an error that has no place yet this node's.</summary>
    protected CelValue At(in CelValue value)
    {
        if (value.IsError && value.AsError.Position < 0) value.AsError.Position = Position;
        return value;
    }

    protected CelValue Fail(string message) => CelValue.Fail(message, Position);
    protected CelValue Exceeded() => CelValue.Fail(CelFrame.Exceeded, Position);
    protected Found Error(ref CelFrame frame, in CelValue error)
    {
        frame.Error = At(error);
        return Found.Error;
    }
}

/// <summary>A node whose value is a truth value.</summary>
internal abstract class TestNode : CelNode
{
    public sealed override CelValue Evaluate(ref CelFrame frame) => Test(ref frame) switch { Found.True => CelValue.True, Found.False => CelValue.False, _ => frame.Error };
    public abstract override Found Test(ref CelFrame frame);
}

/// <summary>A node whose value is JSON that lies somewhere.</summary>
internal abstract class JsonNode : CelNode
{
    /// <summary>Reads it; false when there is an error.</summary>
    public abstract bool TryRead(ref CelFrame frame, out JsonElement json);
    public sealed override CelValue Evaluate(ref CelFrame frame) => TryRead(ref frame, out var json) ? CelValue.Of(json) : frame.Error;
}

/// <summary>A node whose value is a text that the host has.</summary>
internal abstract class TextNode : CelNode
{
    public abstract string Read(ref CelFrame frame);
    public sealed override CelValue Evaluate(ref CelFrame frame) => CelValue.Of(Read(ref frame));
}

/// <summary>A node whose value is a list of texts that the host has.</summary>
internal abstract class TextListNode : CelNode
{
    public abstract int Count(ref CelFrame frame);
    public abstract string Item(ref CelFrame frame, int index);
    public sealed override CelValue Evaluate(ref CelFrame frame)
    {
        var items = new CelValue[Count(ref frame)];
        for (var i = 0; i < items.Length; i++) items[i] = CelValue.Of(Item(ref frame, i));
        return CelValue.ListOf(items);
    }
}

internal sealed class ConstantNode(CelValue value) : CelNode
{
    public CelValue Value => value;
    public override CelValue Evaluate(ref CelFrame frame) => value;
}

/// <summary>Something that fails when it is reached: an unknown name or function in an expression that was not checked.</summary>
internal sealed class ErrorNode(string message) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame) => Fail(message);
}

/// <summary>A variable of a macro.</summary>
internal sealed class SlotNode(int slot) : CelNode
{
    public int Slot => slot;
    public override CelValue Evaluate(ref CelFrame frame) => frame.Slots[slot];
}

/// <summary>A variable of the activation.</summary>
internal sealed class VariableNode(string name) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame) => frame.Activation.TryFind(name, out var value) ? value : Fail($"no value for `{name}`");
}

internal sealed class ListNode(CelNode[] elements, bool[]? optional) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        var items = new CelValue[elements.Length];
        var count = 0;
        for (var i = 0; i < elements.Length; i++)
        {
            var item = elements[i].Evaluate(ref frame);
            if (item.IsError) return item;
            if (optional is not null && optional[i])
            {
                if (item.Kind != CelKind.Optional) return Fail($"an element written with ? is an optional, not {item.TypeName}");
                if (!item.HasValue) continue;
                item = item.Unwrapped;
            }
            items[count++] = item;
        }
        return frame.Charge(1 + count) ? CelValue.Of(new CelArrayList(items, count)) : Exceeded();
    }
}

internal sealed class MapNode((CelNode Key, CelNode Value, bool IsOptional)[] entries) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        var map = new CelHashMap(entries.Length);
        foreach (var (keyNode, valueNode, isOptional) in entries)
        {
            var key = keyNode.Evaluate(ref frame).Plain();
            if (key.IsError) return At(key);
            if (!CelHashMap.IsKey(key.Kind)) return Fail($"a key is a bool, an int, a uint or a string, not {key.TypeName}");
            var value = valueNode.Evaluate(ref frame);
            if (value.IsError) return value;
            if (isOptional)
            {
                if (value.Kind != CelKind.Optional) return Fail($"the value of an entry written with ? is an optional, not {value.TypeName}");
                if (!value.HasValue) continue;
                value = value.Unwrapped;
            }
            if (!map.Add(key, value)) return Fail($"repeated key `{key}`");
        }
        return frame.Charge(1 + entries.Length) ? CelValue.Of(map) : Exceeded();
    }
}
