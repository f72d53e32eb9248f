using AgentMonitor.Web.Approvals;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Identity;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Storage;

namespace AgentMonitor.Web.Control;

/// <summary>
/// Writes down what has ended by itself: switches and approvals whose time is over. Nothing depends on it being on time: a switch
/// ends when its instant has come, and an approval cannot be given afterwards.
/// </summary>
public sealed partial class Housekeeping(OperatorActions actions, ApprovalDesk approvals, KeyRing keys, LedgerWriter writer, TimeProvider clock, ILogger<Housekeeping> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        var keysSavedAt = clock.GetUtcNow();
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            var now = clock.GetUtcNow();
            try
            {
                await actions.ExpireSwitchesAsync(now).ConfigureAwait(false);
                await approvals.ExpireAsync(now).ConfigureAwait(false);
                if (now - keysSavedAt < TimeSpan.FromMinutes(1)) continue;
                var used = keys.UsedSince(keysSavedAt);
                keysSavedAt = now;
                if (used.Count > 0) await writer.AppendAsync([], [.. used.Select(k => new StateChange.SaveKey(k))]).ConfigureAwait(false);
            }
            catch (RefusedException e) { LogFailed(logger, e); }
        }
    }

    [LoggerMessage(EventId = 3101, Level = LogLevel.Warning, Message = "Housekeeping could not be written down; the next round tries again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
