namespace AgentMonitor.Core.Cel;

/// <summary>
/// Bounds on one expression. They hold before anything is evaluated, so that no text can exhaust the stack or the memory of the program that
/// reads it.
/// </summary>
/// <param name="MaxSourceLength">Length of the source in UTF-16 units.</param>
/// <param name="MaxDepth">Levels of nesting, as written and as expanded: every later pass recurses that deep at most.</param>
/// <param name="MaxNodes">Nodes of the tree, with macros expanded.</param>
public sealed record CelLimits(int MaxSourceLength, int MaxDepth, int MaxNodes)
{
    /// <summary>
    /// For conditions of policies. 10,000 characters is a page that a reviewer still reads, and twice what Kubernetes' longest admission
    /// conditions take; 250 levels need a quarter of a 1 MB stack in the deepest pass, where the language asks for 32.
    /// </summary>
    public static readonly CelLimits Default = new(10_000, 250, 10_000);
}
