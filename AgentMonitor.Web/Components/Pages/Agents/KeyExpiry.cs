using AgentMonitor.Web.Control;

namespace AgentMonitor.Web.Components.Pages.Agents;

/// <summary>How long a new key lives.</summary>
public enum KeyLifetime
{
    /// <summary>A month.</summary>
    Month,
    /// <summary>Three months.</summary>
    Quarter,
    /// <summary>A year.</summary>
    Year,
    /// <summary>Until somebody revokes it.</summary>
    Forever,
}

/// <summary>What a key's dates say.</summary>
public static class KeyExpiry
{
    /// <summary>When a key made now expires; null: never.</summary>
    public static DateTimeOffset? Of(KeyLifetime lifetime, DateTimeOffset now) => lifetime switch
    {
        KeyLifetime.Month => now.AddDays(30),
        KeyLifetime.Quarter => now.AddDays(90),
        KeyLifetime.Year => now.AddDays(365),
        KeyLifetime.Forever => null,
        _ => throw new InvalidOperationException("unknown lifetime"),
    };

    /// <summary>Whether the key opens anything at <paramref name="now"/>.</summary>
    public static bool Works(KeyView key, DateTimeOffset now) => key.RevokedAt is null && (key.ExpiresAt is null || key.ExpiresAt > now);

    /// <summary>The key's state in words.</summary>
    public static string Word(KeyView key, DateTimeOffset now) =>
        key.RevokedAt is not null ? "revoked" : key.ExpiresAt <= now ? "expired" : key.ExpiresAt - now < TimeSpan.FromDays(7) ? "expires soon" : "works";
}
