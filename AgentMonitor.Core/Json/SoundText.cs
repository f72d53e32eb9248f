using System.Text.Json;

namespace AgentMonitor.Core.Json;

/// <summary>
/// Texts and names of JSON, without exceptions. JSON may hold an escaped half of a surrogate pair, which no UTF-16 text can carry: the platform throws
/// then, these say null, and the caller says what that means.
/// </summary>
internal static class SoundText
{
    /// <summary>The text of a string (null for JSON null too); null when no text can carry it.</summary>
    public static string? Of(JsonElement value)
    {
        try { return value.GetString(); }
        catch (InvalidOperationException) { return null; }
    }

    /// <summary>The name of a member; null when no text can carry it.</summary>
    public static string? Of(JsonProperty member)
    {
        try { return member.Name; }
        catch (InvalidOperationException) { return null; }
    }
}
