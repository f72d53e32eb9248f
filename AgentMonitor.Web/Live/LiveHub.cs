using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Ledger;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;

namespace AgentMonitor.Web.Live;

/// <summary>What a hub client wants to see. Members that are null do not restrict.</summary>
public sealed record LiveSubscription(IReadOnlyList<string>? Agents, IReadOnlyList<string>? Decisions, IReadOnlyList<string>? Kinds);

/// <summary>Events that arrived together.</summary>
/// <param name="Events">The events, oldest first, as <c>/v1/events</c> writes them.</param>
/// <param name="Dropped">How many events this client missed before them because it was slow.</param>
public sealed record LiveBatch(IReadOnlyList<JsonElement> Events, long Dropped);

/// <summary>The live feed for outside clients; our own pages subscribe in process.</summary>
[Authorize(AuthenticationSchemes = Identity.BearerOperatorHandler.Schemes)]
public sealed class LiveHub(LiveFeed feed) : Hub
{
    private const int MaxBatch = 1_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Streams what happens from now on, in at most ten batches a second.</summary>
    public async IAsyncEnumerable<LiveBatch> Subscribe(LiveSubscription wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Identity.Operator.From(Context.User!) is null) throw new HubException("a role is required");
        var news = new News();
        using var subscription = feed.Subscribe("hub", () =>
        {
            news.Set();
            return Task.CompletedTask;
        }, Interval);
        var after = feed.LastSequence;
        while (true)
        {
            await news.WaitAsync(TimeSpan.FromMinutes(1), cancellationToken);
            var (entries, missed) = feed.After(after, MaxBatch);
            if (entries.Count == 0) continue;
            after = entries[^1].Sequence;
            if (after < feed.LastSequence) news.Set();
            var passing = entries.Where(e => Passes(wanted, e)).Select(Event).ToList();
            if (passing.Count > 0 || missed > 0) yield return new(passing, missed);
        }
    }

    private static bool Passes(LiveSubscription wanted, LedgerEntry entry) =>
        (wanted.Agents is null || entry.Agent is not null && wanted.Agents.Contains(entry.Agent))
        && (wanted.Decisions is null || entry.Decision is not null && wanted.Decisions.Contains(entry.Decision))
        && (wanted.Kinds is null || wanted.Kinds.Contains(entry.Kind));

    private static JsonElement Event(LedgerEntry entry)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) EventEndpoints.Write(writer, entry);
        return JsonSerializer.Deserialize<JsonElement>(stream.ToArray());
    }
}
