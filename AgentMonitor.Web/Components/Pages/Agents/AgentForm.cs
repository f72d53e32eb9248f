using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Origins;

namespace AgentMonitor.Web.Components.Pages.Agents;

/// <summary>What a person types to register or change an agent.</summary>
public sealed class AgentForm
{
    /// <summary>Longest name and owner, in characters.</summary>
    public const int MaxNameLength = 100;
    /// <summary>Longest description, in characters.</summary>
    public const int MaxDescriptionLength = 1_000;
    /// <summary>Most trusted destinations.</summary>
    public const int MaxDestinations = 256;

    /// <summary>The slug.</summary>
    public string Id { get; set; } = "";
    /// <summary>The name people read.</summary>
    public string Name { get; set; } = "";
    /// <summary>What it is for.</summary>
    public string Description { get; set; } = "";
    /// <summary>Who answers for it.</summary>
    public string Owner { get; set; } = "";
    /// <summary>What a call gets when no rule speaks.</summary>
    public DefaultDecision DefaultDecision { get; set; }
    /// <summary>What a call of an unclassified tool gets.</summary>
    public UnclassifiedTools UnclassifiedTools { get; set; }

    /// <summary>Destinations that its configuration vouches for, in the order in which they were added.</summary>
    public List<string> TrustedDestinations { get; } = [];
    /// <summary>A destination being typed.</summary>
    public string NewDestination { get; set; } = "";

    /// <summary>The form for an agent that exists.</summary>
    public static AgentForm From(AgentDefinition agent)
    {
        var form = new AgentForm
        {
            Id = agent.Id,
            Name = agent.Name,
            Description = agent.Description,
            Owner = agent.Owner,
            DefaultDecision = agent.DefaultDecision,
            UnclassifiedTools = agent.UnclassifiedTools,
        };
        form.TrustedDestinations.AddRange(agent.TrustedDestinations);
        return form;
    }

    /// <summary>Adds the destination that was typed; what is wrong with it, or null.</summary>
    public string? AddDestination()
    {
        var pattern = NewDestination.Trim();
        if (pattern.Length == 0) return null;
        if (DestinationPattern.Refuse(pattern) is { } complaint) return $"{char.ToUpperInvariant(complaint[0])}{complaint[1..].Replace("`", "", StringComparison.Ordinal)}.";
        if (TrustedDestinations.Contains(pattern, StringComparer.OrdinalIgnoreCase)) return $"{pattern} is in the list already.";
        if (TrustedDestinations.Count >= MaxDestinations) return $"At most {MaxDestinations} destinations: a star can stand for many.";
        TrustedDestinations.Add(pattern);
        NewDestination = "";
        return null;
    }

    /// <summary>What a trusted destination covers, in words; null for an exact value.</summary>
    public static string? Covers(string pattern) =>
        pattern.StartsWith("*@", StringComparison.Ordinal) ? $"every address at {pattern[2..]}"
        : pattern.StartsWith("*.", StringComparison.Ordinal) ? $"{pattern[2..]} and every host below it"
        : pattern.EndsWith("/*", StringComparison.Ordinal) ? $"everything below {pattern[..^2]}"
        : null;

    /// <summary>The trusted destinations in a line: "vouches for every address at example.com, #ops and 3 more"; null when there are none.</summary>
    public static string? Vouches(IReadOnlyList<string> destinations) => destinations.Count switch
    {
        0 => null,
        <= 2 => $"vouches for {string.Join(" and ", destinations.Select(Said))}",
        var n => $"vouches for {Said(destinations[0])}, {Said(destinations[1])} and {n - 2} more",
    };

    private static string Said(string pattern) => Covers(pattern) ?? pattern;

    /// <summary>What is wrong, by field; empty when it can be saved.</summary>
    /// <param name="existing">Ids that are taken, when it is a new agent; null when it is a change.</param>
    public IReadOnlyDictionary<string, string> Validate(IReadOnlyCollection<string>? existing)
    {
        var wrong = new Dictionary<string, string>(StringComparer.Ordinal);
        if (existing is not null)
        {
            var id = Id.Trim();
            if (id.Length == 0) wrong[nameof(Id)] = "Give it an id, such as pm-portal.";
            else if (!Identifiers.IsSlug(id)) wrong[nameof(Id)] = "Use lower-case letters, digits, dots, dashes and underscores, beginning with a letter or digit, at most 64 characters.";
            else if (existing.Contains(id)) wrong[nameof(Id)] = $"There is an agent {id} already.";
        }
        if (Name.Trim().Length == 0) wrong[nameof(Name)] = "Give it a name that people recognise.";
        else if (Name.Trim().Length > MaxNameLength) wrong[nameof(Name)] = $"At most {MaxNameLength} characters.";
        if (Owner.Trim().Length > MaxNameLength) wrong[nameof(Owner)] = $"At most {MaxNameLength} characters.";
        if (Description.Trim().Length > MaxDescriptionLength) wrong[nameof(Description)] = $"At most {MaxDescriptionLength} characters.";
        return wrong;
    }

    /// <summary>The agent as typed. What the form does not show is kept from <paramref name="before"/>.</summary>
    public AgentDefinition ToDefinition(AgentDefinition? before)
    {
        var typed = before ?? new AgentDefinition { Id = Id.Trim(), Name = Name.Trim() };
        return typed with
        {
            Name = Name.Trim(),
            Description = Description.Trim(),
            Owner = Owner.Trim(),
            DefaultDecision = DefaultDecision,
            UnclassifiedTools = UnclassifiedTools,
            TrustedDestinations = [.. TrustedDestinations],
        };
    }

    /// <summary>A slug made from a name, offered while the id was not typed: "PM Portal" becomes "pm-portal".</summary>
    public static string SlugOf(string name)
    {
        var slug = new System.Text.StringBuilder();
        foreach (var c in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)) slug.Append(c);
            else if (slug.Length > 0 && slug[^1] != '-') slug.Append('-');
            if (slug.Length == Identifiers.MaxSlugLength) break;
        }
        return slug.ToString().Trim('-');
    }

    /// <summary>What a default decision means, in a sentence.</summary>
    public static string Meaning(DefaultDecision value) => value switch
    {
        DefaultDecision.Allow => "A call runs unless a rule or a switch refuses it.",
        DefaultDecision.Deny => "A call is refused unless an allow rule matches it. Everything nobody thought of is refused.",
        _ => throw new InvalidOperationException("unknown default decision"),
    };

    /// <summary>What a setting for unclassified tools means, in a sentence.</summary>
    public static string Meaning(UnclassifiedTools value) => value switch
    {
        UnclassifiedTools.Allow => "They are treated as reading untrusted content and sensitive data and sending data out: the first call of a clean session runs, and the session is tainted from then on.",
        UnclassifiedTools.Deny => "Their calls are refused until somebody has said what the tool does.",
        UnclassifiedTools.Pending => "Each call waits for a person until somebody has said what the tool does.",
        _ => throw new InvalidOperationException("unknown setting"),
    };
}
