using System.Collections.Immutable;

namespace AgentMonitor.Core.Cel;

/// <summary>What a policy's condition may name: the facts of one call.</summary>
public static class CelPolicyEnvironment
{
    private static readonly CelType Strings = new CelType.List(CelType.String);
    private static readonly CelType Anything = new CelType.Map(CelType.String, CelType.Dyn);

    /// <summary>The agent that calls.</summary>
    public static readonly CelType.Record Agent = Record("agent", ("id", CelType.String), ("owner", CelType.String), ("tags", Strings));

    /// <summary>A user that the agent acts for.</summary>
    public static readonly CelType.Record User = Record("user", ("id", CelType.String), ("roles", Strings), ("groups", Strings), ("verified", CelType.Bool), ("attributes", Anything));

    /// <summary>The session.</summary>
    public static readonly CelType.Record Session = Record("session", ("id", CelType.String), ("labels", Strings), ("startedAt", CelType.Timestamp), ("calls", CelType.Int));

    /// <summary>The called tool.</summary>
    public static readonly CelType.Record Tool = Record("tool", ("name", CelType.String), ("tags", Strings));

    /// <summary>The functions that only policies have.</summary>
    public static readonly ImmutableArray<CelFunction> Functions =
    [
        CelFunction.Of("calls", "How many calls of the tool were allowed in this session within the last span of time.", CelExtensions.None, "(string, duration) int"),
        CelFunction.Of("agentCalls", "How many calls of the tool were allowed to this agent, in all its sessions, within the last span of time.", CelExtensions.None, "(string, duration) int"),
        CelFunction.Of("vouched", "Whether a destination comes from a source that can be trusted.", CelExtensions.None, "(dyn) bool"),
        CelFunction.Of("origin", "Where a value comes from.", CelExtensions.None, "(dyn) string"),
        CelFunction.Of("secrets", "The names of the kinds of secrets that a value contains.", CelExtensions.None, "(dyn) list(string)"),
    ];

    /// <summary>The environment of conditions.</summary>
    public static readonly CelEnvironment Conditions = Functions.Aggregate(CelEnvironment.Standard, (environment, function) => environment.WithFunction(function))
        .WithVariable("agent", Agent)
        .WithVariable("users", new CelType.List(User))
        .WithVariable("session", Session)
        .WithVariable("tool", Tool)
        .WithVariable("args", Anything)
        .WithVariable("now", CelType.Timestamp);

    /// <summary>Reads and checks a condition: an expression over the facts of a call that is true or false.</summary>
    /// <param name="source">The text.</param>
    /// <param name="limits">Bounds on it.</param>
    /// <param name="issues">What is wrong; empty when there is a result.</param>
    /// <returns>The checked condition, of type bool or dyn, or null when there are issues.</returns>
    public static CelChecked? Check(string source, CelLimits limits, out ImmutableArray<CelIssue> issues)
    {
        if (CelParser.Parse(source, limits, out issues) is not { } ast || CelChecker.Check(ast, Conditions, out issues) is not { } condition) return null;
        if (condition.Types[ast.Root.Id] is CelType.Simple { Name: "bool" or "dyn" }) return condition;
        issues = [new(ast.Root.Position, $"a condition is true or false, and this is {CelDiagnostics.Name(condition.Types[ast.Root.Id])}")];
        return null;
    }

    private static CelType.Record Record(string name, params ReadOnlySpan<(string Name, CelType Type)> fields)
    {
        var built = ImmutableDictionary.CreateBuilder<string, CelType>(StringComparer.Ordinal);
        foreach (var (field, type) in fields) built.Add(field, type);
        return new(name, built.ToImmutable());
    }
}
