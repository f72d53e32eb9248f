using System.Collections.Immutable;

namespace AgentMonitor.Core.Policy;

/// <summary>A rule made ready for evaluation.</summary>
public sealed class CompiledRule
{
    private readonly LabelMask _all, _any, _none;
    private readonly bool _demandsAny;

    internal CompiledRule(RuleDocument document, int order, LabelVocabulary labels, IRuleCondition? condition)
    {
        Document = document;
        Order = order;
        Condition = condition;
        _all = labels.MaskOf(document.Session.All);
        _any = labels.MaskOf(document.Session.Any);
        _none = labels.MaskOf(document.Session.None);
        _demandsAny = !document.Session.Any.IsEmpty;
    }

    /// <summary>The rule as written.</summary>
    public RuleDocument Document { get; }
    /// <summary>Its place in the policy.</summary>
    public int Order { get; }
    /// <summary>Its compiled condition, if it has one.</summary>
    public IRuleCondition? Condition { get; }

    /// <summary>Whether a session with these labels carries what the rule demands.</summary>
    internal bool LabelsMatch(in LabelMask labels) => labels.Contains(_all) && (!_demandsAny || labels.Intersects(_any)) && !labels.Intersects(_none);

    /// <summary>Whether the rule applies to a session that began then.</summary>
    internal bool AppliesTo(DateTimeOffset sessionStartedAt) => Document.Applies == RuleApplies.Now || sessionStartedAt >= Document.Since;

    /// <summary>Whether the rule speaks of this agent, tool and these tags at all.</summary>
    internal bool ScopeMatches(string agent, string tool, ImmutableArray<string> tags) =>
        TagsMatch(tags) && AnyMatches(Document.Tools, tool) && AnyMatches(Document.Agents, agent);

    /// <summary>Whether the rule can match whatever the arguments of the call are.</summary>
    internal bool IgnoresArguments => Condition is null && Document.Destinations == RuleDestinations.Any;

    private bool TagsMatch(ImmutableArray<string> tags)
    {
        if (Document.Tags.IsEmpty) return true;
        foreach (var tag in tags)
            if (Document.Tags.Contains(tag)) return true;
        return false;
    }

    private static bool AnyMatches(ImmutableArray<string> patterns, string text)
    {
        foreach (var pattern in patterns)
            if (Glob.Matches(pattern, text)) return true;
        return false;
    }
}
