using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Web.Identity;
using AgentMonitor.Web.Ledger;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace AgentMonitor.Web.Sessions;

/// <summary>A session's timeline as a file, for signed-in operators.</summary>
public static class SessionExport
{
    /// <summary>Most entries of one file. The newest are kept, and the file says that older ones were left out.</summary>
    public const int MaxEntries = 10_000;

    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Maps <c>GET /export/sessions/{agent}/{session}</c>.</summary>
    public static IEndpointRouteBuilder MapSessionExport(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/export/sessions/{agent}/{**session}", SendAsync).ExcludeFromDescription();
        return endpoints;
    }

    private static async Task SendAsync(HttpContext context, SessionReader sessions, LedgerReader ledger, TimeProvider clock)
    {
        if (Operator.From(context.User) is null)
        {
            context.Response.Redirect($"/account/sign-in?returnUrl={Uri.EscapeDataString(RawTarget(context))}");
            return;
        }
        // The route's own value has its slashes still escaped and all else decoded, so it cannot tell `a/b` from `a%2Fb`.
        var raw = RawTarget(context);
        if (context.Request.PathBase is { HasValue: true } @base && raw.StartsWith(@base.Value!, StringComparison.Ordinal)) raw = raw[@base.Value!.Length..];
        var key = SessionAddress.OfExport(raw);
        var state = key is { } found ? await sessions.FindAsync(found, context.RequestAborted).ConfigureAwait(false) : null;
        if (key is not { } session || state is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsync("No such session.", context.RequestAborted).ConfigureAwait(false);
            return;
        }
        var entries = await ledger.TimelineAsync(session, MaxEntries, context.RequestAborted).ConfigureAwait(false);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers[HeaderNames.CacheControl] = "no-store";
        context.Response.Headers[HeaderNames.ContentDisposition] = $"attachment; filename=\"{FileName(session)}\"";
        await context.Response.Body.WriteAsync(Write(state, entries, entries.Count < MaxEntries, clock.GetUtcNow()), context.RequestAborted).ConfigureAwait(false);
    }

    private static string RawTarget(HttpContext context) => context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? context.Request.Path.Value ?? "";

    /// <summary>The file: the session now, and its entries in order with their hashes.</summary>
    public static byte[] Write(SessionState state, IReadOnlyList<LedgerEntry> entries, bool complete, DateTimeOffset now)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("format", "agentmonitor-session-1");
            json.WriteString("exportedAt", now);
            json.WriteBoolean("complete", complete);
            WriteState(json, state);
            json.WriteStartArray("entries");
            foreach (var entry in entries) WriteEntry(json, entry);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>A name that every file system takes.</summary>
    internal static string FileName(SessionKey key)
    {
        var name = new StringBuilder("session-");
        foreach (var c in $"{key.Agent}-{key.Id}"[..Math.Min(80, key.Agent.Length + key.Id.Length + 1)])
            name.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-');
        return name.Append(".json").ToString();
    }

    private static void WriteState(Utf8JsonWriter json, SessionState state)
    {
        json.WriteStartObject("session");
        json.WriteString("agent", state.Key.Agent);
        json.WriteString("id", state.Key.Id);
        json.WriteString("startedAt", state.StartedAt);
        if (state.EndedAt is { } ended) json.WriteString("endedAt", ended);
        json.WriteStartArray("labels");
        foreach (var evidence in state.Labels)
        {
            json.WriteStartObject();
            json.WriteString("label", evidence.Label);
            json.WriteString("source", Wire.Word(evidence.Source));
            json.WriteString("at", evidence.At);
            Optional(json, "decisionId", evidence.DecisionId);
            Optional(json, "tool", evidence.Tool);
            Optional(json, "why", evidence.Why);
            List(json, "path", evidence.Path.Select(p => p.ToString()));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        List(json, "parents", state.Parents.Select(p => p.ToString()));
        List(json, "users", state.Users);
        if (state.Grants is { } grants) List(json, "grants", grants);
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, LedgerEntry entry)
    {
        json.WriteStartObject();
        json.WriteNumber("sequence", entry.Sequence);
        json.WriteString("at", entry.At);
        json.WriteString("kind", entry.Kind);
        Optional(json, "agent", entry.Agent);
        Optional(json, "session", entry.Session);
        List(json, "users", entry.Users);
        Optional(json, "tool", entry.Tool);
        Optional(json, "callId", entry.CallId);
        Optional(json, "decisionId", entry.DecisionId);
        Optional(json, "argumentsDigest", entry.ArgumentsDigest);
        Optional(json, "decision", entry.Decision);
        Optional(json, "reason", entry.Reason);
        List(json, "rules", entry.Rules);
        json.WriteNumber("policyRevision", entry.PolicyRevision);
        Optional(json, "actor", entry.Actor);
        // As text: its digest is over exactly these characters.
        json.WriteString("data", entry.Data);
        json.WriteString("dataDigest", entry.DataDigest);
        json.WriteString("previousHash", entry.PreviousHash);
        json.WriteString("hash", entry.Hash);
        json.WriteEndObject();
    }

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }

    private static void List(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
