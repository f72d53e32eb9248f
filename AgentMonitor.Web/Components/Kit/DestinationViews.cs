using AgentMonitor.Core.Origins;
using AgentMonitor.Web.Ledger;

namespace AgentMonitor.Web.Components.Kit;

/// <summary>Words for the destinations of a call. Values and names of users are untrusted text and are not in these words.</summary>
public static class DestinationViews
{
    /// <summary>Most destinations that are shown at first.</summary>
    public const int MaxShown = 6;

    /// <summary>The destinations, those that nobody vouches for first.</summary>
    public static IReadOnlyList<DestinationData> Sorted(ToolCallData call) => [.. (call.Destinations ?? []).OrderBy(d => d.Vouched)];

    /// <summary>All of them in a line: "2 destinations, all vouched for".</summary>
    public static string Summary(ToolCallData call)
    {
        var all = call.Destinations ?? [];
        if (all.Count == 0) return "No destination can be read from its arguments";
        var named = Words.Count(all.Count, "destination");
        return all.Count(d => !d.Vouched) switch
        {
            0 when call.Unvouched == true => all.Count >= DestinationReport.MaxDestinations ? $"{named}, all vouched for, and more that were not looked at" : $"{named} in its text, but where it goes cannot be read",
            0 => all.Count == 1 ? $"{named}, vouched for" : $"{named}, all vouched for",
            1 when all.Count == 1 => $"{named}, vouched for by nobody",
            var n when n == all.Count => $"{named}, none vouched for",
            var n => $"{named}, {n} of them vouched for by nobody",
        };
    }

    /// <summary>Why a call counts as unvouched although nothing that it names is; null when it does not.</summary>
    public static string? Beyond(ToolCallData call) => call.Unvouched != true || (call.Destinations ?? []).Any(d => !d.Vouched) ? null
        : (call.Destinations ?? []).Count >= DestinationReport.MaxDestinations ? $"It names more than {DestinationReport.MaxDestinations} destinations; the others were not looked at."
        : "No argument that says where it goes can be read from this call.";

    /// <summary>The icon of an origin.</summary>
    public static string Icon(DestinationData destination) => destination.Origin switch
    {
        "user" => "user",
        "system" => "agent",
        "trusted" => "verified",
        "metadata" => "tag",
        "untrusted" => "warning",
        _ => "help",
    };

    /// <summary>The words of an origin; a user's name follows on those of <c>user</c>.</summary>
    public static string Origin(DestinationData destination) => destination.Origin switch
    {
        "user" => "named by",
        "system" => "agent's configuration",
        "trusted" => destination.Vouched ? "trusted result" : "trusted result, not enough here",
        "metadata" => destination.Vouched ? "metadata" : "metadata, not enough here",
        "untrusted" => "untrusted text",
        "none" => "named by nobody",
        var other => other,
    };

    /// <summary>Who named it, when that can be said of one person; null: "the user".</summary>
    public static string? User(ToolCallData call) => call.Users is [var only] ? only.Id : null;
}
