using System.Collections.Immutable;
using System.Text.Json;

namespace AgentMonitor.Core.Tools;

/// <summary>
/// One capability of one agent. A tool is known from the moment an agent first names it; it is classified when a person has said
/// what it does.
/// </summary>
public sealed class ToolDefinition
{
    private readonly ImmutableArray<string> _always;
    private readonly ImmutableArray<ToolTag> _conditional;

    /// <summary>Creates a tool of <paramref name="agent"/>.</summary>
    /// <param name="agent">The agent that has it.</param>
    /// <param name="name">Its name as the model sees it.</param>
    /// <param name="tags">What it does; null when nobody has classified it yet (an empty list is a classification).</param>
    public ToolDefinition(string agent, string name, ImmutableArray<ToolTag>? tags)
    {
        Agent = agent;
        Name = name;
        IsClassified = tags is not null;
        Tags = tags ?? [];
        _always = IsClassified ? [.. Tags.Where(t => t.WhenArgument is null).Select(t => t.Name).Distinct()] : Tag.Unclassified;
        _conditional = [.. Tags.Where(t => t.WhenArgument is not null)];
        if (_conditional.Length > MaxConditionalTags) throw new ArgumentException($"a tool has at most {MaxConditionalTags} conditional tags", nameof(tags));
    }

    /// <summary>Most tags of one tool that may depend on an argument. Bounds the memory of the rule index for one tool.</summary>
    public const int MaxConditionalTags = 16;

    /// <summary>Most destinations, free texts or metadata fields of one tool.</summary>
    public const int MaxNames = 64;

    /// <summary>In <see cref="Destinations"/> and <see cref="ResultMetadata"/>: every name.</summary>
    public const string All = "*";

    /// <summary>The agent that has the tool.</summary>
    public string Agent { get; }
    /// <summary>The name as the model sees it.</summary>
    public string Name { get; }
    /// <summary>True when a person has said what it does.</summary>
    public bool IsClassified { get; }
    /// <summary>What a person said that it does; empty for an unclassified tool.</summary>
    public ImmutableArray<ToolTag> Tags { get; }
    /// <summary>What it is for. Written by an operator or, until one does, by the agent: untrusted text.</summary>
    public string Description { get; init; } = "";
    /// <summary>True when <see cref="Description"/> came from the agent.</summary>
    public bool DescriptionFromAgent { get; init; }
    /// <summary>Digest of name, description and schema as the agent last offered them; null while it never did.</summary>
    public string? Fingerprint { get; init; }
    /// <summary>Arguments that say who or where; <see cref="All"/> means each one that is not free text.</summary>
    public ImmutableArray<string> Destinations { get; init; } = [];
    /// <summary>Arguments that hold prose.</summary>
    public ImmutableArray<string> FreeText { get; init; } = [];
    /// <summary>
    /// Fields of the result that the system wrote rather than people: a field's name, <see cref="All"/>, or <c>!name</c> to except one.
    /// What is not listed is text that people wrote.
    /// </summary>
    public ImmutableArray<string> ResultMetadata { get; init; } = [];
    /// <summary>Who classified it last; null when nobody has, or before this was kept.</summary>
    public ToolClassification? Classification { get; init; }
    /// <summary>True when the agent offers it as something else than what was classified.</summary>
    public bool ChangedSinceClassified => IsClassified && Classification?.Fingerprint is { } then && Fingerprint is not null && Fingerprint != then;
    /// <summary>What the monitor has seen of it by itself.</summary>
    public ToolKnowledge Knowledge { get; init; } = ToolKnowledge.Nothing;
    /// <summary>When the monitor first saw or was told of it.</summary>
    public DateTimeOffset FirstSeenAt { get; init; }

    /// <summary>Whether the argument says who or where. One that is free text does so only when it is named among the destinations itself.</summary>
    public bool IsDestination(string argument) => Destinations.Contains(argument) || Destinations.Contains(All) && !IsFreeText(argument);

    /// <summary>Whether the argument holds prose.</summary>
    public bool IsFreeText(string argument) => FreeText.Contains(argument);

    /// <summary>Whether the system wrote this field of the result. An exception holds whatever else the list says.</summary>
    public bool IsMetadata(string field)
    {
        var named = false;
        foreach (var entry in ResultMetadata)
            if (entry.Length > 1 && entry[0] == '!' && entry.AsSpan(1).SequenceEqual(field)) return false;
            else if (entry == All || entry == field) named = true;
        return named;
    }

    /// <summary>
    /// The tags that hold in a call with these arguments. An argument counts as present unless it is missing, null, false,
    /// an empty string, an empty list or an empty object.
    /// </summary>
    /// <param name="arguments">The call's arguments; <see cref="JsonValueKind.Undefined"/> means none.</param>
    /// <param name="conditions">A bit for each conditional tag that holds, in order: with the tool itself it identifies the set.</param>
    public ImmutableArray<string> TagsFor(JsonElement arguments, out int conditions)
    {
        conditions = 0;
        if (_conditional.IsEmpty) return _always;
        for (var i = 0; i < _conditional.Length; i++)
            if (arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty(_conditional[i].WhenArgument!, out var value) && IsPresent(value))
                conditions |= 1 << i;
        return TagsFor(conditions);
    }

    /// <summary>The tags that hold whatever the arguments are.</summary>
    public ImmutableArray<string> UnconditionalTags => _always;

    private ImmutableArray<string> TagsFor(int conditions)
    {
        if (conditions == 0) return _always;
        var tags = _always.ToBuilder();
        for (var i = 0; i < _conditional.Length; i++)
            if ((conditions & 1 << i) != 0 && !tags.Contains(_conditional[i].Name)) tags.Add(_conditional[i].Name);
        return tags.ToImmutable();
    }

    private static bool IsPresent(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.String => !value.ValueEquals(ReadOnlySpan<char>.Empty),
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.GetPropertyCount() > 0,
        _ => true,
    };
}
