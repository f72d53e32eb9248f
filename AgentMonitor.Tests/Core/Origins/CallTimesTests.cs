using AgentMonitor.Core.Sessions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace AgentMonitor.Tests.Core.Origins;

/// <summary>Counted calls against a list of all of them: never fewer, and exact while they are few.</summary>
public sealed class CallTimesTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Count_IsNeverTooLow_AndExactWhileThereAreFew() => FsCheck.Check.One(Worlds.Runs(200), Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var (times, all) = (new CallTimes(), new List<(string Tool, DateTimeOffset At)>());
        var (now, count, gap) = (Start, random.Next(1, 3_000), random.Next(1, 200));
        for (var i = 0; i < count; i++)
        {
            now = now.AddSeconds(random.Next(gap));
            var tool = random.Next(4) == 0 ? "b" : "a";
            // Now and then the clock steps back.
            var at = random.Next(50) == 0 ? now.AddSeconds(-random.Next(100)) : now;
            times.Add(tool, at);
            all.Add((tool, at));
        }
        var few = count <= 200 && all.Select(c => c.At).SequenceEqual(all.Select(c => c.At).Order());
        for (var i = 0; i < 50; i++)
        {
            var since = now.AddSeconds(-random.Next((int)CallTimes.MaxWindow.TotalSeconds));
            foreach (var tool in new[] { "a", "b", "never" })
            {
                var exact = all.Count(c => c.Tool == tool && c.At >= since);
                var counted = times.Count(tool, since);
                if (counted < exact || counted > all.Count(c => c.Tool == tool) || few && counted != exact) return false;
            }
        }
        return times.Total == count;
    }));

    [Fact]
    public void Count_OfMoreToolsThanAreToldApart_IsNeverTooLow()
    {
        var times = new CallTimes();
        for (var i = 0; i < CallTimes.MaxTools + 50; i++) times.Add($"tool-{i}", Start.AddSeconds(i), 2);
        Assert.Equal(2, times.Count("tool-0", Start));
        Assert.True(times.Count($"tool-{CallTimes.MaxTools + 7}", Start) >= 2);
        Assert.True(times.Count("tool-0", Start.AddSeconds(1)) == 0);
    }

    [Fact]
    public void Count_OfVeryManyCalls_IsFastAndHoldsTheNewest()
    {
        var times = new CallTimes();
        for (var i = 0; i < 200_000; i++) times.Add("a", Start.AddSeconds(i));
        Assert.Equal(200_000, times.Total);
        Assert.Equal(61, times.Count("a", Start.AddSeconds(200_000 - 61)));
        Assert.InRange(times.Count("a", Start.AddSeconds(200_000 - 86_400)), 86_400, 86_400 * 5 / 4);
    }

    [Fact]
    public void Count_AtTheInstantOfACall_IncludesIt()
    {
        var times = new CallTimes();
        times.Add("a", Start);
        Assert.Equal(1, times.Count("a", Start));
        Assert.Equal(0, times.Count("a", Start.AddSeconds(1)));
        Assert.Equal(0, times.Count("b", Start));
    }
}
