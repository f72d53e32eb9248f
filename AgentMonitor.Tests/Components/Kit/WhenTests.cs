using AgentMonitor.Web.Components.Kit;
using Bunit;
using Xunit;
using Microsoft.Extensions.DependencyInjection;

namespace AgentMonitor.Tests.Components.Kit;

public sealed class WhenTests : KitContext
{
    public WhenTests() => Services.GetRequiredService<ViewerZone>().Use(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

    [Theory]
    [InlineData(0, "just now")]
    [InlineData(12, "12 s ago")]
    [InlineData(200, "3 min ago")]
    [InlineData(7_300, "2 h ago")]
    [InlineData(200_000, "2 d ago")]
    [InlineData(-90, "in 1 min")]
    public void Relative_ByDefault(int secondsAgo, string expected)
    {
        var cut = Render<When>(p => p.Add(c => c.At, Clock.Now.AddSeconds(-secondsAgo)));
        Assert.Equal(expected, cut.Find("time").TextContent);
    }

    [Fact]
    public void Exact_OnHover_InTheViewersZone()
    {
        var cut = Render<When>(p => p.Add(c => c.At, Clock.Now.AddMilliseconds(-688)));
        Assert.Equal("2026-11-20 12:59:59.312 (Europe/Berlin)", cut.Find("time").GetAttribute("title"));
        Assert.Equal("2026-11-20T11:59:59.3120000Z", cut.Find("time").GetAttribute("datetime"));
    }

    [Fact]
    public void Clock_NamesTheDay_OnlyWhenItIsNotToday()
    {
        Assert.Equal("12:59:48", Render<When>(p => p.Add(c => c.At, Clock.Now.AddSeconds(-12)).Add(c => c.Clock, true)).Find("time").TextContent);
        Assert.Equal("2026-11-18 13:00:00", Render<When>(p => p.Add(c => c.At, Clock.Now.AddDays(-2)).Add(c => c.Clock, true)).Find("time").TextContent);
    }

    [Fact]
    public void WithoutAnInstant_SaysNever() => Assert.Equal("never", Render<When>(p => p.Add(c => c.At, null)).Find("span").TextContent);
}
