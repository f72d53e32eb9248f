namespace AgentMonitor.Core.Cel;

internal sealed class ArithmeticNode(char op, CelNode left, CelNode right) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        var a = left.Evaluate(ref frame);
        if (a.IsError) return a;
        var b = right.Evaluate(ref frame);
        return b.IsError ? b : At(Arithmetic.Apply(ref frame, op, a, b));
    }
}

internal sealed class NegateNode(CelNode operand) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame) => At(Arithmetic.Negate(operand.Evaluate(ref frame)));
}

internal sealed class UnaryNode(CelUnary function, CelNode argument) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        var a = argument.Evaluate(ref frame).Plain();
        return At(a.IsError ? a : function(ref frame, a));
    }
}

internal sealed class BinaryNode(CelBinary function, CelNode first, CelNode second) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        var a = first.Evaluate(ref frame).Plain();
        if (a.IsError) return At(a);
        var b = second.Evaluate(ref frame).Plain();
        return At(b.IsError ? b : function(ref frame, a, b));
    }
}

internal sealed class VariadicNode(CelVariadic function, CelNode[] arguments) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        var values = new CelValue[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = arguments[i].Evaluate(ref frame).Plain();
            if (values[i].IsError) return At(values[i]);
        }
        return At(function(ref frame, values));
    }
}

/// <summary><c>size</c> of a value: JSON and lists of the host are counted where they are.</summary>
internal sealed class SizeNode(CelNode operand, CelUnary size) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        if (operand is TextListNode texts) return CelValue.Of((long)texts.Count(ref frame));
        var value = operand.Evaluate(ref frame);
        if (value.Kind == CelKind.Json)
        {
            var json = value.AsJson;
            switch (json.ValueKind)
            {
                case System.Text.Json.JsonValueKind.Array: return CelValue.Of((long)json.GetArrayLength());
                case System.Text.Json.JsonValueKind.Object: return CelValue.Of((long)json.GetPropertyCount());
                case System.Text.Json.JsonValueKind.String:
                    var count = JsonText.Size(json);
                    return count < 0 ? Fail("a JSON string is not Unicode text") : frame.ChargeText(count) ? CelValue.Of((long)count) : Exceeded();
            }
        }
        value = value.Plain();
        return At(value.IsError ? value : size(ref frame, value));
    }
}

/// <summary><c>optional.or(other)</c>: the other is evaluated when the first is absent.</summary>
internal sealed class OptionalOrNode(CelNode operand, CelNode other, bool unwrap) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame)
    {
        var value = operand.Evaluate(ref frame);
        if (value.IsError) return value;
        if (value.Kind != CelKind.Optional) return Fail($"no such overload: {value.TypeName}.{(unwrap ? "orValue" : "or")}");
        if (value.HasValue) return unwrap ? value.Unwrapped : value;
        var otherwise = other.Evaluate(ref frame);
        return unwrap || otherwise.Kind is CelKind.Optional or CelKind.Error ? otherwise : Fail($"no such overload: or({otherwise.TypeName})");
    }
}
