using System.Collections.Immutable;

namespace AgentMonitor.Core.Tools;

/// <summary>The standard tags: facts about what a tool does. Operators may add own ones.</summary>
public static class Tag
{
    /// <summary>Returns text that third parties wrote.</summary>
    public const string UntrustedContent = "untrusted-content";
    /// <summary>Returns private data.</summary>
    public const string SensitiveData = "sensitive-data";
    /// <summary>Sends data out.</summary>
    public const string ExternalCommunication = "external-communication";
    /// <summary>Changes state somewhere.</summary>
    public const string StateChange = "state-change";
    /// <summary>Deletes or overwrites.</summary>
    public const string Destructive = "destructive";
    /// <summary>Moves money.</summary>
    public const string Financial = "financial";
    /// <summary>Runs code.</summary>
    public const string CodeExecution = "code-execution";

    /// <summary>All standard tags, in the order in which pages list them.</summary>
    public static readonly ImmutableArray<string> Standard =
        [UntrustedContent, SensitiveData, ExternalCommunication, StateChange, Destructive, Financial, CodeExecution];

    /// <summary>What a tool that nobody has classified is treated as carrying, all at once.</summary>
    public static readonly ImmutableArray<string> Unclassified = [UntrustedContent, SensitiveData, ExternalCommunication];

    /// <summary>
    /// The capabilities that a call with these tags needs, as far as a task can grant them. Whatever sends, pays, deletes or runs code
    /// changes state too, so that <see cref="StateChange"/> counts only where none of these does.
    /// </summary>
    public static ImmutableArray<string> CapabilitiesOf(ImmutableArray<string> tags)
    {
        ImmutableArray<string> found = [.. tags.Where(t => t is ExternalCommunication or Financial or Destructive or CodeExecution)];
        return found.IsEmpty && tags.Contains(StateChange) ? [StateChange] : found;
    }

    /// <summary>One sentence that says what a standard tag means; null for an own tag.</summary>
    public static string? Meaning(string tag) => tag switch
    {
        UntrustedContent => "returns text that third parties wrote",
        SensitiveData => "returns private data",
        ExternalCommunication => "sends data out",
        StateChange => "changes state",
        Destructive => "deletes or overwrites",
        Financial => "moves money",
        CodeExecution => "runs code",
        _ => null,
    };
}

/// <summary>A tag of a tool.</summary>
/// <param name="Name">The tag.</param>
/// <param name="WhenArgument">The tag holds only in calls where this argument is present and not empty; null: in every call.</param>
public sealed record ToolTag(string Name, string? WhenArgument = null);
