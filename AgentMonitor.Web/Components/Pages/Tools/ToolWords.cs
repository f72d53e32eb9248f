using AgentMonitor.Core.Tools;

namespace AgentMonitor.Web.Components.Pages.Tools;

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

    /// <summary>What one account of a tool says differently from an earlier one; empty when nothing.</summary>
    public static IReadOnlyList<string> Changes(ToolDefinition before, ToolDefinition after)
    {
        var changes = new List<string>();
        if (before.IsClassified && !after.IsClassified) changes.Add("no longer classified");
        Difference("tags", before.Tags.Select(TagText), after.Tags.Select(TagText));
        Difference("destinations", before.Destinations, after.Destinations);
        Difference("free text", before.FreeText, after.FreeText);
        Difference("result metadata", before.ResultMetadata, after.ResultMetadata);
        if (before.Description.Trim() != after.Description.Trim()) changes.Add("description rewritten");
        return changes;

        void Difference(string what, IEnumerable<string> then, IEnumerable<string> now)
        {
            var parts = now.Except(then).Select(n => $"+ {n}").Concat(then.Except(now).Select(n => $"− {n}")).ToList();
            if (parts.Count > 0) changes.Add($"{what}: {string.Join(", ", parts)}");
        }
    }

    /// <summary>Why the tool as it is needs a look, sentence by sentence; what it is treated as, not what it does.</summary>
    public static IReadOnlyList<string> Warnings(ToolDefinition tool)
    {
        var warnings = new List<string>();
        var acting = tool.Tags.Select(t => t.Name).Where(t => t is Tag.ExternalCommunication or Tag.Financial or Tag.Destructive).Distinct().ToList();
        if (acting.Count > 0 && tool.Destinations.IsEmpty)
            warnings.Add($"It is tagged {Policy.RuleWords.And(acting)}, and no argument is a destination. Its destination cannot be read, so after untrusted content every call counts as unvouched.");
        return warnings;
    }

    /// <summary>The kind of an observed value, in words.</summary>
    public static string Kind(ObservedField field) => field.Kind switch
    {
        FieldKind.Null => "always empty",
        FieldKind.Text => field.IsLong ? "long text" : "text",
        FieldKind.Number => "number",
        FieldKind.Boolean => "true or false",
        FieldKind.List => "list",
        FieldKind.Record => "object",
        FieldKind.Mixed => "various",
        _ => throw new InvalidOperationException("unknown kind"),
    };

    /// <summary>The type that a schema gives an argument, in words.</summary>
    public static string Type(SchemaArgument argument)
    {
        // Whatever the agent wrote there, only what JSON Schema knows is shown as a type.
        var known = argument.Type?.TrimEnd('[', ']').Split('|').All(t => t is "string" or "number" or "integer" or "boolean" or "array" or "object") == true;
        var type = !known ? "" : argument.Type!.EndsWith("[]", StringComparison.Ordinal) ? $"list of {argument.Type.Replace("[]", "", StringComparison.Ordinal)}s" : argument.Type;
        string?[] parts = [type is { Length: > 0 } ? type : null, argument.Format is "email" or "uri" or "date" or "date-time" or "uuid" or "hostname" ? argument.Format : null, argument.IsChoice ? "fixed choices" : null, argument.IsRequired ? "required" : null];
        return string.Join(", ", parts.OfType<string>());
    }

    /// <summary>In how many calls or results something was seen. Counts are written down when they have grown tenfold.</summary>
    public static string Seen(long count, string what) => count == 1 ? $"in a {what}" : $"in {Kit.Words.Number(count)}+ {what}s";

    private static string TagText(ToolTag tag) => tag.WhenArgument is null ? tag.Name : $"{tag.Name} when {tag.WhenArgument}";

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
