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

/// <summary>What a person says that a tool does.</summary>
public sealed class ToolForm
{
    private readonly ToolDefinition _before;

    private ToolForm(ToolDefinition tool)
    {
        _before = tool;
        Description = tool.Description;
        Destinations = string.Join(", ", tool.Destinations);
        FreeText = string.Join(", ", tool.FreeText);
        Choices = [.. Tag.Standard.Select(t => new TagChoice(t, isStandard: true))];
        foreach (var tag in tool.Tags) Choose(tag);
    }

    /// <summary>The tags to choose from, standard ones first.</summary>
    public List<TagChoice> Choices { get; }
    /// <summary>What it is for.</summary>
    public string Description { get; set; }
    /// <summary>Arguments that say who or where, separated by commas.</summary>
    public string Destinations { get; set; }
    /// <summary>Arguments that hold prose, separated by commas.</summary>
    public string FreeText { get; set; }
    /// <summary>An own tag being typed.</summary>
    public string OwnTag { get; set; } = "";

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

    /// <summary>What is wrong; empty when it can be saved.</summary>
    public IReadOnlyList<string> Validate()
    {
        var wrong = new List<string>();
        if (Choices.Count(c => c.Chosen && c.WhenArgument.Trim().Length > 0) > ToolDefinition.MaxConditionalTags)
            wrong.Add($"At most {ToolDefinition.MaxConditionalTags} tags may depend on an argument.");
        foreach (var choice in Choices.Where(c => c.Chosen && !Identifiers.IsForeignId(c.WhenArgument.Trim()) && c.WhenArgument.Trim().Length > 0))
            wrong.Add($"{choice.Name}: that is not the name of an argument.");
        return wrong;
    }

    /// <summary>The tool as typed. Saving it classifies it, even without any tag.</summary>
    public ToolDefinition ToDefinition() => new(_before.Agent, _before.Name, Tags())
    {
        Description = Description.Trim(),
        DescriptionFromAgent = _before.DescriptionFromAgent && Description.Trim() == _before.Description.Trim(),
        Fingerprint = _before.Fingerprint,
        Destinations = Names(Destinations),
        FreeText = Names(FreeText),
        ResultMetadata = _before.ResultMetadata,
        FirstSeenAt = _before.FirstSeenAt,
    };

    /// <summary>What saving this means, sentence by sentence.</summary>
    public IReadOnlyList<string> Consequences() => ToolWords.Consequences(Tags());

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

    private static ImmutableArray<string> Names(string text) =>
        [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];
}

/// <summary>What tags mean, in words.</summary>
public static class ToolWords
{
    /// <summary>What a tool's tags mean for its calls and for the sessions that they happen in.</summary>
    public static IReadOnlyList<string> Consequences(IReadOnlyList<ToolTag> tags)
    {
        if (tags.Count == 0) return ["Its calls will add no label to a session, and rules that ask for a tag will not match it."];
        var sentences = new List<string>();
        var always = tags.Where(t => t.WhenArgument is null).Select(t => t.Name).Distinct().ToList();
        if (always.Count > 0) sentences.Add($"Its calls will add {Policy.RuleWords.And(always)} to sessions.");
        foreach (var tag in tags.Where(t => t.WhenArgument is not null && !always.Contains(t.Name)))
            sentences.Add($"Calls with the argument {tag.WhenArgument} will add {tag.Name} too; calls without it will not.");
        if (tags.Any(t => t.Name == Tag.ExternalCommunication))
            sentences.Add("A rule against sending data out applies to it: it can be refused in sessions that have read untrusted content and sensitive data.");
        if (tags.Any(t => t.Name == Tag.UntrustedContent))
            sentences.Add("After one of its calls a session counts as tainted until it ends or an operator clears the label.");
        return sentences;
    }

    /// <summary>What a tag means, as a sentence; own tags mean what rules make of them.</summary>
    public static string Meaning(string tag) => Tag.Meaning(tag) is { } meaning ? $"{char.ToUpperInvariant(meaning[0])}{meaning[1..]}." : "An own tag: it means what your rules make of it.";

    /// <summary>How an unclassified tool is treated, for its agent's setting.</summary>
    public static string Unclassified(Core.Agents.UnclassifiedTools setting) => setting switch
    {
        Core.Agents.UnclassifiedTools.Allow => "Nobody has said what it does. Its calls run and taint the session as if it read untrusted content and sensitive data and sent data out.",
        Core.Agents.UnclassifiedTools.Deny => "Nobody has said what it does. Its calls are refused.",
        Core.Agents.UnclassifiedTools.Pending => "Nobody has said what it does. Each call waits for a person.",
        _ => throw new InvalidOperationException("unknown setting"),
    };
}
