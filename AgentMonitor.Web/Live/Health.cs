using System.Globalization;
using System.Text;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Sessions;
using AgentMonitor.Web.Storage;

namespace AgentMonitor.Web.Live;

/// <summary>What machines ask: does the process live, can it decide, and how is it doing.</summary>
internal static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/livez", (HttpContext context) => Text(context, 200, "ok"));
        // Ready means that a decision could be recorded: the database answers and the last group was committed.
        app.MapGet("/readyz", (HttpContext context, Schema schema, LedgerWriter writer) =>
            schema.Answers() && writer.Healthy ? Text(context, 200, "ok") : Text(context, 503, "the ledger cannot record"));
        app.MapGet("/metrics", (HttpContext context, LedgerWriter writer, SessionRoom sessions, LiveFeed feed) =>
        {
            var text = new StringBuilder();
            Metric("agentmonitor_ledger_entries_total", "counter", "Ledger entries committed since the start.", writer.Entries);
            Metric("agentmonitor_ledger_commits_total", "counter", "Groups of entries committed since the start.", writer.Commits);
            Metric("agentmonitor_ledger_failures_total", "counter", "Groups that could not be committed since the start.", writer.Failures);
            Metric("agentmonitor_ledger_queue_depth", "gauge", "Work that waits for its commit.", writer.QueueDepth);
            Metric("agentmonitor_ledger_last_sequence", "gauge", "Sequence of the newest entry.", feed.LastSequence);
            Metric("agentmonitor_sessions_in_memory", "gauge", "Sessions held in memory.", sessions.Count);
            context.Response.ContentType = "text/plain; version=0.0.4";
            return context.Response.WriteAsync(text.ToString());

            void Metric(string name, string type, string help, long value) =>
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n{name} {value}\n");
        });
    }

    private static Task Text(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(text);
    }
}
