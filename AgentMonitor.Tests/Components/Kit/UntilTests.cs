using AgentMonitor.Web.Components.Kit;
using Xunit;

namespace AgentMonitor.Tests.Components.Kit;

public sealed class UntilTests
{
    private static readonly TimeZoneInfo s_berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private static DateTimeOffset Berlin(string wall) => TimeZoneInfo.ConvertTime(new DateTimeOffset(DateTime.Parse(wall), s_berlin.GetUtcOffset(DateTime.Parse(wall))), s_berlin);

    [Theory]
    [InlineData(UntilChoice.Hour, "2026-11-20 12:00", "2026-11-20 12:00Z")]
    [InlineData(UntilChoice.Today, "2026-11-20 12:00", "2026-11-20 23:00Z")]
    [InlineData(UntilChoice.Monday, "2026-11-20 12:00", "2026-11-23 08:00Z")]
    [InlineData(UntilChoice.Monday, "2026-11-23 08:59", "2026-11-23 08:00Z")]
    [InlineData(UntilChoice.Monday, "2026-11-23 09:00", "2026-11-30 08:00Z")]
    public void Of_Choice_IsAnInstantOfTheViewersZone(UntilChoice choice, string now, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, null, System.Globalization.DateTimeStyles.AssumeUniversal), Until.Of(choice, Berlin(now), s_berlin, null));

    [Fact]
    public void Of_UntilLifted_HasNoEnd() => Assert.Null(Until.Of(UntilChoice.Lifted, Berlin("2026-11-20 12:00"), s_berlin, null));

    [Fact]
    public void Of_OwnTimeInTheHourThatSpringLeavesOut_IsTheFirstInstantAfterIt() =>
        Assert.Equal(new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero), Until.Of(UntilChoice.Own, Berlin("2026-03-28 12:00"), s_berlin, new DateTime(2026, 3, 29, 2, 30, 0)));
}
