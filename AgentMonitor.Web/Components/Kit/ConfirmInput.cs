using AgentMonitor.Web.Control;

namespace AgentMonitor.Web.Components.Kit;

/// <summary>What somebody confirmed.</summary>
/// <param name="Reason">Why, trimmed; empty when none was asked for or given.</param>
/// <param name="Until">When it ends by itself; null: when somebody lifts it.</param>
public sealed record ConfirmInput(string Reason, DateTimeOffset? Until);

/// <summary>What an action did, shown where it was confirmed.</summary>
/// <param name="Sentence">In a sentence.</param>
/// <param name="Receipt">The proof, for a switch.</param>
public sealed record ConfirmOutcome(string Sentence, SwitchReceipt? Receipt = null);

/// <summary>The ends that are offered for a switch.</summary>
public enum UntilChoice
{
    /// <summary>It holds until somebody lifts it.</summary>
    Lifted,
    /// <summary>One hour from now.</summary>
    Hour,
    /// <summary>The end of the viewer's day.</summary>
    Today,
    /// <summary>The next Monday, 09:00 in the viewer's zone.</summary>
    Monday,
    /// <summary>An instant of one's own.</summary>
    Own,
}

/// <summary>Turns a choice into an instant.</summary>
public static class Until
{
    /// <summary>When a switch set now ends by itself; null: when somebody lifts it.</summary>
    /// <param name="choice">What was chosen.</param>
    /// <param name="now">Now, in the viewer's zone.</param>
    /// <param name="zone">The viewer's zone.</param>
    /// <param name="own">The wall-clock time chosen, for <see cref="UntilChoice.Own"/>.</param>
    public static DateTimeOffset? Of(UntilChoice choice, DateTimeOffset now, TimeZoneInfo zone, DateTime? own) => choice switch
    {
        UntilChoice.Lifted => null,
        UntilChoice.Hour => now.AddHours(1).ToUniversalTime(),
        UntilChoice.Today => At(now.Date.AddDays(1), zone),
        UntilChoice.Monday => At(now.Date.AddDays(DaysToMonday(now)).AddHours(9), zone),
        UntilChoice.Own => own is { } at ? At(at, zone) : null,
        _ => throw new InvalidOperationException("unknown choice"),
    };

    // Before nine on a Monday, "Monday 09:00" is today's.
    private static int DaysToMonday(DateTimeOffset now)
    {
        var days = ((int)DayOfWeek.Monday - (int)now.DayOfWeek + 7) % 7;
        return days == 0 && now.TimeOfDay >= TimeSpan.FromHours(9) ? 7 : days;
    }

    private static DateTimeOffset At(DateTime wall, TimeZoneInfo zone)
    {
        var local = DateTime.SpecifyKind(wall, DateTimeKind.Unspecified);
        // The hour that a spring night leaves out: the first instant after it.
        while (zone.IsInvalidTime(local)) local = local.AddMinutes(30);
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
