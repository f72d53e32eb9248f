namespace AgentMonitor.Web.Components.Kit;

/// <summary>What a colour means. One colour, one meaning; never the only carrier of it.</summary>
public enum Tone
{
    /// <summary>No meaning.</summary>
    Neutral,
    /// <summary>Allowed.</summary>
    Green,
    /// <summary>Denied.</summary>
    Red,
    /// <summary>Waits for a person.</summary>
    Amber,
    /// <summary>Quarantined or stopped.</summary>
    Violet,
    /// <summary>Off or shadow.</summary>
    Grey,
}

internal static class Tones
{
    /// <summary>The class that goes with a tone, such as <c>chip-red</c>.</summary>
    public static string Class(string prefix, Tone tone) => tone switch
    {
        Tone.Green => $"{prefix} {prefix}-green",
        Tone.Red => $"{prefix} {prefix}-red",
        Tone.Amber => $"{prefix} {prefix}-amber",
        Tone.Violet => $"{prefix} {prefix}-violet",
        Tone.Neutral => $"{prefix} {prefix}-plain",
        Tone.Grey => prefix,
        _ => throw new InvalidOperationException("unknown tone"),
    };
}
