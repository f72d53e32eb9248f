using System.Collections.Immutable;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Web.Components.Pages.Tools;

/// <summary>A tag as a person ticks it.</summary>
public sealed class TagChoice(string name, bool isStandard)
{
    /// <summary>The tag.</summary>
    public string Name => name;
    /// <summary>Whether it is one of the standard ones.</summary>
    public bool IsStandard => isStandard;
    /// <summary>Whether the tool has it.</summary>
    public bool Chosen { get; set; }
    /// <summary>The argument that must be present for it to hold; empty: in every call.</summary>
    public string WhenArgument { get; set; } = "";
}

/// <summary>What an argument is for.</summary>
public enum ArgumentRole
{
    /// <summary>Neither.</summary>
    None,
    /// <summary>It says who or where.</summary>
    Destination,
    /// <summary>It holds prose.</summary>
    FreeText,
}

/// <summary>What a person says that a tool does. Suggestions get into it only when they are accepted, and count only when it is saved.</summary>
public sealed class ToolForm
{
    private readonly List<string> _destinations, _freeText, _metadata;

    private ToolForm(ToolDefinition tool)
    {
        Before = tool;
        Description = tool.Description;
        (_destinations, _freeText, _metadata) = ([.. tool.Destinations], [.. tool.FreeText], [.. tool.ResultMetadata]);
        Choices = [.. Tag.Standard.Select(t => new TagChoice(t, isStandard: true))];
        foreach (var tag in tool.Tags) Choose(tag);
    }

    /// <summary>The tool as it was when editing began.</summary>
    public ToolDefinition Before { get; }
    /// <summary>The tags to choose from, standard ones first.</summary>
    public List<TagChoice> Choices { get; }
    /// <summary>What it is for.</summary>
    public string Description { get; set; }
    /// <summary>Arguments that say who or where.</summary>
    public IReadOnlyList<string> Destinations => _destinations;
    /// <summary>Arguments that hold prose.</summary>
    public IReadOnlyList<string> FreeText => _freeText;
    /// <summary>Fields that the system wrote, with <c>*</c> and <c>!name</c>.</summary>
    public IReadOnlyList<string> Metadata => _metadata;
    /// <summary>An own tag being typed.</summary>
    public string OwnTag { get; set; } = "";
    /// <summary>Whether something would change.</summary>
    public bool IsChanged => Changes().Count > 0;

    /// <summary>The form for a tool.</summary>
    public static ToolForm From(ToolDefinition tool) => new(tool);

    /// <summary>Adds the own tag that was typed; what is wrong with it, or null.</summary>
    public string? AddOwn()
    {
        var name = OwnTag.Trim().ToLowerInvariant();
        if (name.Length == 0) return null;
        if (!Identifiers.IsSlug(name)) return "A tag has lower-case letters, digits, dots, dashes and underscores, and begins with a letter or digit.";
        Choose(new ToolTag(name));
        OwnTag = "";
        return null;
    }

    /// <summary>Adds an argument that says who or where; what is wrong with it, or null.</summary>
    public string? AddDestination(string name) => Add(_destinations, name, name == ToolDefinition.All || Identifiers.IsFieldName(name), "That is not the name of an argument. Write * for every argument.");

    /// <summary>Adds an argument that holds prose; what is wrong with it, or null.</summary>
    public string? AddFreeText(string name) => Add(_freeText, name, Identifiers.IsFieldName(name), "That is not the name of an argument.");

    /// <summary>Adds a field that the system wrote, <c>*</c> or an exception; what is wrong with it, or null.</summary>
    public string? AddMetadata(string name) =>
        Add(_metadata, name, name == ToolDefinition.All || Identifiers.IsFieldName(name.StartsWith('!') ? name[1..] : name), "That is not the name of a field. Write * for every field, and !name to except one.");

    /// <summary>Takes an entry out of all lists of one kind.</summary>
    public void RemoveDestination(string name) => _destinations.Remove(name);
    /// <inheritdoc cref="RemoveDestination"/>
    public void RemoveFreeText(string name) => _freeText.Remove(name);
    /// <inheritdoc cref="RemoveDestination"/>
    public void RemoveMetadata(string name) => _metadata.Remove(name);

    /// <summary>The role that an argument has.</summary>
    public ArgumentRole RoleOf(string argument)
    {
        var roles = Roles;
        return roles.IsDestination(argument) ? ArgumentRole.Destination : roles.IsFreeText(argument) ? ArgumentRole.FreeText : ArgumentRole.None;
    }

    /// <summary>Gives an argument a role. While <c>*</c> is among the destinations, one without a role is a destination.</summary>
    public void SetRole(string argument, ArgumentRole role)
    {
        _destinations.Remove(argument);
        _freeText.Remove(argument);
        if (role == ArgumentRole.FreeText) _freeText.Add(argument);
        else if (role == ArgumentRole.Destination && !_destinations.Contains(ToolDefinition.All)) _destinations.Add(argument);
    }

    /// <summary>Whether the system wrote a field.</summary>
    public bool IsMetadata(string field) => Roles.IsMetadata(field);

    /// <summary>Says whether the system wrote a field.</summary>
    public void SetMetadata(string field, bool systemWrote)
    {
        _metadata.Remove(field);
        _metadata.Remove($"!{field}");
        var all = _metadata.Contains(ToolDefinition.All);
        if (systemWrote && !all) _metadata.Add(field);
        else if (!systemWrote && all) _metadata.Add($"!{field}");
    }

