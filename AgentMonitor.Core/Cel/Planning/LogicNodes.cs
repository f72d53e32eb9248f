namespace AgentMonitor.Core.Cel;

/// <summary>False when any side is false, whatever the other does; else an error when any side has one.</summary>
internal sealed class AndNode(CelNode left, CelNode right) : TestNode
{
    public override Found Test(ref CelFrame frame)
    {
        var a = left.Test(ref frame);
        if (a == Found.False) return Found.False;
        if (a == Found.True) return right.Test(ref frame);
        var error = frame.Error;
        if (right.Test(ref frame) == Found.False) return Found.False;
        frame.Error = error;
        return Found.Error;
    }
}

/// <summary>True when any side is true, whatever the other does; else an error when any side has one.</summary>
internal sealed class OrNode(CelNode left, CelNode right) : TestNode
{
    public override Found Test(ref CelFrame frame)
    {
        var a = left.Test(ref frame);
        if (a == Found.True) return Found.True;
        if (a == Found.False) return right.Test(ref frame);
        var error = frame.Error;
        if (right.Test(ref frame) == Found.True) return Found.True;
        frame.Error = error;
        return Found.Error;
    }
}

internal sealed class NotNode(CelNode operand) : TestNode
{
    public override Found Test(ref CelFrame frame) => operand.Test(ref frame) switch { Found.True => Found.False, Found.False => Found.True, _ => Found.Error };
}

/// <summary>The condition of a fold that absorbs errors: everything but <c>false</c> goes on.</summary>
internal sealed class NotStrictlyFalseNode(CelNode operand) : TestNode
{
    public override Found Test(ref CelFrame frame) => operand.Test(ref frame) == Found.False ? Found.False : Found.True;
}

internal sealed class ConditionalNode(CelNode condition, CelNode whenTrue, CelNode whenFalse) : CelNode
{
    public override CelValue Evaluate(ref CelFrame frame) => condition.Test(ref frame) switch
    {
        Found.True => whenTrue.Evaluate(ref frame),
        Found.False => whenFalse.Evaluate(ref frame),
        _ => frame.Error,
    };

    public override Found Test(ref CelFrame frame) => condition.Test(ref frame) switch
    {
        Found.True => whenTrue.Test(ref frame),
        Found.False => whenFalse.Test(ref frame),
        _ => Found.Error,
    };
}
