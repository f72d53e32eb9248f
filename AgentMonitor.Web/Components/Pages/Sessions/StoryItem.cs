using AgentMonitor.Web.Ledger;

namespace AgentMonitor.Web.Components.Pages.Sessions;

/// <summary>What the spine of a session's story shows: which halves of the trifecta the session carries.</summary>
public enum SpineStage
{
    /// <summary>Neither untrusted content nor sensitive data.</summary>
    Clean,
    /// <summary>Text that third parties wrote.</summary>
    Untrusted,
    /// <summary>Private data.</summary>
    Sensitive,
    /// <summary>Both: sending something out could leak it.</summary>
    Both,
}

/// <summary>One thing that happened in a session.</summary>
public abstract record StoryItem
{
    /// <summary>The ledger entry that it comes from.</summary>
    public required long Sequence { get; init; }
    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }
    /// <summary>What the session carried when it was over.</summary>
    public SpineStage Stage { get; set; }
    /// <summary>A key for rendering that stays the same while the story grows.</summary>
    public string Key => $"{Sequence}-{Number}";
    /// <summary>Its place among what one entry became.</summary>
    public int Number { get; set; }
}

/// <summary>The user's words, as the agent reported them. Untrusted text.</summary>
public sealed record WordsItem : StoryItem
{
    /// <summary>What was said.</summary>
    public required string Text { get; init; }
    /// <summary>Who was named with the call that brought the words.</summary>
    public IReadOnlyList<UserData> Users { get; init; } = [];
}

/// <summary>A model was asked: which tools it was shown and which were held back.</summary>
public sealed record ModelItem : StoryItem
{
    /// <summary>The decision's id.</summary>
    public string? DecisionId { get; init; }
    /// <summary>Whether the model was allowed to be asked at all.</summary>
    public required string Decision { get; init; }
    /// <summary>Why not, when it was not.</summary>
    public string? Reason { get; init; }
    /// <summary>Tools it was shown.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];
    /// <summary>Tools it was not shown.</summary>
    public IReadOnlyList<FilteredData> Filtered { get; init; } = [];
    /// <summary>How many model calls in a row looked the same.</summary>
    public int Times { get; set; } = 1;
}

/// <summary>A tool call with its decision and everything that followed on it.</summary>
public sealed record CallItem : StoryItem
{
    /// <summary>The decision's id.</summary>
    public required string DecisionId { get; init; }
    /// <summary>The tool. Untrusted text.</summary>
    public required string Tool { get; init; }
    /// <summary>The answer as it stands now: <c>allow</c>, <c>deny</c> or <c>pending</c>.</summary>
    public required string Decision { get; set; }
    /// <summary>The reason's code as it stands now.</summary>
    public string? Reason { get; set; }
    /// <summary>What was asked and why it was answered as it was.</summary>
    public required ToolCallData Data { get; init; }
    /// <summary>The words that decided at last; those of the first answer until a person answered.</summary>
    public string? Sentence { get; set; }
    /// <summary>The report of its result; null while none came.</summary>
    public ToolResultData? Result { get; set; }
    /// <summary>When the result was reported.</summary>
    public DateTimeOffset? ResultAt { get; set; }
    /// <summary>What happened to its approval, in order.</summary>
    public List<NoteItem> Approvals { get; } = [];
}

/// <summary>The moment at which a session gained labels.</summary>
public sealed record GainItem : StoryItem
{
    /// <summary>The labels, standard ones first.</summary>
    public required IReadOnlyList<string> Labels { get; init; }
    /// <summary>The tool whose call added them; null when no call of this session did. Untrusted text.</summary>
    public string? Tool { get; init; }
    /// <summary>The decision that added them.</summary>
    public string? DecisionId { get; init; }
    /// <summary>Sessions that they came from, as <c>agent/id</c>; empty when they arose here.</summary>
    public IReadOnlyList<string> From { get; init; } = [];
    /// <summary>True when the session carries both halves of the trifecta from here on and did not before.</summary>
    public bool Completes { get; init; }
}

/// <summary>The session received the context of other sessions.</summary>
public sealed record LinkItem : StoryItem
{
    /// <summary>The sessions, as <c>agent/id</c>.</summary>
    public required IReadOnlyList<string> Sessions { get; init; }
    /// <summary>True when it received another session's output with a result, false when it named it as a parent.</summary>
    public bool Output { get; init; }
}

/// <summary>Something that was done to the session: a switch, a label cleared, an approval, its end.</summary>
public sealed record NoteItem : StoryItem
{
    /// <summary>The kind of ledger entry.</summary>
    public required string Kind { get; init; }
    /// <summary>What was done, as a stable word.</summary>
    public string Action { get; init; } = "";
    /// <summary>What was done, in a sentence.</summary>
    public required string Sentence { get; init; }
    /// <summary>Who did it; null: the agent or the clock.</summary>
    public string? Actor { get; init; }
    /// <summary>Why, in the actor's words.</summary>
    public string? Why { get; init; }
    /// <summary>Whether it stopped something (a switch came into force).</summary>
    public bool Stops { get; init; }
}
