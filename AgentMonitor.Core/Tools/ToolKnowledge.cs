using System.Collections.Immutable;

namespace AgentMonitor.Core.Tools;

/// <summary>
/// What the monitor has seen of a tool by itself: what the agent offers it as, and which names occur in its calls and results. All of
/// it comes from the agent and is untrusted; it helps people to classify the tool and decides nothing.
/// </summary>
public sealed record ToolKnowledge
{
    /// <summary>Largest schema that is kept, in characters of JSON.</summary>
    public const int MaxSchema = 16_384;

    /// <summary>Nothing seen yet.</summary>
    public static readonly ToolKnowledge Nothing = new();

    /// <summary>The JSON Schema of the parameters as last offered, as JSON text; null while none was offered, or when it was too large.</summary>
    public string? Schema { get; init; }
    /// <summary>True when the schema as last offered was larger than <see cref="MaxSchema"/>.</summary>
    public bool SchemaTooLarge { get; init; }
    /// <summary>Names of arguments seen in calls, in the order in which they were first seen.</summary>
    public ImmutableArray<ObservedField> Arguments { get; init; } = [];
    /// <summary>Names of fields seen in results, in the order in which they were first seen.</summary>
    public ImmutableArray<ObservedField> ResultFields { get; init; } = [];

    /// <summary>With a schema as offered just now.</summary>
    public ToolKnowledge WithSchema(string? schema) => this with { Schema = schema?.Length <= MaxSchema ? schema : null, SchemaTooLarge = schema?.Length > MaxSchema };

    /// <summary>With further names, counted as accounts of the same calls. Names beyond <see cref="ObservedField.MaxNames"/> are left out.</summary>
    public ToolKnowledge WithFields(ImmutableArray<ObservedField> arguments, ImmutableArray<ObservedField> resultFields) =>
        this with { Arguments = Join(Arguments, arguments), ResultFields = Join(ResultFields, resultFields) };

    private static ImmutableArray<ObservedField> Join(ImmutableArray<ObservedField> known, ImmutableArray<ObservedField> seen)
    {
        var joined = known.ToBuilder();
        foreach (var field in seen)
        {
            var at = IndexOf(known, field.Name);
            if (at >= 0) joined[at] = known[at].Max(field);
            else if (joined.Count < ObservedField.MaxNames) joined.Add(field);
        }
        return joined.ToImmutable();
    }

    private static int IndexOf(ImmutableArray<ObservedField> fields, string name)
    {
        for (var i = 0; i < fields.Length; i++)
            if (fields[i].Name == name) return i;
        return -1;
    }
}

/// <summary>Who said last what a tool does.</summary>
/// <param name="By">The operator.</param>
/// <param name="At">When.</param>
/// <param name="Fingerprint">The tool's fingerprint then; null when no agent had offered it yet.</param>
public sealed record ToolClassification(string By, DateTimeOffset At, string? Fingerprint);
