using System.Globalization;
using System.Text;

namespace AgentMonitor.Core.Cel;

/// <summary>Instants and spans of time with nanoseconds: their texts, arithmetic and the parts of a calendar.</summary>
internal static class CelTime
{
    public const long MinSeconds = -62_135_596_800, MaxSeconds = 253_402_300_799;
    private const long Billion = 1_000_000_000;

    /// <summary>RFC 3339 with as many digits of the second as are needed.</summary>
    public static string Text(long seconds, int nanos)
    {
        var time = DateTime.UnixEpoch.AddSeconds(seconds);
        var text = time.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        return nanos == 0 ? text + "Z" : $"{text}.{nanos.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0')}Z";
    }

    /// <summary>Reads RFC 3339: an upper-case <c>T</c>, seconds with at most nine digits behind the point, <c>Z</c> or an offset.</summary>
    public static CelValue Parse(string text)
    {
        var bad = CelValue.Fail("not a timestamp: write it like '2026-11-22T09:30:00Z'");
        var s = text.AsSpan();
        if (s.Length < 20 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':') return bad;
        if (!Digits(s[..4], out var year) || !Digits(s[5..7], out var month) || !Digits(s[8..10], out var day)
            || !Digits(s[11..13], out var hour) || !Digits(s[14..16], out var minute) || !Digits(s[17..19], out var second)) return bad;
        if (year < 1) return CelValue.Fail("timestamp out of range");
        if (month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) return bad;
        var at = 19;
        var nanos = 0;
        if (s[at] == '.')
        {
            var end = at + 1;
            while (end < s.Length && char.IsAsciiDigit(s[end])) end++;
            var digits = Math.Min(end - at - 1, 9);
            if (digits == 0) return bad;
            Digits(s.Slice(at + 1, digits), out nanos);
            for (var i = digits; i < 9; i++) nanos *= 10;
            at = end;
        }
        if (at >= s.Length) return bad;
        var offset = 0;
        if (s[at] == 'Z') { if (at + 1 != s.Length) return bad; }
        else if (!TryOffset(s[at..], signed: true, out offset)) return bad;
        var seconds = (new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond - offset;
        return CelValue.Timestamp(seconds, nanos);
    }

    private static bool Digits(ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c)) return false;
            value = value * 10 + (c - '0');
        }
        return true;
    }

    // ±hh:mm in seconds.
    private static bool TryOffset(ReadOnlySpan<char> text, bool signed, out int seconds)
    {
        seconds = 0;
        var sign = 1;
        if (text.Length > 0 && text[0] is '+' or '-') { sign = text[0] == '-' ? -1 : 1; text = text[1..]; }
        else if (signed) return false;
        if (text.Length != 5 || text[2] != ':' || !Digits(text[..2], out var hours) || !Digits(text[3..], out var minutes) || hours > 23 || minutes > 59) return false;
        seconds = sign * (hours * 3600 + minutes * 60);
        return true;
    }

    /// <summary>Seconds with as many digits as are needed: <c>123.5s</c>.</summary>
    public static string DurationText(long nanos)
    {
        var magnitude = nanos < 0 ? unchecked((ulong)-nanos) : (ulong)nanos;
        var (whole, rest) = Math.DivRem(magnitude, (ulong)Billion);
        var sign = nanos < 0 ? "-" : "";
        return rest == 0 ? $"{sign}{whole}s" : $"{sign}{whole}.{rest.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0')}s";
    }

    /// <summary>Reads <c>1h2m3.5s</c>: decimal numbers with the units h, m, s, ms, us, ns.</summary>
    public static CelValue ParseDuration(string text)
    {
        var bad = CelValue.Fail("not a duration: write it like '90s', '10m' or '1h30m'");
        var s = text.AsSpan();
        var negative = false;
        if (s.Length > 0 && s[0] is '+' or '-') { negative = s[0] == '-'; s = s[1..]; }
        if (s is "0") return CelValue.Duration(0);
        if (s.IsEmpty) return bad;
        Int128 total = 0;
        while (!s.IsEmpty)
        {
            Int128 whole = 0, fraction = 0, scale = 1;
            var digits = 0;
            var at = 0;
            for (; at < s.Length && char.IsAsciiDigit(s[at]); at++, digits++)
                if ((whole = whole * 10 + (s[at] - '0')) > (Int128)long.MaxValue + 1) return CelValue.Fail("duration out of range");
            if (at < s.Length && s[at] == '.')
                for (at++; at < s.Length && char.IsAsciiDigit(s[at]); at++, digits++)
                    if (scale < 1_000_000_000_000_000) { fraction = fraction * 10 + (s[at] - '0'); scale *= 10; }
            if (digits == 0) return bad;
            s = s[at..];
            var length = 0;
            while (length < s.Length && s[length] != '.' && !char.IsAsciiDigit(s[length])) length++;
            Int128 unit = s[..length] switch { "ns" => 1, "us" or "µs" or "μs" => 1_000, "ms" => 1_000_000, "s" => Billion, "m" => 60 * Billion, "h" => 3600 * Billion, _ => 0 };
            if (unit == 0) return bad;
            s = s[length..];
            total += whole * unit + fraction * unit / scale;
            if (total > (Int128)long.MaxValue + 1) return CelValue.Fail("duration out of range");
        }
        return Duration(negative ? -total : total);
    }

    public static CelValue Duration(Int128 nanos) => nanos < long.MinValue || nanos > long.MaxValue ? CelValue.Fail("duration out of range") : CelValue.Duration((long)nanos);

    public static CelValue Add(in CelValue timestamp, Int128 nanos)
    {
        var total = (Int128)timestamp.Seconds * Billion + timestamp.Nanoseconds + nanos;
        var seconds = total / Billion;
        var rest = (int)(total % Billion);
        if (rest < 0) { rest += (int)Billion; seconds--; }
        return CelValue.Timestamp((long)seconds, rest);
    }

    public static CelValue Difference(in CelValue a, in CelValue b)
    {
        var seconds = a.Seconds - b.Seconds;
        // Nearly always the nanoseconds fit 64 bits with room to spare.
        return seconds is > -9_000_000_000 and < 9_000_000_000 ? CelValue.Duration(seconds * Billion + a.Nanoseconds - b.Nanoseconds)
            : Duration((Int128)seconds * Billion + a.Nanoseconds - b.Nanoseconds);
    }

    /// <summary>A part of the calendar in a time zone.</summary>
    /// <param name="function">The function's name, such as <c>getDayOfWeek</c>.</param>
    /// <param name="timestamp">The instant.</param>
    /// <param name="zone">An IANA name or an offset such as <c>+11:00</c>; null for UTC.</param>
    public static CelValue Part(string function, in CelValue timestamp, string? zone)
    {
        var time = DateTime.UnixEpoch.AddSeconds(timestamp.Seconds);
        if (zone is not null and not "UTC" and not "")
        {
            var offset = 0L;
            if (TryOffset(zone, signed: false, out var fixedOffset)) offset = fixedOffset * TimeSpan.TicksPerSecond;
            else if (FindZone(zone) is { } info) offset = info.GetUtcOffset(time).Ticks;
            else return CelValue.Fail($"unknown time zone `{(zone.Length > 64 ? zone[..64] : zone)}`");
            // A zone can lead out of the years that a DateTime has; the language has no answer for that either.
            if (time.Ticks + offset < 0 || time.Ticks + offset > DateTime.MaxValue.Ticks) return CelValue.Fail("timestamp out of range");
            time = time.AddTicks(offset);
        }
        return CelValue.Of((long)(function switch
        {
            "getFullYear" => time.Year,
            "getMonth" => time.Month - 1,
            "getDate" => time.Day,
            "getDayOfMonth" => time.Day - 1,
            "getDayOfWeek" => (int)time.DayOfWeek,
            "getDayOfYear" => time.DayOfYear - 1,
            "getHours" => time.Hour,
            "getMinutes" => time.Minute,
            "getSeconds" => time.Second,
            _ => timestamp.Nanoseconds / 1_000_000,
        }));
    }

    /// <summary>A part of a span of time: all of its hours, minutes or seconds; of its milliseconds those behind the second.</summary>
    public static CelValue DurationPart(string function, long nanos) => CelValue.Of(function switch
    {
        "getHours" => nanos / (3600 * Billion),
        "getMinutes" => nanos / (60 * Billion),
        "getSeconds" => nanos / Billion,
        _ => nanos % Billion / 1_000_000,
    });

    private static TimeZoneInfo? FindZone(string name)
    {
        // Names are paths below the time zone database for the platform: nothing that leaves it is looked up.
        if (name.Length > 64 || name.Contains("..", StringComparison.Ordinal) || name.StartsWith('/')) return null;
        foreach (var c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('/' or '_' or '-' or '+')) return null;
        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found) ? found : null;
    }
}
