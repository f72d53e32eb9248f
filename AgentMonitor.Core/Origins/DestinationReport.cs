using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Json;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Core.Origins;

/// <summary>A value of a call that says who or where, and where it came from.</summary>
/// <param name="Argument">The argument it stands in.</param>
/// <param name="Value">The value: untrusted text, as the agent wrote it.</param>
/// <param name="Kind">What it looks like.</param>
/// <param name="InFreeText">True when it is an address, link or account number inside prose rather than a destination argument.</param>
/// <param name="Vouched">Whether somebody or something trusted named it.</param>
/// <param name="Found">Where it was seen.</param>
public sealed record Destination(string Argument, string Value, DestinationKind Kind, bool InFreeText, bool Vouched, OriginFinding Found);

/// <summary>The destinations of one call, each with its origin.</summary>
public sealed class DestinationReport
{
    /// <summary>Most destinations that are read from one call; a call with more has one that nothing vouches for.</summary>
    public const int MaxDestinations = 64;

    // A display name in quotes may hold a comma and nothing else that separates or begins an address.
    private static readonly System.Buffers.SearchValues<char> NotInName = System.Buffers.SearchValues.Create("@<>;:/\\\n\r");

    private static readonly DestinationReport Nothing = new([], false, false, false);

    private DestinationReport(ImmutableArray<Destination> destinations, bool unreadable, bool tooMany, bool originsFull)
    {
        Destinations = destinations;
        IsUnreadable = unreadable;
        HasTooMany = tooMany;
        OriginsFull = originsFull;
    }

    /// <summary>What the call names, in the order of its arguments.</summary>
    public ImmutableArray<Destination> Destinations { get; }
    /// <summary>
    /// True when the tool sends something out, moves money or deletes, or changes what all its arguments name, and no destination can be read
    /// from the call.
    /// </summary>
    public bool IsUnreadable { get; }
    /// <summary>True when there were more destinations than are looked at.</summary>
    public bool HasTooMany { get; }
    /// <summary>True when the session has seen more values than are kept for it.</summary>
    public bool OriginsFull { get; }
    /// <summary>Whether something in the call is vouched for by nobody: what <c>destinations: unvouched</c> asks.</summary>
    public bool IsUnvouched => IsUnreadable || HasTooMany || FirstUnvouched is not null;
    /// <summary>The first destination that nothing vouches for.</summary>
    public Destination? FirstUnvouched
    {
        get
        {
            foreach (var destination in Destinations)
                if (!destination.Vouched) return destination;
            return null;
        }
    }

    /// <summary>Reads the destinations of a call.</summary>
    /// <param name="agent">The agent, for the destinations that its configuration names.</param>
    /// <param name="tool">The tool, for the roles of its arguments.</param>
    /// <param name="tags">The tags that hold in this call.</param>
    /// <param name="arguments">The arguments; undefined: none.</param>
    /// <param name="origins">What the session has seen.</param>
    /// <param name="key">The session's key; null when nothing was ever kept for it: then only the configuration vouches.</param>
    public static DestinationReport Of(AgentDefinition agent, ToolDefinition tool, ImmutableArray<string> tags, JsonElement arguments, OriginIndex origins, OriginKey? key)
    {
        var strict = TakesNoDoubt(tags);
        var mustName = strict || tags.Contains(Tag.ExternalCommunication);
        if (!mustName && tool.Destinations.IsEmpty && !tags.Contains(Tag.StateChange)) return Nothing;

        var reading = new Reading(agent, origins, key, strict);
        if (arguments.ValueKind == JsonValueKind.Object)
            foreach (var member in arguments.EnumerateObject())
            {
                var name = NameOf(member);
                if (tool.IsDestination(name)) reading.Destinations(name, member.Value);
                else if (mustName || tags.Contains(Tag.StateChange)) reading.FreeText(name, member.Value);
            }
        // Where every argument says what the tool acts on, a call without any acts on something that nobody named.
        mustName |= tags.Contains(Tag.StateChange) && tool.Destinations.Contains(ToolDefinition.All);
        return new(reading.Found.ToImmutable(), mustName && !reading.NamedAny, reading.TooMany, origins.IsFull);
    }

    /// <summary>Whether somebody or something trusted named a value, and where it was seen.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="value">The value.</param>
    /// <param name="origins">What the session has seen.</param>
    /// <param name="key">The session's key.</param>
    /// <param name="strict">True for calls that move money or delete: there a value that also stood in untrusted text counts as untrusted.</param>
    public static (bool Vouched, OriginFinding Found) Judge(AgentDefinition agent, ReadOnlySpan<char> value, OriginIndex origins, OriginKey? key, bool strict)
    {
        value = WithoutName(value);
        var found = key?.Hash(value) is { } hash ? origins.Find(hash) : default;
        if (agent.Vouches(value)) found = found with { Origin = found.Origin | ValueOrigin.System };
        return (IsVouched(found.Origin, strict, origins.IsFull), found);
    }

    /// <summary>Whether a call with these tags moves money or deletes, so that a doubtful origin is not enough.</summary>
    internal static bool TakesNoDoubt(ImmutableArray<string> tags) => tags.Contains(Tag.Financial) || tags.Contains(Tag.Destructive);

