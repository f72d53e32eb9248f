using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using AgentMonitor.Core.Decisions;

namespace AgentMonitor.Core.Cel;

/// <summary>An expression made ready for evaluation: immutable and shared by all threads. Evaluating never throws: whatever goes wrong is an error value.</summary>
public sealed class CelProgram
{
    private const int InlineSlots = 4;
    private readonly CelNode _root;
    private readonly int _slots;

    internal CelProgram(CelNode root, int slots, ImmutableArray<CelIssue> issues)
    {
        _root = root;
        _slots = slots;
        Issues = issues;
    }

    /// <summary>Constants that cannot be what they are used as, such as a text that is no regular expression: where they stand, evaluation will always fail.</summary>
    public ImmutableArray<CelIssue> Issues { get; }

    /// <summary>Evaluates with variables from an activation.</summary>
    /// <param name="activation">The variables.</param>
    /// <param name="budget">What it may cost.</param>
    public CelValue Evaluate(ICelActivation activation, CelBudget budget)
    {
        var frame = new CelFrame { Activation = activation, Steps = budget.Steps };
        return Run(ref frame);
    }

    /// <summary>Evaluates with the default budget.</summary>
    public CelValue Evaluate(ICelActivation activation) => Evaluate(activation, CelBudget.Default);

    /// <summary>Evaluates a condition over a call.</summary>
    internal Found Test(in CallFacts facts, CelBudget budget, out CelError? error)
    {
        var frame = new CelFrame { Activation = CelBindings.None, Call = ref facts, Steps = budget.Steps };
        return Test(ref frame, out error);
    }

#pragma warning disable CA1031 // The promise is never to throw; what a node overlooks must not stop a decision.
    private CelValue Run(ref CelFrame frame)
    {
        try
        {
            CelValue value;
            if (_slots == 0) value = _root.Evaluate(ref frame);
            else if (_slots <= InlineSlots)
            {
                var slots = new Inline();
                value = WithSlots(ref frame, slots);
            }
            else value = WithSlots(ref frame, new CelValue[_slots]);
            return frame.Steps < 0 ? CelValue.Fail(CelFrame.Exceeded) : value;
        }
        catch (Exception unexpected)
        {
            return CelValue.Fail($"the evaluation failed: {unexpected.GetType().Name}");
        }
    }

    private Found Test(ref CelFrame frame, out CelError? error)
    {
        error = null;
        try
        {
            Found found;
            if (_slots == 0) found = _root.Test(ref frame);
            else if (_slots <= InlineSlots)
            {
                var slots = new Inline();
                found = TestWithSlots(ref frame, slots);
            }
            else found = TestWithSlots(ref frame, new CelValue[_slots]);
            if (frame.Steps < 0) error = new(CelFrame.Exceeded);
            else if (found == Found.Error) error = frame.Error.AsError;
            else return found;
        }
        catch (Exception unexpected)
        {
            error = new($"the evaluation failed: {unexpected.GetType().Name}");
        }
        return Found.Error;
    }
#pragma warning restore CA1031

    // The slots live as long as this call; the frame's view of them must not outlive it.
    private CelValue WithSlots(ref CelFrame frame, scoped Span<CelValue> slots)
    {
        var inner = new CelFrame { Activation = frame.Activation, Call = ref frame.Call, Slots = slots, Steps = frame.Steps };
        var value = _root.Evaluate(ref inner);
        frame.Steps = inner.Steps;
        return value;
    }

    private Found TestWithSlots(ref CelFrame frame, scoped Span<CelValue> slots)
    {
        var inner = new CelFrame { Activation = frame.Activation, Call = ref frame.Call, Slots = slots, Steps = frame.Steps };
        var found = _root.Test(ref inner);
        frame.Steps = inner.Steps;
        frame.Error = inner.Error;
        return found;
    }

    [InlineArray(InlineSlots)]
    private struct Inline
    {
        private CelValue _first;
    }
}
