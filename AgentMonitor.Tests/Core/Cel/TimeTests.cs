using AgentMonitor.Core.Cel;
using Xunit;

namespace AgentMonitor.Tests.Core.Cel;

public sealed class CelTimeTests
{
    [Theory]
    [InlineData("string(timestamp('2026-11-22T09:30:00.000000001+01:00')) == '2026-11-22T08:30:00.000000001Z'")]
    [InlineData("string(timestamp('0001-01-01T00:00:00Z')) == '0001-01-01T00:00:00Z' && string(timestamp('9999-12-31T23:59:59.999999999Z')) == '9999-12-31T23:59:59.999999999Z'")]
    [InlineData("timestamp('1969-12-31T23:59:59.5Z') + duration('600ms') == timestamp('1970-01-01T00:00:00.1Z') && timestamp(-1) == timestamp('1969-12-31T23:59:59Z')")]
    [InlineData("timestamp('2026-01-01T00:00:00Z') - timestamp('2025-12-31T23:59:59.999999999Z') == duration('1ns')")]
    [InlineData("string(duration('1h2m3.5s')) == '3723.5s' && string(duration('-1.5s')) == '-1.5s' && duration('1.5us') == duration('1500ns') && string(duration('0')) == '0s'")]
    [InlineData("duration('1h') == duration('60m') && duration('-10s').getSeconds() == -10 && duration('90s').getMinutes() == 1 && duration('1.25s').getMilliseconds() == 250")]
    [InlineData("timestamp('2026-11-22T00:00:00Z').getDayOfWeek() == 0 && timestamp('2026-01-01T00:00:00Z').getDayOfYear() == 0 && timestamp('2026-03-01T00:00:00Z').getMonth() == 2")]
    [InlineData("timestamp('2026-11-22T05:30:00Z').getHours('US/Central') == 23 && timestamp('2026-11-22T05:30:00Z').getDate('US/Central') == 21 && timestamp('2026-07-01T12:00:00Z').getHours('Europe/Berlin') == 14")]
    [InlineData("timestamp('2026-11-22T00:00:00Z').getHours('-02:30') == 21 && timestamp('2026-11-22T00:00:00Z').getMinutes('+05:45') == 45 && timestamp('2026-11-22T23:00:00Z').getHours('02:00') == 1")]
    [InlineData("timestamp('2026-11-22T00:00:00.123456Z').getMilliseconds() == 123 && timestamp(0) < timestamp(1)")]
    public void Time_IsExactToTheNanosecond(string source) => Run.IsTrue(source);

    [Theory]
    [InlineData("timestamp('2026-02-29T00:00:00Z')")]
    [InlineData("timestamp('2026-11-22 00:00:00Z')")]
    [InlineData("timestamp('2026-11-22T00:00:00')")]
    [InlineData("timestamp('2026-11-22T24:00:00Z')")]
    [InlineData("timestamp('2026-11-22T00:00:00.Z')")]
    [InlineData("timestamp('10000-01-01T00:00:00Z')")]
    [InlineData("timestamp('0001-01-01T00:00:00+01:00')")]
    [InlineData("timestamp(253402300800)")]
    [InlineData("timestamp('9999-12-31T23:59:59.999999999Z') + duration('1ns')")]
    [InlineData("timestamp('9999-12-31T00:00:00Z') - timestamp('0001-01-01T00:00:00Z')")]
    [InlineData("duration('1x')")]
    [InlineData("duration('1')")]
    [InlineData("duration('.s')")]
    [InlineData("duration('')")]
    [InlineData("duration('99999999999999999999h')")]
    [InlineData("duration('9223372036s') + duration('9223372036s')")]
    [InlineData("timestamp(0).getHours('Nowhere/Land')")]
    [InlineData("timestamp(0).getHours('../../etc/passwd')")]
    [InlineData("timestamp('0001-01-01T00:00:00Z').getFullYear('-01:00')")]
    public void Time_OutOfRangeOrMalformed_IsAnError(string source) => Assert.NotEmpty(Run.Error(source));

    [Fact]
    public void Instant_OfTheHost_KeepsItsTicks()
    {
        foreach (var time in new[] { DateTimeOffset.UnixEpoch.AddTicks(-1), new DateTimeOffset(2026, 11, 22, 12, 0, 0, 7, TimeSpan.FromHours(2)), DateTimeOffset.MinValue, DateTimeOffset.MaxValue })
        {
            var value = CelValue.Of(time);
            Assert.Equal(time.UtcTicks, DateTimeOffset.UnixEpoch.Ticks + value.Seconds * TimeSpan.TicksPerSecond + value.Nanoseconds / 100);
            Assert.InRange(value.Nanoseconds, 0, 999_999_999);
        }
    }
}