    /// <summary>What is suggested and neither accepted nor decided otherwise.</summary>
    public OpenSuggestions Open(ToolSuggestions suggested)
    {
        var roles = Roles;
        return new(
            [.. suggested.Tags.Where(t => !Choices.Exists(c => c.Name == t.Name && c.Chosen))],
            [.. suggested.Destinations.Where(d => d.Name == ToolDefinition.All ? _destinations.Count == 0 : !roles.IsDestination(d.Name) && !roles.IsFreeText(d.Name))],
            [.. suggested.FreeText.Where(f => !roles.IsFreeText(f.Name) && !_destinations.Contains(f.Name))],
            [.. suggested.ResultMetadata.Where(m => !roles.IsMetadata(m.Name) && !_metadata.Contains($"!{m.Name}"))]);
    }

    /// <summary>Takes a suggested tag over.</summary>
    public void Accept(SuggestedTag tag) => Choose(new(tag.Name, tag.WhenArgument));

    /// <summary>Takes everything over that is suggested.</summary>
    public void AcceptAll(OpenSuggestions open)
    {
        foreach (var tag in open.Tags) Accept(tag);
        foreach (var name in open.FreeText) SetRole(name.Name, ArgumentRole.FreeText);
        foreach (var name in open.Destinations) SetRole(name.Name, ArgumentRole.Destination);
        foreach (var name in open.Metadata) SetMetadata(name.Name, systemWrote: true);
    }

    /// <summary>What is wrong; empty when it can be saved.</summary>
    public IReadOnlyList<string> Validate()
    {
        var wrong = new List<string>();
        if (Choices.Count(c => c.Chosen && c.WhenArgument.Trim().Length > 0) > ToolDefinition.MaxConditionalTags)
            wrong.Add($"At most {ToolDefinition.MaxConditionalTags} tags may depend on an argument.");
        foreach (var choice in Choices.Where(c => c.Chosen && !Identifiers.IsFieldName(c.WhenArgument.Trim()) && c.WhenArgument.Trim().Length > 0))
            wrong.Add($"{choice.Name}: that is not the name of an argument.");
        foreach (var (list, what) in ((List<string>, string)[])[(_destinations, "destinations"), (_freeText, "free-text arguments"), (_metadata, "metadata fields")])
            if (list.Count > ToolDefinition.MaxNames) wrong.Add($"A tool has at most {ToolDefinition.MaxNames} {what}.");
        return wrong;
    }

    /// <summary>The tool as typed. Saving it classifies it, even without any tag.</summary>
    public ToolDefinition ToDefinition() => new(Before.Agent, Before.Name, Tags())
    {
        Description = Description.Trim(),
        DescriptionFromAgent = Before.DescriptionFromAgent && Description.Trim() == Before.Description.Trim(),
        Fingerprint = Before.Fingerprint,
        Destinations = [.. _destinations],
        FreeText = [.. _freeText],
        ResultMetadata = [.. _metadata],
        Classification = Before.Classification,
        Knowledge = Before.Knowledge,
        FirstSeenAt = Before.FirstSeenAt,
    };

    /// <summary>What saving this means, sentence by sentence.</summary>
    public IReadOnlyList<string> Consequences() => ToolWords.Consequences(Tags());

    /// <summary>What differs from before, in a few words each.</summary>
    public IReadOnlyList<string> Changes() => ToolWords.Changes(Before, ToDefinition());

    // Only what roles are asked of.
    private ToolDefinition Roles => new(Before.Agent, Before.Name, []) { Destinations = [.. _destinations], FreeText = [.. _freeText], ResultMetadata = [.. _metadata] };

    private ImmutableArray<ToolTag> Tags() =>
        [.. Choices.Where(c => c.Chosen).Select(c => new ToolTag(c.Name, c.WhenArgument.Trim() is { Length: > 0 } argument ? argument : null))];

    private void Choose(ToolTag tag)
    {
        var choice = Choices.Find(c => c.Name == tag.Name);
        if (choice is null) Choices.Add(choice = new TagChoice(tag.Name, isStandard: false));
        // The same tag once always and once with an argument holds always.
        choice.WhenArgument = choice.Chosen && choice.WhenArgument.Length == 0 ? "" : tag.WhenArgument ?? "";
        choice.Chosen = true;
    }

    private static string? Add(List<string> names, string name, bool isName, string wrong)
    {
        if (!isName) return wrong;
        if (names.Count >= ToolDefinition.MaxNames && !names.Contains(name)) return $"At most {ToolDefinition.MaxNames} are kept.";
        if (!names.Contains(name)) names.Add(name);
        return null;
    }
}

/// <summary>Suggestions that wait for a person.</summary>
/// <param name="Tags">Tags.</param>
/// <param name="Destinations">Arguments that say who or where.</param>
/// <param name="FreeText">Arguments that hold prose.</param>
/// <param name="Metadata">Fields that the system wrote.</param>
public sealed record OpenSuggestions(IReadOnlyList<SuggestedTag> Tags, IReadOnlyList<SuggestedName> Destinations, IReadOnlyList<SuggestedName> FreeText, IReadOnlyList<SuggestedName> Metadata)
{
    /// <summary>How many there are.</summary>
    public int Count => Tags.Count + Destinations.Count + FreeText.Count + Metadata.Count;
}
