using System.Collections.Immutable;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Core.Policy;

/// <summary>A set of rules that an operator can switch to as one.</summary>
/// <param name="Id">Its name in the API.</param>
/// <param name="Name">What it is called on pages.</param>
/// <param name="Summary">What it does, in a sentence.</param>
/// <param name="Rules">Its rules, in policy order.</param>
public sealed record Preset(string Id, string Name, string Summary, ImmutableArray<RuleDocument> Rules);

/// <summary>The presets, from the mildest to the strictest. Switching replaces the rules of the other presets and leaves all others alone.</summary>
public static class Presets
{
    /// <summary>The words an agent gets when a call goes to a destination that nobody vouches for.</summary>
    public const string UnvouchedMessage = "Tool execution blocked: the destination was not named by the user or a trusted source, and untrusted content has been read.";

    private static readonly RuleDocument NoExfiltration = new()
    {
        Id = "no-exfiltration",
        Name = "No external communication after untrusted content and sensitive data",
        Effect = RuleEffect.Deny,
        Tags = [Tag.ExternalCommunication],
        Session = new([Tag.UntrustedContent, Tag.SensitiveData], [], []),
        Message = StarterPolicy.NoExfiltrationMessage,
        Advice = "Start a new session to do this without the content that was read here.",
    };

    private static readonly RuleDocument NoExfiltrationUnvouched = NoExfiltration with
    {
        Id = "no-exfiltration-unvouched",
        Name = "After untrusted content and sensitive data, external communication only to vouched destinations",
        Destinations = RuleDestinations.Unvouched,
        Advice = "Ask the user to name the destination in their own words, or start a new session.",
    };

    private static readonly RuleDocument AskUnvouched = new()
    {
        Id = "ask-unvouched-destination",
        Name = "A person confirms a destination that nobody vouches for, after untrusted content was read",
        Effect = RuleEffect.Approve,
        Tags = [Tag.ExternalCommunication, Tag.Financial, Tag.Destructive, Tag.StateChange],
        Session = new([Tag.UntrustedContent], [], []),
        Destinations = RuleDestinations.Unvouched,
        Message = "The destination was not named by the user or a trusted source, and untrusted content has been read, so a person has to confirm this call.",
        Advice = "Wait for the answer, or ask the user to name the destination in their own words.",
    };

    private static readonly RuleDocument DenyUnvouched = AskUnvouched with
    {
        Id = "deny-unvouched-destination",
        Name = "No destination that nobody vouches for, after untrusted content was read",
        Effect = RuleEffect.Deny,
        Message = UnvouchedMessage,
        Advice = "Ask the user to name the destination in their own words, or start a new session.",
    };

    private static readonly RuleDocument DenyUngranted = new()
    {
        Id = "deny-ungranted-capability",
        Name = "Only what the task was granted, after untrusted content was read",
        Effect = RuleEffect.Deny,
        Tags = [Tag.ExternalCommunication, Tag.Financial, Tag.Destructive, Tag.StateChange, Tag.CodeExecution],
        Session = new([Tag.UntrustedContent], [], []),
        Granted = RuleGranted.No,
        Message = "Tool execution blocked: the task was not granted what this tool does, and untrusted content has been read.",
        Advice = "Start a new session whose task includes this.",
    };

    /// <summary>All presets, the mildest first.</summary>
    public static readonly ImmutableArray<Preset> All =
    [
        new("seed", "Seed", "Denies external communication once a session has read untrusted content and sensitive data. An unvouched destination is only recorded.",
            [NoExfiltration, AskUnvouched with { Mode = RuleMode.Shadow }]),
        new("balanced", "Balanced", "Sends to whom the user or a trusted source named; after untrusted content a person confirms every other destination, and with sensitive data read it is denied.",
            [NoExfiltrationUnvouched, AskUnvouched]),
        new("strict", "Strict", "As balanced, but nobody is asked: an unvouched destination is denied, and so is a capability that the task was not granted.",
            [NoExfiltrationUnvouched, DenyUnvouched, DenyUngranted]),
    ];

    /// <summary>The ids of all rules of presets.</summary>
    public static readonly ImmutableHashSet<string> RuleIds = [.. All.SelectMany(p => p.Rules).Select(r => r.Id)];

    /// <summary>The preset of that name; null when there is none.</summary>
    public static Preset? Find(string id) => All.FirstOrDefault(p => p.Id == id);

    /// <summary>The preset that a policy follows; null when its rules are in no preset or somebody changed them.</summary>
    public static Preset? Of(PolicyDocument policy)
    {
        var present = policy.Rules.Where(r => RuleIds.Contains(r.Id)).ToList();
        return All.FirstOrDefault(preset => present.Count == preset.Rules.Length && preset.Rules.All(wanted => present.Any(rule => IsSame(rule, wanted))));
    }

    /// <summary>The policy with the rules of <paramref name="preset"/> first, in place of those of any preset; other rules stay as they are.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="preset">The preset.</param>
    /// <param name="since">When the rules come into force.</param>
    public static PolicyDocument Apply(PolicyDocument policy, Preset preset, DateTimeOffset since) => new(
    [
        .. preset.Rules.Select(wanted => policy.Rules.FirstOrDefault(rule => IsSame(rule, wanted)) ?? wanted with { Since = since }),
        .. policy.Rules.Where(rule => !RuleIds.Contains(rule.Id)),
    ]);

    /// <summary>Whether two rules decide the same; words, the name and the date may differ.</summary>
    private static bool IsSame(RuleDocument one, RuleDocument other) =>
        one.Id == other.Id && one.Mode == other.Mode && one.Effect == other.Effect && one.Destinations == other.Destinations && one.Granted == other.Granted && one.Condition == other.Condition && one.Applies == other.Applies
        && one.Agents.SequenceEqual(other.Agents) && one.Tools.SequenceEqual(other.Tools) && one.Tags.SequenceEqual(other.Tags)
        && one.Session.All.SequenceEqual(other.Session.All) && one.Session.Any.SequenceEqual(other.Session.Any) && one.Session.None.SequenceEqual(other.Session.None);
}
