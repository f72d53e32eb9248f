using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Components.Kit;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Live;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Tests.Components.Kit;

/// <summary>What the kit's components inject, without a server behind it.</summary>
public abstract class KitContext : BunitContext
{
    private long _sequence;

    protected KitContext()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Feed = new LiveFeed(Options.Create(new MonitorOptions()), TimeProvider.System);
        Services.AddSingleton(Feed);
        Services.AddSingleton<TimeProvider>(Clock);
        Services.AddScoped<ViewerZone>();
        Services.AddScoped<Toasts>();
    }

    /// <summary>The clock of what is shown. The feed keeps real time: its pauses are waited for, not measured.</summary>
    protected StandingClock Clock { get; } = new(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero));

    protected LiveFeed Feed { get; }

    /// <summary>Publishes calls of a tool.</summary>
    protected void Publish(int count, string decision = "allow", string tool = "read_ticket") =>
        Feed.Publish([.. Enumerable.Range(0, count).Select(_ => new LedgerEntry
        {
            Sequence = ++_sequence,
            At = Clock.GetUtcNow(),
            Kind = LedgerKind.ToolCall,
            Agent = "support",
            Session = "chat-1",
            Tool = tool,
            Decision = decision,
            Reason = "default",
            DecisionId = $"decision-{_sequence}",
        })]);
}

/// <summary>A clock that stands still until it is set.</summary>
public sealed class StandingClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
