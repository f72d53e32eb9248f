using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Ledger;

namespace AgentMonitor.Web.Components.Kit;

/// <summary>Words for codes: pages show sentences, the code is in the details.</summary>
public static class Words
{
    /// <summary>"1 session", "3 sessions".</summary>
    public static string Count(long count, string one, string? many = null) => count == 1 ? $"1 {one}" : $"{Number(count)} {many ?? one + "s"}";

    /// <summary>A number with thin spaces between thousands.</summary>
    public static string Number(long number) => number.ToString("N0", System.Globalization.CultureInfo.InvariantCulture).Replace(',', '\u202f');

    /// <summary>A reason's code in words.</summary>
    public static string Reason(string? code) => code switch
    {
        "default" => "the agent's default",
        "policy" => "a rule of the policy",
        "stopped" => "all agents are stopped",
        "quarantined" => "quarantine",
        "tool-disabled" => "disabled tool",
        "unclassified" => "unclassified tool",
        "approval" => "a person approved it",
        "approval-rejected" => "a person rejected it",
        "approval-expired" => "nobody answered in time",
        "error" => "an error",
        null => "",
        _ => code,
    };

    /// <summary>A kind of ledger entry in words.</summary>
    public static string Kind(string kind) => kind switch
    {
        LedgerKind.ToolCall => "Tool call",
        LedgerKind.ToolResult => "Tool result",
        LedgerKind.ModelCall => "Model call",
        LedgerKind.Switch => "Switch",
        LedgerKind.Policy => "Policy",
        LedgerKind.Approval => "Approval",
        LedgerKind.Session => "Session",
        LedgerKind.SignIn => "Sign-in",
        LedgerKind.Registry => "Registry",
        _ => kind,
    };

    /// <summary>How much time lies between an instant and now: "12 s ago", "in 3 min".</summary>
    public static string Relative(DateTimeOffset at, DateTimeOffset now)
    {
        var seconds = (long)Math.Round((now - at).TotalSeconds);
        var distance = Math.Abs(seconds);
        if (distance < 2) return "just now";
        var text = distance < 60 ? $"{distance} s" : distance < 3_600 ? $"{distance / 60} min" : distance < 86_400 ? $"{distance / 3_600} h" : $"{distance / 86_400} d";
        return seconds < -1 ? $"in {text}" : $"{text} ago";
    }

    /// <summary>What an agent gets when no rule speaks.</summary>
    public static string Default(DefaultDecision value) => value == DefaultDecision.Allow ? "allows by default" : "denies by default";

    /// <summary>Two letters for a name.</summary>
    public static string Initials(string name)
    {
        var parts = name.Split([' ', '.', '-', '_', '@'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length == 0 ? "?" : (parts.Length > 1 && !name.Contains('@') ? $"{parts[0][0]}{parts[1][0]}" : parts[0][..Math.Min(2, parts[0].Length)]).ToUpperInvariant();
    }
}
