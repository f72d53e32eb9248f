using AgentMonitor.Core.Cel;
using AgentMonitor.Core.Decisions;

namespace AgentMonitor.Core.Policy;

/// <summary>Compiles conditions: text of the Common Expression Language over the facts of a call, see <see cref="CelPolicyEnvironment"/>.</summary>
public sealed class CelConditionCompiler : IConditionCompiler
{
    /// <summary>The only instance that is needed.</summary>
    public static readonly CelConditionCompiler Instance = new();

    /// <summary>Most issues that are told at once.</summary>
    private const int MaxIssues = 3;

    /// <inheritdoc/>
    public IRuleCondition? Compile(string source, out string? error)
    {
        if (CelPolicyEnvironment.Check(source, CelLimits.Default, out var issues) is { } condition)
        {
            var program = CelPlanner.Plan(condition, CallHost.Instance);
            issues = program.Issues;
            if (issues.IsEmpty)
            {
                error = null;
                return new CelCondition(source, program);
            }
        }
        error = string.Join('\n', issues.Take(MaxIssues).Select(issue => CelDiagnostics.Format(source, issue)));
        return null;
    }

    private sealed class CelCondition(string source, CelProgram program) : IRuleCondition
    {
        public ConditionOutcome Evaluate(in CallFacts facts, out string? error)
        {
            error = null;
            switch (program.Test(facts, CelBudget.Default, out var failure))
            {
                case Found.True: return ConditionOutcome.True;
                case Found.False: return ConditionOutcome.False;
                default:
                    var (line, column) = CelDiagnostics.Locate(source, Math.Max(0, failure!.Position));
                    error = $"{line}:{column}: {failure.Message}";
                    return ConditionOutcome.Error;
            }
        }
    }
}
