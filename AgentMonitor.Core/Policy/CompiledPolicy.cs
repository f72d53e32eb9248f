using System.Collections.Frozen;
using System.Collections.Immutable;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Core.Policy;

/// <summary>A policy made ready for evaluation: immutable, shared by all calls, indexed by tool, tag and agent.</summary>
public sealed class CompiledPolicy
{
    /// <summary>Most rules of one policy. Far above what people maintain; bounds what one save can cost.</summary>
    public const int MaxRules = 20_000;

    private readonly LabelVocabulary _labels;
    private readonly RuleIndex _index;

    private CompiledPolicy(PolicyDocument document, long revision, ImmutableArray<CompiledRule> rules, LabelVocabulary labels)
    {
        Document = document;
        Revision = revision;
        Rules = rules;
        _labels = labels;
        _index = new RuleIndex(rules);
        ById = rules.ToFrozenDictionary(r => r.Document.Id, StringComparer.Ordinal);
    }

    /// <summary>The policy as written.</summary>
    public PolicyDocument Document { get; }
    /// <summary>The number under which it was saved.</summary>
    public long Revision { get; }
    /// <summary>The rules in policy order.</summary>
    public ImmutableArray<CompiledRule> Rules { get; }
    /// <summary>The rules by id.</summary>
    public FrozenDictionary<string, CompiledRule> ById { get; }

    /// <summary>Compiles a policy, or returns null and every error in it at once.</summary>
    public static CompiledPolicy? Compile(PolicyDocument document, long revision, IConditionCompiler conditions, out ImmutableArray<PolicyDiagnostic> errors)
    {
        var found = ImmutableArray.CreateBuilder<PolicyDiagnostic>();
        PolicyValidator.Validate(document, found);

        var bits = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var session in document.Rules.Select(r => r.Session))
            foreach (var label in session.All.Concat(session.Any).Concat(session.None))
                bits.TryAdd(label, bits.Count);
        if (bits.Count > LabelMask.Capacity)
            found.Add(new("too-many-labels", "/rules", $"the session conditions name {bits.Count} different labels; at most {LabelMask.Capacity} can be told apart"));

        var compiled = new IRuleCondition?[document.Rules.Length];
        for (var i = 0; i < document.Rules.Length; i++)
            if (document.Rules[i].Condition is { } source)
            {
                compiled[i] = conditions.Compile(source, out var error);
                if (compiled[i] is null) found.Add(new("bad-condition", $"/rules/{i}/condition", error ?? "the condition could not be compiled"));
            }

        errors = found.ToImmutable();
        if (!errors.IsEmpty) return null;
        var labels = new LabelVocabulary(bits.ToFrozenDictionary(StringComparer.Ordinal));
        return new(document, revision, [.. document.Rules.Select((rule, i) => new CompiledRule(rule, i, labels, compiled[i]))], labels);
    }

    /// <summary>The rules that speak of the call and whose labels the session carries, in policy order.</summary>
    internal ImmutableArray<CompiledRule> RulesFor(string agent, ToolDefinition tool, ImmutableArray<string> tags, int conditions, SessionState session) =>
        _index.For(agent, tool, tags, conditions, _labels.MaskOf(session));
}

/// <summary>Checks the structure of a policy. What it accepts can be compiled and evaluated.</summary>
internal static class PolicyValidator
{
    public static void Validate(PolicyDocument document, ImmutableArray<PolicyDiagnostic>.Builder found)
    {
        if (document.Rules.Length > CompiledPolicy.MaxRules)
            found.Add(new("too-many-rules", "/rules", $"{document.Rules.Length} rules; at most {CompiledPolicy.MaxRules} are supported"));
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < document.Rules.Length; i++)
        {
            var rule = document.Rules[i];
            var at = $"/rules/{i}";
            if (!Identifiers.IsSlug(rule.Id)) found.Add(new("bad-rule-id", $"{at}/id", $"`{rule.Id}` is not a slug: use lower-case letters, digits, `.`, `_` and `-`"));
            else if (!ids.TryAdd(rule.Id, i)) found.Add(new("duplicate-rule-id", $"{at}/id", $"`{rule.Id}` is the id of rule {ids[rule.Id]} too"));
            Patterns(rule.Agents, $"{at}/agents", "agents");
            Patterns(rule.Tools, $"{at}/tools", "tools");
            Slugs(rule.Tags, $"{at}/tags");
            Slugs(rule.Session.All, $"{at}/session/all");
            Slugs(rule.Session.Any, $"{at}/session/any");
            Slugs(rule.Session.None, $"{at}/session/none");
            Slugs(rule.Labels, $"{at}/labels");
            if (rule.Effect == RuleEffect.Label && rule.Labels.IsEmpty) found.Add(new("no-labels", $"{at}/labels", "a rule with effect `label` names the labels to add"));
            if (rule.Effect != RuleEffect.Label && !rule.Labels.IsEmpty) found.Add(new("labels-without-effect", $"{at}/labels", "only a rule with effect `label` adds labels"));
            var all = rule.Session.All;
            if (rule.Session.None.FirstOrDefault(all.Contains) is { } both)
                found.Add(new("never-matches", $"{at}/session", $"`{both}` is demanded by `all` and excluded by `none`: the rule can never match"));
            if (!rule.Session.Any.IsEmpty && rule.Session.Any.All(rule.Session.None.Contains))
                found.Add(new("never-matches", $"{at}/session", "every label of `any` is excluded by `none`: the rule can never match"));
        }

        void Patterns(ImmutableArray<string> patterns, string at, string what)
        {
            if (patterns.IsEmpty) found.Add(new("never-matches", at, $"`{what}` is empty, so the rule can never match: write [\"*\"] for all"));
            for (var i = 0; i < patterns.Length; i++)
                if (patterns[i].Length is 0 or > Identifiers.MaxToolNameLength) found.Add(new("bad-pattern", $"{at}/{i}", "a pattern is 1 to 128 characters"));
        }

        void Slugs(ImmutableArray<string> names, string at)
        {
            for (var i = 0; i < names.Length; i++)
                if (!Identifiers.IsSlug(names[i])) found.Add(new("bad-name", $"{at}/{i}", $"`{names[i]}` is not a tag or label: use lower-case letters, digits, `.`, `_` and `-`"));
        }
    }
}
