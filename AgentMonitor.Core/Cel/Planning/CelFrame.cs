using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentMonitor.Core.Decisions;

namespace AgentMonitor.Core.Cel;

/// <summary>Where the values of an expression's variables come from.</summary>
public interface ICelActivation
{
    /// <summary>The value of a variable by its full name; false when it has none.</summary>
    bool TryFind(string name, out CelValue value);
}

/// <summary>Variables in a dictionary.</summary>
public sealed class CelBindings(IReadOnlyDictionary<string, CelValue> values) : ICelActivation
{
    /// <summary>No variables.</summary>
    public static readonly CelBindings None = new(new Dictionary<string, CelValue>(StringComparer.Ordinal));
    /// <inheritdoc/>
    public bool TryFind(string name, out CelValue value) => values.TryGetValue(name, out value);
}

/// <summary>
/// What one evaluation may cost. A step is about one element visited or a few dozen characters handled; exceeding the budget is an error
/// of the evaluation.
/// </summary>
/// <param name="Steps">The number of steps.</param>
public readonly record struct CelBudget(int Steps)
{
    /// <summary>The budget of a policy's condition.</summary>
    public static readonly CelBudget Default = new(100_000);
}

/// <summary>Bounds of single values that an evaluation makes, and of plans.</summary>
public static class CelRunLimits
{
    /// <summary>Longest text that an evaluation makes, in UTF-16 units; texts of the input may be longer.</summary>
    public const int MaxString = 1_000_000;
    /// <summary>Longest list and largest map that an evaluation makes.</summary>
    public const int MaxElements = 100_000;
    /// <summary>Longest regular expression, in UTF-16 units.</summary>
    public const int MaxPattern = 1_000;
    /// <summary>Deepest nesting of an expression that is evaluated; what is deeper is an error. Readers refuse it earlier.</summary>
    public const int MaxDepth = 1_000;
}

/// <summary>The state of one evaluation.</summary>
internal ref struct CelFrame
{
    /// <summary>Where variables come from, unless the plan reads them from <see cref="Call"/>.</summary>
    public ICelActivation Activation;
    /// <summary>The call that a policy's condition is about; a null reference in other evaluations.</summary>
    public ref readonly CallFacts Call;
    /// <summary>The variables of the macros.</summary>
    public Span<CelValue> Slots;
    /// <summary>What is left of the budget; negative when it was exceeded.</summary>
    public int Steps;
    /// <summary>The error, when a typed evaluation said that there is one.</summary>
    public CelValue Error;

    /// <summary>Takes steps from the budget; false when it is exceeded.</summary>
    public bool Charge(int steps) => (Steps = Steps < 0 ? Steps : Steps - steps) >= 0;

    /// <summary>Takes a step into the parts of a value. Binding a name over and over nests values deeper than any expression, and than the stack: then false.</summary>
    public bool Descend() => RuntimeHelpers.TryEnsureSufficientExecutionStack() ? Charge(1) : (Steps = -1) >= 0;

    /// <summary>Takes what handling so many characters costs.</summary>
    public bool ChargeText(int length) => Charge(1 + (length >> 5));

    public const string Exceeded = "the evaluation took too many steps";
}
