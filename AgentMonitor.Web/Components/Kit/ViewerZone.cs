using Microsoft.JSInterop;

namespace AgentMonitor.Web.Components.Kit;

/// <summary>The viewer's time zone, asked from the browser once for each circuit; UTC until then.</summary>
public sealed class ViewerZone(TimeProvider clock)
{
    /// <summary>The zone.</summary>
    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Utc;
    /// <summary>Whether the browser has answered.</summary>
    public bool Known { get; private set; }
    /// <summary>Now, in the viewer's zone.</summary>
    public DateTimeOffset Now => TimeZoneInfo.ConvertTime(clock.GetUtcNow(), Zone);

    /// <summary>Asks the browser.</summary>
    public async Task LoadAsync(IJSRuntime js)
    {
        if (Known) return;
        try
        {
            var viewer = await js.InvokeAsync<Viewer?>("agentMonitor.viewer");
            if (viewer is not null) Use(viewer);
        }
        catch (Exception e) when (e is JSException or JSDisconnectedException or OperationCanceledException)
        {
            // Times stay in UTC, and say so.
        }
        Known = true;
    }

    /// <summary>Uses a zone: for tests.</summary>
    internal void Use(TimeZoneInfo zone) => (Zone, Known) = (zone, true);

    /// <summary>The instant in the viewer's zone.</summary>
    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone);

    /// <summary>The whole instant: "2026-11-22 12:04:07.312 (Europe/Berlin)".</summary>
    public string Exact(DateTimeOffset at) => $"{Local(at):yyyy-MM-dd HH:mm:ss.fff} ({Zone.Id})";

    /// <summary>Time of day, with the date when it is not today.</summary>
    public string Clock(DateTimeOffset at, bool milliseconds = false)
    {
        var local = Local(at);
        var time = local.ToString(milliseconds ? "HH:mm:ss.fff" : "HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
        return local.Date == Now.Date ? time : $"{local:yyyy-MM-dd} {time}";
    }

    /// <summary>When something ends: "17:00", "Mon 09:00", "2026-12-24 12:00".</summary>
    public string Ends(DateTimeOffset at)
    {
        var local = Local(at);
        var days = (local.Date - Now.Date).Days;
        return days == 0 ? $"{local:HH:mm}" : days is > 0 and < 7 ? $"{local:ddd HH:mm}" : $"{local:yyyy-MM-dd HH:mm}";
    }

    private void Use(Viewer viewer)
    {
        try { Zone = TimeZoneInfo.FindSystemTimeZoneById(viewer.Zone); }
        catch (Exception e) when (e is TimeZoneNotFoundException or InvalidTimeZoneException or ArgumentException)
        {
            // A machine without that zone: the offset of today is right for nearly all that is shown.
            var offset = TimeSpan.FromMinutes(Math.Clamp(viewer.OffsetMinutes, -14 * 60, 14 * 60));
            Zone = TimeZoneInfo.CreateCustomTimeZone(viewer.Zone, offset, viewer.Zone, viewer.Zone);
        }
    }

    private sealed record Viewer(string Zone, int OffsetMinutes);
}
