namespace AgentMonitor.Core.Policy;

/// <summary>What a condition found.</summary>
public enum ConditionOutcome
{
    /// <summary>It holds.</summary>
    True,
    /// <summary>It does not hold.</summary>
    False,
    /// <summary>It could not be evaluated: the rule counts as matched if it denies or asks, as not matched otherwise.</summary>
    Error,
}

/// <summary>A compiled condition of a rule. The seat of the condition language.</summary>
public interface IRuleCondition
{
    /// <summary>Evaluates the condition over the facts of one call.</summary>
    /// <param name="facts">The call.</param>
    /// <param name="error">What went wrong, for <see cref="ConditionOutcome.Error"/>.</param>
    ConditionOutcome Evaluate(in Decisions.CallFacts facts, out string? error);
}

/// <summary>Turns the text of a condition into something that can be evaluated.</summary>
public interface IConditionCompiler
{
    /// <summary>Compiles, or says why not: then the policy is refused as a whole.</summary>
    IRuleCondition? Compile(string source, out string? error);
}
