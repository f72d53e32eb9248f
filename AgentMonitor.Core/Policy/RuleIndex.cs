using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Core.Policy;

/// <summary>
/// Finds the rules that speak of a call without looking at the others. A rule lies in the buckets of its narrowest structured
/// part: its tool names, else its tags, else its agents, else the bucket for everything. What an agent's tool gets is worked out
/// once and remembered with the tool, so that ten thousand rules cost a call what ten do.
/// </summary>
internal sealed class RuleIndex
{
    /// <summary>Most remembered scopes; then all are forgotten and worked out anew: slower for a moment, never wrong.</summary>
    private const int MaxRemembered = 16_384;

    private readonly Dictionary<string, List<CompiledRule>> _byTool = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<CompiledRule>> _byTag = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<CompiledRule>> _byAgent = new(StringComparer.Ordinal);
    private readonly List<CompiledRule> _everywhere = [];
    /// <summary>Most rules in all remembered scopes together: 32 MB. One policy of very many rules that all speak of one tool stays affordable.</summary>
    private const int MaxRememberedRules = 4_000_000;
    private readonly ConcurrentDictionary<ScopeKey, ImmutableArray<CompiledRule>> _remembered = new();
    private int _rememberedRules;

    public RuleIndex(IEnumerable<CompiledRule> rules)
    {
        foreach (var rule in rules)
        {
            var document = rule.Document;
            if (document.Mode == RuleMode.Off) continue;
            if (document.Tools.All(Glob.IsExact)) AddTo(_byTool, document.Tools, rule);
            else if (!document.Tags.IsEmpty) AddTo(_byTag, document.Tags, rule);
            else if (document.Agents.All(Glob.IsExact)) AddTo(_byAgent, document.Agents, rule);
            else _everywhere.Add(rule);
        }
    }

    /// <summary>The rules whose scope holds for the call and whose labels the session carries, in policy order.</summary>
    public ImmutableArray<CompiledRule> For(string agent, ToolDefinition tool, ImmutableArray<string> tags, int conditions, in LabelMask labels)
    {
        var key = new ScopeKey(agent, tool, conditions, labels);
        if (_remembered.TryGetValue(key, out var rules)) return rules;
        rules = Find(agent, tool.Name, tags, labels);
        // A definition made up for one call (the agent's catalogue is full) would never be asked for again.
        if (tool.FirstSeenAt == default) return rules;
        // Definitions that were replaced stay behind here until then. The count takes every lock, so it is asked only on a miss.
        if (_remembered.Count >= MaxRemembered || Volatile.Read(ref _rememberedRules) + rules.Length > MaxRememberedRules)
        {
            _remembered.Clear();
            Volatile.Write(ref _rememberedRules, 0);
        }
        if (_remembered.TryAdd(key, rules)) Interlocked.Add(ref _rememberedRules, rules.Length);
        return rules;
    }

    private ImmutableArray<CompiledRule> Find(string agent, string tool, ImmutableArray<string> tags, LabelMask labels)
    {
        var found = new SortedDictionary<int, CompiledRule>();
        Collect(_byTool.GetValueOrDefault(tool));
        foreach (var tag in tags) Collect(_byTag.GetValueOrDefault(tag));
        Collect(_byAgent.GetValueOrDefault(agent));
        Collect(_everywhere);
        return [.. found.Values];

        void Collect(List<CompiledRule>? bucket)
        {
            if (bucket is null) return;
            foreach (var rule in bucket)
                if (rule.LabelsMatch(labels) && rule.ScopeMatches(agent, tool, tags)) found.TryAdd(rule.Order, rule);
        }
    }

    private static void AddTo(Dictionary<string, List<CompiledRule>> buckets, ImmutableArray<string> keys, CompiledRule rule)
    {
        foreach (var key in keys)
        {
            if (!buckets.TryGetValue(key, out var bucket)) buckets[key] = bucket = [];
            bucket.Add(rule);
        }
    }

    /// <summary>
    /// A tool by identity: a new definition (new tags) is another key. Tags that hold follow from the conditions. Of the session's labels only those that
    /// the policy names are in the mask, so that there are few different ones.
    /// </summary>
    private readonly record struct ScopeKey(string Agent, ToolDefinition Tool, int Conditions, LabelMask Labels)
    {
        public bool Equals(ScopeKey other) => ReferenceEquals(Tool, other.Tool) && Conditions == other.Conditions && Labels == other.Labels && Agent == other.Agent;
        public override int GetHashCode() => HashCode.Combine(RuntimeHelpers.GetHashCode(Tool), Conditions, Labels.GetHashCode());
    }
}
