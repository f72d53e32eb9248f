using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Web.Ledger;

/// <summary>The words of the wire contract and the ledger for Core's enumerations. A new value without a word does not compile away: it throws.</summary>
public static class Wire
{
    /// <summary>allow, deny, pending.</summary>
    public static string Word(DecisionOutcome value) => value switch
    {
        DecisionOutcome.Allow => "allow",
        DecisionOutcome.Deny => "deny",
        DecisionOutcome.Pending => "pending",
        _ => throw Unknown(value),
    };

    /// <summary>The reason's code.</summary>
    public static string Word(ReasonCode value) => value switch
    {
        ReasonCode.Default => "default",
        ReasonCode.Policy => "policy",
        ReasonCode.Stopped => "stopped",
        ReasonCode.Quarantined => "quarantined",
        ReasonCode.ToolDisabled => "tool-disabled",
        ReasonCode.Unclassified => "unclassified",
        ReasonCode.Approval => "approval",
        ReasonCode.ApprovalRejected => "approval-rejected",
        ReasonCode.ApprovalExpired => "approval-expired",
        ReasonCode.Error => "error",
        _ => throw Unknown(value),
    };

    /// <summary>JSON's own words, and mixed.</summary>
    public static string Word(FieldKind value) => value switch
    {
        FieldKind.Null => "null",
        FieldKind.Text => "string",
        FieldKind.Number => "number",
        FieldKind.Boolean => "boolean",
        FieldKind.List => "array",
        FieldKind.Record => "object",
        FieldKind.Mixed => "mixed",
        _ => throw Unknown(value),
    };

    /// <summary>deny, approve, allow, label.</summary>
    public static string Word(RuleEffect value) => value switch
    {
        RuleEffect.Deny => "deny",
        RuleEffect.Approve => "approve",
        RuleEffect.Allow => "allow",
        RuleEffect.Label => "label",
        _ => throw Unknown(value),
    };

    /// <summary>enforce, shadow, off.</summary>
    public static string Word(RuleMode value) => value switch
    {
        RuleMode.Enforce => "enforce",
        RuleMode.Shadow => "shadow",
        RuleMode.Off => "off",
        _ => throw Unknown(value),
    };

    /// <summary>now, new-sessions.</summary>
    public static string Word(RuleApplies value) => value switch
    {
        RuleApplies.Now => "now",
        RuleApplies.NewSessions => "new-sessions",
        _ => throw Unknown(value),
    };

    /// <summary>allow, deny.</summary>
    public static string Word(DefaultDecision value) => value switch
    {
        DefaultDecision.Allow => "allow",
        DefaultDecision.Deny => "deny",
        _ => throw Unknown(value),
    };

    /// <summary>allow, deny, pending.</summary>
    public static string Word(UnclassifiedTools value) => value switch
    {
        UnclassifiedTools.Allow => "allow",
        UnclassifiedTools.Deny => "deny",
        UnclassifiedTools.Pending => "pending",
        _ => throw Unknown(value),
    };

    /// <summary>tool-call, rule, result, agent, operator.</summary>
    public static string Word(LabelSource value) => value switch
    {
        LabelSource.ToolCall => "tool-call",
        LabelSource.Rule => "rule",
        LabelSource.Result => "result",
        LabelSource.Agent => "agent",
        LabelSource.Operator => "operator",
        _ => throw Unknown(value),
    };

    /// <summary>stop, agent-quarantine, session-quarantine, user-quarantine, tool-disable.</summary>
    public static string Word(SwitchKind value) => value switch
    {
        SwitchKind.Stop => "stop",
        SwitchKind.AgentQuarantine => "agent-quarantine",
        SwitchKind.SessionQuarantine => "session-quarantine",
        SwitchKind.UserQuarantine => "user-quarantine",
        SwitchKind.ToolDisable => "tool-disable",
        _ => throw Unknown(value),
    };

    /// <summary>The value of a word; null when there is none such.</summary>
    public static T? Parse<T>(string? word, Func<T, string> wordOf) where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
            if (wordOf(value) == word) return value;
        return null;
    }

    private static InvalidOperationException Unknown<T>(T value) => new($"no word for {typeof(T).Name} {value}");
}
