using System.Text.Json;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Api;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Identity;
using AgentMonitor.Web.Live;

namespace AgentMonitor.Web.Ledger;

/// <summary>The ledger over HTTP: pages of it, or a stream that follows it.</summary>
internal static class EventEndpoints
{
    private const int FollowPage = 500;

    public static void MapEvents(this IEndpointRouteBuilder app)
    {
        var callers = app.ServiceProvider.GetRequiredService<Callers>();
        var reader = app.ServiceProvider.GetRequiredService<LedgerReader>();
        var feed = app.ServiceProvider.GetRequiredService<LiveFeed>();
        var lifetime = app.ServiceProvider.GetRequiredService<IHostApplicationLifetime>();

        app.MapGet("/v1/events", (RequestDelegate)(async context =>
        {
            callers.Operator(context, OperatorRole.Viewer);
            var query = context.Request.Query;
            var filter = new LedgerFilter
            {
                Agent = query["agent"],
                Session = query["session"],
                Kind = query["kind"],
                Decision = query["decision"],
                Tool = query["tool"],
                User = query["user"],
                After = After(query["after"]),
            };
            if (filter.Kind is { } kind && !LedgerKind.All.Contains(kind)) throw new RefusedException(400, "bad-value", $"`kind` is one of {string.Join(", ", LedgerKind.All)}");
            if (filter.Decision is not (null or "allow" or "deny" or "pending")) throw new RefusedException(400, "bad-value", "`decision` is one of allow, deny, pending");
            if (query["follow"] == "true")
            {
                await FollowAsync(context, reader, feed, filter, lifetime.ApplicationStopping);
                return;
            }
            var items = await reader.QueryAsync(filter, Limit(query, 100, 1_000), newestFirst: false, context.RequestAborted);
            await Answer.JsonAsync(context, 200, writer =>
            {
                writer.WriteStartArray("items");
                foreach (var entry in items) Write(writer, entry);
                writer.WriteEndArray();
                writer.WriteNumber("next", items.Count > 0 ? items[^1].Sequence : filter.After ?? 0);
            });
        }));
    }

    /// <summary>The <c>limit</c> of a query.</summary>
    public static int Limit(IQueryCollection query, int otherwise, int max)
    {
        if (query["limit"] is not [{ } text]) return otherwise;
        return int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= max
            ? limit : throw new RefusedException(400, "bad-value", $"`limit` is a number from 1 to {max}");
    }

    /// <summary>Writes an entry as an object, its data unfolded.</summary>
    public static void Write(Utf8JsonWriter writer, LedgerEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteNumber("sequence", entry.Sequence);
        writer.WriteString("at", entry.At.UtcDateTime);
        writer.WriteString("kind", entry.Kind);
        Optional("agent", entry.Agent);
        Optional("session", entry.Session);
        List("users", entry.Users);
        Optional("tool", entry.Tool);
        Optional("callId", entry.CallId);
        Optional("decisionId", entry.DecisionId);
        Optional("argumentsDigest", entry.ArgumentsDigest);
        Optional("decision", entry.Decision);
        Optional("reason", entry.Reason);
        List("rules", entry.Rules);
        writer.WriteNumber("policyRevision", entry.PolicyRevision);
        Optional("actor", entry.Actor);
        writer.WritePropertyName("data");
        writer.WriteRawValue(entry.Data);
        writer.WriteString("dataDigest", entry.DataDigest);
        writer.WriteString("previousHash", entry.PreviousHash);
        writer.WriteString("hash", entry.Hash);
        writer.WriteEndObject();

        void Optional(string name, string? value)
        {
            if (value is not null) writer.WriteString(name, value);
        }

        void List(string name, System.Collections.Immutable.ImmutableArray<string> items)
        {
            if (items.IsDefaultOrEmpty) return;
            writer.WriteStartArray(name);
            foreach (var item in items) writer.WriteStringValue(item);
            writer.WriteEndArray();
        }
    }

    // One JSON object a line, for as long as the client listens. Read from the ledger by sequence, so nothing is skipped however
    // slow the client is; the feed only says when to look.
    private static async Task FollowAsync(HttpContext context, LedgerReader reader, LiveFeed feed, LedgerFilter filter, CancellationToken stopping)
    {
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-store";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var news = new News();
        using var subscription = feed.Subscribe("events-follow", () =>
        {
            news.Set();
            return Task.CompletedTask;
        }, TimeSpan.FromMilliseconds(50));
        var after = filter.After ?? feed.LastSequence;
        try
        {
            await context.Response.StartAsync(ended.Token);
            await context.Response.Body.FlushAsync(ended.Token);
            while (true)
            {
                var seen = feed.LastSequence;
                var items = await reader.QueryAsync(filter with { After = after }, FollowPage, newestFirst: false, ended.Token);
                foreach (var entry in items)
                {
                    await using (var writer = new Utf8JsonWriter(context.Response.BodyWriter)) Write(writer, entry);
                    await context.Response.BodyWriter.WriteAsync("\n"u8.ToArray(), ended.Token);
                }
                await context.Response.BodyWriter.FlushAsync(ended.Token);
                // Entries that do not pass the filter need not be read again.
                after = items.Count == FollowPage ? items[^1].Sequence : Math.Max(after, Math.Max(seen, items.Count > 0 ? items[^1].Sequence : 0));
                if (items.Count < FollowPage) await news.WaitAsync(TimeSpan.FromSeconds(15), ended.Token);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client left or the program stops.
        }
    }

    private static long? After(string? text) => text is null ? null
        : long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var after) ? after
        : throw new RefusedException(400, "bad-value", "`after` is the sequence of the last event you have");
}