    private static bool IsVouched(ValueOrigin origin, bool strict, bool full)
    {
        if ((origin & (ValueOrigin.User | ValueOrigin.System)) != ValueOrigin.None) return true;
        if ((origin & (ValueOrigin.Trusted | ValueOrigin.Metadata)) == ValueOrigin.None) return false;
        // An id can be in a trusted result and in a stranger's text at once, by chance or by design. Money and deletion take no such risk.
        return !strict || !origin.HasFlag(ValueOrigin.Untrusted) && !full;
    }

    private static string NameOf(JsonProperty member) => SoundText.Of(member) ?? "(not a Unicode name)";

    /// <summary>The pieces of a value that holds several addresses ("a@example.com, Bob &lt;b@example.com&gt;"); empty when it is one value.</summary>
    internal static ImmutableArray<string> Pieces(string value)
    {
        if (value.IndexOfAny([',', ';', ' ', '\n']) < 0) return [];
        var pieces = ImmutableArray.CreateBuilder<string>();
        foreach (var item in value.Split([',', ';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            if (WithoutName(item).Length < item.Length) pieces.Add(item);
            else pieces.AddRange(item.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return pieces.Count is > 1 and <= MaxDestinations && pieces.All(p => DestinationText.KindOf(WithoutName(p)) is DestinationKind.Email or DestinationKind.Link) ? pieces.ToImmutable() : [];
    }

    // "Alice <alice@example.com>" is sent to what stands in the brackets, if nothing before them is an address too.
    private static ReadOnlySpan<char> WithoutName(ReadOnlySpan<char> value)
    {
        var trimmed = value.Trim();
        if (trimmed.Length < 3 || trimmed[^1] != '>' || trimmed.LastIndexOf('<') is not (> 0 and var open)) return value;
        var name = trimmed[..open].Trim();
        var address = trimmed[(open + 1)..^1];
        var quoted = name.Length > 2 && name[0] == '"' && name[^1] == '"' && name[1..^1].IndexOf('"') < 0;
        return DestinationText.KindOf(address) == DestinationKind.Email && name.IndexOfAny(NotInName) < 0 && (quoted || name.IndexOf(',') < 0 && name.IndexOf('"') < 0) ? address : value;
    }

    private sealed class Reading(AgentDefinition agent, OriginIndex origins, OriginKey? key, bool strict)
    {
        public ImmutableArray<Destination>.Builder Found { get; } = ImmutableArray.CreateBuilder<Destination>();
        public bool NamedAny { get; private set; }
        public bool TooMany { get; private set; }

        public void Destinations(string argument, JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var member in value.EnumerateObject())
                    {
                        // A list of whom to send to is written {"alice@example.com": …} as well.
                        var name = NameOf(member);
                        if (DestinationText.KindOf(name) != DestinationKind.Other) Add(argument, name, DestinationText.KindOf(name), false);
                        Destinations(argument, member.Value);
                    }
                    break;
                case JsonValueKind.Array:
                    foreach (var item in value.EnumerateArray()) Destinations(argument, item);
                    break;
                case JsonValueKind.Number:
                    Add(argument, value.GetRawText(), DestinationKind.Other, false);
                    break;
                case JsonValueKind.String:
                    var text = TextOf(value);
                    if (string.IsNullOrWhiteSpace(text)) break;
                    var pieces = Pieces(text);
                    if (pieces.IsEmpty || Judge(agent, text, origins, key, strict).Vouched) Add(argument, text, DestinationText.KindOf(text), false);
                    else
                        foreach (var piece in pieces) Add(argument, piece, DestinationText.KindOf(piece), false);
                    break;
                default:
                    break;
            }
        }

        public void FreeText(string argument, JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var member in value.EnumerateObject())
                    {
                        Addresses(argument, NameOf(member));
                        FreeText(argument, member.Value);
                    }
                    break;
                case JsonValueKind.Array:
                    foreach (var item in value.EnumerateArray()) FreeText(argument, item);
                    break;
                case JsonValueKind.String:
                    Addresses(argument, TextOf(value));
                    break;
                default:
                    break;
            }
        }

        // Each address once: one that is repeated must not push another out of sight.
        private void Addresses(string argument, string text)
        {
            var addresses = new HashSet<(string Value, DestinationKind Kind)>();
            OriginScanner.FindAddresses(text, addresses, MaxDestinations + 1);
            foreach (var (address, kind) in addresses)
                if (!Found.Any(d => d.Value == address && d.Argument == argument)) Add(argument, address, kind, true);
        }

        private void Add(string argument, string value, DestinationKind kind, bool inFreeText)
        {
            if (!inFreeText) NamedAny = true;
            if (Found.Count >= MaxDestinations)
            {
                TooMany = true;
                return;
            }
            var (vouched, found) = Judge(agent, value, origins, key, strict);
            Found.Add(new(argument, value, kind, inFreeText, vouched, found));
        }

        // A lone surrogate can be in no text that anybody reported.
        private static string TextOf(JsonElement value) => SoundText.Of(value) ?? "(not a Unicode text)";
    }
}
