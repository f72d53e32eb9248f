using System.Collections.Immutable;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Core.Policy;

/// <summary>What a new installation starts with: the preset <c>seed</c>, and rules in shadow that show what they would do.</summary>
public static class StarterPolicy
{
    /// <summary>The words an agent gets when <c>no-exfiltration</c> denies.</summary>
    public const string NoExfiltrationMessage =
        "Tool execution blocked: disallowing external communication because untrusted content and private data have been accessed.";

    /// <summary>The starter policy.</summary>
    /// <param name="since">When it is installed.</param>
    public static PolicyDocument Create(DateTimeOffset since) => new([.. Rules().Select(rule => rule with { Since = since })]);

    private static ImmutableArray<RuleDocument> Rules() =>
    [
        .. Presets.All[0].Rules,
        new()
        {
            Id = "ask-before-state-change",
            Name = "A person confirms changes after untrusted content was read",
            Mode = RuleMode.Shadow,
            Effect = RuleEffect.Approve,
            Tags = [Tag.StateChange],
            Session = new([Tag.UntrustedContent], [], []),
            Message = "This changes something after untrusted content was read, so a person has to confirm it.",
            Advice = "Wait for the answer, or do this first in a new session.",
        },
        new()
        {
            Id = "ask-before-destructive",
            Name = "A person confirms what deletes or overwrites",
            Mode = RuleMode.Shadow,
            Effect = RuleEffect.Approve,
            Tags = [Tag.Destructive],
            Message = "This deletes or overwrites something, so a person has to confirm it.",
            Advice = "Wait for the answer.",
        },
        new()
        {
            Id = "ask-before-financial",
            Name = "A person confirms what moves money",
            Mode = RuleMode.Shadow,
            Effect = RuleEffect.Approve,
            Tags = [Tag.Financial],
            Message = "This moves money, so a person has to confirm it.",
            Advice = "Wait for the answer.",
        },
        new()
        {
            Id = "no-secrets-to-the-outside",
            Name = "No keys, tokens or passwords in what is sent out",
            Mode = RuleMode.Shadow,
            Effect = RuleEffect.Deny,
            Tags = [Tag.ExternalCommunication],
            Condition = "secrets(args).size() > 0",
            Message = "Tool execution blocked: what would be sent out contains a secret such as a key or a password.",
            Advice = "Leave the secret out.",
        },
        new()
        {
            Id = "rate-cap",
            Name = "A person confirms what a session does more than thirty times in a minute",
            Mode = RuleMode.Shadow,
            Effect = RuleEffect.Approve,
            Condition = "calls(tool.name, duration('1m')) >= 30",
            Message = "This tool was called very often in a short time, so a person has to confirm further calls.",
            Advice = "Wait for the answer, or go on more slowly.",
        },
    ];
}
