using System.Globalization;
using System.Text;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Redaction;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Core.Decisions;

/// <summary>
/// Puts origins into words, for operators. Values are quoted, cut, masked and without control characters: an agent wrote them, and a
/// sentence must not be continued by what it quotes.
/// </summary>
public static class DestinationWords
{
    /// <summary>Longest value in a sentence, in characters.</summary>
    public const int MaxValue = 80;

    /// <summary>Why a call counts as unvouched: "IBAN “US13…” (recipient) comes from read_file bill-december-2023.txt, not from alice".</summary>
    public static string Describe(DestinationReport report, in CallFacts facts)
    {
        if (report.FirstUnvouched is { } destination) return Describe(destination, facts, report.OriginsFull);
        if (report.HasTooMany) return $"the call names more than {DestinationReport.MaxDestinations} destinations, more than are looked at";
        return "no destination can be read from the call's arguments";
    }

    /// <summary>Where one destination came from.</summary>
    public static string Describe(Destination destination, in CallFacts facts, bool originsFull)
    {
        var what = $"{What(destination.Kind)}{Quote(destination.Value)} ({(destination.InFreeText ? "in " : "")}{Name(destination.Argument)})";
        var who = Who(facts);
        var origin = destination.Found.Origin;
        if (destination.Vouched)
            return origin.HasFlag(ValueOrigin.User) ? $"{what} comes from the words of {who}"
                : origin.HasFlag(ValueOrigin.System) ? $"{what} is named by the agent's configuration"
                : origin.HasFlag(ValueOrigin.Trusted) ? $"{what} comes from a result of {Source(destination.Found.VouchedBy)}"
                : $"{what} comes from a metadata field of {Source(destination.Found.VouchedBy)}";
        if ((origin & ValueOrigins.Vouching) != ValueOrigin.None)
            return origin.HasFlag(ValueOrigin.Untrusted)
                ? $"{what} is named by {Source(destination.Found.VouchedBy)}, but also in untrusted text of {Source(destination.Found.UntrustedFrom)}, which is not enough to move money or delete"
                : $"{what} is named by {Source(destination.Found.VouchedBy)}, but the session has read more than is kept, so it may stand in untrusted text too, which is not enough to move money or delete";
        if (origin.HasFlag(ValueOrigin.Untrusted)) return $"{what} comes from {Source(destination.Found.UntrustedFrom)}, not from {who}";
        if (origin.HasFlag(ValueOrigin.Written)) return $"{what} was written by the agent itself in an earlier call, and was named by nobody else";
        return originsFull
            ? $"{what} is not among the values that were kept, and the session has read more than is kept, so nothing new is vouched for"
            : $"{what} was named by nobody: not by {who}, and in no trusted result";
    }

    /// <summary>What would have vouched for a call: "if alice named “US13…”"; null when nothing would, in this session.</summary>
    public static string? Change(DestinationReport report, in CallFacts facts) =>
        report.OriginsFull ? null
        : report.FirstUnvouched is { } destination ? $"if {Who(facts)} named {Quote(destination.Value)}"
        : report.HasTooMany ? "with fewer destinations"
        : facts.Tool.Destinations.IsEmpty ? $"if the destination arguments of {facts.Tool.Name} were set on its page and vouched for"
        : facts.Tool.Destinations.Contains(ToolDefinition.All) ? "if its arguments named a destination that is vouched for"
        : $"if {string.Join(" or ", facts.Tool.Destinations.Select(Quote))} named a destination that is vouched for";

    /// <summary>A value as it can stand in a sentence.</summary>
    public static string Quote(string value)
    {
        var text = new StringBuilder(MaxValue + 2).Append('“');
        foreach (var c in Redactor.Text(value, MaxValue))
            text.Append(char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? ' ' : c is '“' or '”' ? '\'' : c);
        return text.Append('”').ToString();
    }

    // The agent chose the name of the argument as well.
    private static string Name(string argument) => argument.Length is > 0 and <= 64 && argument.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? argument : Quote(argument);

    private static string What(DestinationKind kind) => kind switch
    {
        DestinationKind.Email => "address ",
        DestinationKind.Link => "link ",
        DestinationKind.Iban => "IBAN ",
        DestinationKind.Number => "number ",
        _ => "",
    };

    private static string Who(in CallFacts facts) => facts.Users.IsDefaultOrEmpty ? "the user" : string.Join(" or ", facts.Users.Take(3).Select(u => u.Id));

    private static string Source(OriginSource? source) =>
        source?.Tool is null ? "an earlier result" : source.Detail is { Length: > 0 } detail ? $"{source.Tool} {Quote(detail)}" : source.Tool;
}
