using System.Collections.Immutable;
using AgentMonitor.Core.Identity;

namespace AgentMonitor.Core.Sessions;

/// <summary>Where a label came from.</summary>
public enum LabelSource
{
    /// <summary>An allowed call of a tool that carries the tag.</summary>
    ToolCall,
    /// <summary>A <c>label</c> rule that matched an allowed call.</summary>
    Rule,
    /// <summary>The report of a tool's result.</summary>
    Result,
    /// <summary>The agent said so.</summary>
    Agent,
    /// <summary>An operator said so.</summary>
    Operator,
}

/// <summary>Why a session carries a label.</summary>
/// <param name="Label">The fact.</param>
/// <param name="Source">What added it.</param>
/// <param name="At">When it was added where it first arose.</param>
/// <param name="DecisionId">The decision on the call that added it, if a call did.</param>
/// <param name="Tool">The tool that was called, if a call added it.</param>
/// <param name="Why">The rule's id, or the words of whoever added it. Untrusted when <paramref name="Source"/> is the agent.</param>
/// <param name="Path">
/// The sessions it travelled through, the one where it arose first; empty when it arose in the session that carries it.
/// </param>
public sealed record LabelEvidence(
    string Label, LabelSource Source, DateTimeOffset At, string? DecisionId, string? Tool, string? Why, ImmutableArray<SessionKey> Path)
{
    /// <summary>Longest path that is kept; a longer one keeps its origin and its last steps.</summary>
    public const int MaxPathLength = 16;

    /// <summary>The same fact as another session inherits it from <paramref name="from"/>.</summary>
    public LabelEvidence InheritedFrom(SessionKey from)
    {
        if (Path.Contains(from)) return this;
        var path = Path.Add(from);
        return this with { Path = path.Length <= MaxPathLength ? path : path.RemoveAt(1) };
    }
}
