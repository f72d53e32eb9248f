using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Api;
using AgentMonitor.Web.Approvals;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Identity;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Sessions;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Decisions;

/// <summary>The decision API for agents.</summary>
internal static class DecisionEndpoints
{
    public static void MapDecisions(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var callers = services.GetRequiredService<Callers>();
        var decisions = services.GetRequiredService<DecisionService>();
        var reader = services.GetRequiredService<LedgerReader>();
        var sessions = services.GetRequiredService<SessionRoom>();
        var approvals = services.GetRequiredService<ApprovalDesk>();
        var options = services.GetRequiredService<IOptions<MonitorOptions>>().Value;
        var clock = services.GetRequiredService<TimeProvider>();

        app.MapPost("/v1/tool-calls", (RequestDelegate)(async context =>
        {
            // An operator may ask how a recorded decision came about, but only an agent's key may ask for one.
            var agent = callers.Agent(context);
            using var body = await RequestBody.ReadAsync(context, options.Limits);
            var request = RequestReader.ToolCall(body.RootElement, options.Limits);
            var (record, labels) = await decisions.DecideAsync(agent, request, context.RequestAborted);
            await WriteAsync(context, record, labels);
        })).WithName("DecideToolCall");

        app.MapGet("/v1/tool-calls/{decisionId}", (RequestDelegate)(async context =>
        {
            var (agent, asOperator) = callers.Either(context);
            var id = (string)context.Request.RouteValues["decisionId"]!;
            var wait = Wait(context, options.Approvals.MaxWait);
            if (asOperator is null && context.Request.Query["explain"] == "full") throw new RefusedException(403, "operator-required", "the full explanation is for operators");
            var record = await decisions.FindAsync(id, context.RequestAborted);
            if (record is null || agent is not null && record.Session.Agent != agent) throw DecisionService.NoSuchDecision();
            if (record is { Decision: "pending", ApprovalId: { } approval } && wait is { } patience)
            {
                await approvals.WaitAsync(approval, patience, context.RequestAborted);
                record = await decisions.FindAsync(id, context.RequestAborted) ?? record;
            }
            var labels = sessions.Find(record.Session)?.LabelNames ?? [];
            if (context.Request.Query["explain"] == "full")
            {
                await WriteAsync(context, record, labels, LedgerText.ToolCall((await reader.DecisionAsync(id, context.RequestAborted)).First(e => e.Kind == LedgerKind.ToolCall)));
            }
            else await WriteAsync(context, record, labels);
        })).WithName("GetToolCall");

        app.MapPost("/v1/tool-calls/{decisionId}/result", (RequestDelegate)(async context =>
        {
            var agent = callers.Agent(context);
            using var body = await RequestBody.ReadAsync(context, options.Limits);
            var id = (string)context.Request.RouteValues["decisionId"]!;
            var (session, labels) = await decisions.ReportAsync(agent, id, RequestReader.Result(body.RootElement), context.RequestAborted);
            await Answer.JsonAsync(context, 200, writer => WriteSession(writer, session.Id, labels));
        })).WithName("ReportToolResult");

        app.MapPost("/v1/model-calls", (RequestDelegate)(async context =>
        {
            var agent = callers.Agent(context);
            using var body = await RequestBody.ReadAsync(context, options.Limits);
            var request = RequestReader.ModelCall(body.RootElement, options.Limits);
            var (id, verdict, labels) = await decisions.FilterAsync(agent, request, context.RequestAborted);
            await Answer.JsonAsync(context, 200, writer =>
            {
                writer.WriteString("decisionId", id);
                writer.WriteString("decision", Wire.Word(verdict.Outcome));
                writer.WriteStartObject("reason");
                writer.WriteString("code", Wire.Word(verdict.Code));
                writer.WriteString("message", verdict.Outcome == Core.Decisions.DecisionOutcome.Allow ? "Allowed." : verdict.Code == Core.Decisions.ReasonCode.Stopped ? "All agents are stopped by an operator." : "Quarantined by an operator.");
                writer.WriteEndObject();
                writer.WriteStartArray("tools");
                foreach (var tool in verdict.Tools) writer.WriteStringValue(tool);
                writer.WriteEndArray();
                writer.WriteStartArray("filtered");
                foreach (var tool in verdict.Filtered)
                {
                    writer.WriteStartObject();
                    writer.WriteString("tool", tool.Tool);
                    writer.WriteString("code", tool.Code);
                    writer.WriteString("message", tool.Message);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                WriteSession(writer, request.Session.Id, labels);
            });
        })).WithName("FilterModelCall");

        app.MapPost("/v1/sessions/{id}/labels", (RequestDelegate)(async context =>
        {
            var agent = callers.Agent(context);
            var id = SessionId(context);
            using var body = await RequestBody.ReadAsync(context, options.Limits);
            var (labels, why) = RequestReader.Labels(body.RootElement);
            var now = await decisions.AddLabelsAsync(agent, id, labels, why, context.RequestAborted);
            await Answer.JsonAsync(context, 200, writer => WriteSession(writer, id, now));
        })).WithName("AddSessionLabels");

        app.MapPost("/v1/sessions/{id}/end", (RequestDelegate)(async context =>
        {
            var agent = callers.Agent(context);
            var id = SessionId(context);
            await decisions.EndAsync(agent, id, context.RequestAborted);
            await Answer.JsonAsync(context, 200, writer =>
            {
                writer.WriteStartObject("session");
                writer.WriteString("id", id);
                writer.WriteBoolean("ended", true);
                writer.WriteEndObject();
            });
        })).WithName("EndSession");
    }

    private static string SessionId(HttpContext context)
    {
        var id = PathText.Of(context, "id");
        return Core.Identity.Identifiers.IsForeignId(id) ? id : throw new RefusedException(400, "bad-value", "that is not a session id");
    }

    private static TimeSpan? Wait(HttpContext context, TimeSpan max)
    {
        if (context.Request.Query["wait"] is not [{ } text]) return null;
        if (!int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds))
            throw new RefusedException(400, "bad-value", "`wait` is a whole number of seconds");
        return seconds == 0 ? null : TimeSpan.FromSeconds(Math.Min(seconds, max.TotalSeconds));
    }

    private static Task WriteAsync(HttpContext context, DecisionRecord record, ImmutableArray<string> labels, ToolCallData? explained = null) => Answer.JsonAsync(context, 200, writer =>
    {
        writer.WriteString("decisionId", record.Id);
        writer.WriteString("decision", record.Decision);
        writer.WriteStartObject("reason");
        writer.WriteString("code", record.Reason);
        writer.WriteString("message", record.Message);
        if (record.Advice is not null) writer.WriteString("advice", record.Advice);
        writer.WriteEndObject();
        if (record is { Decision: "pending", ApprovalId: { } approval })
        {
            writer.WriteStartObject("approval");
            writer.WriteString("id", approval);
            writer.WriteString("expiresAt", record.ApprovalExpiresAt!.Value);
            writer.WriteEndObject();
        }
        WriteSession(writer, record.Session.Id, labels);
        writer.WriteNumber("policyRevision", record.PolicyRevision);
        writer.WriteNumber("evaluationMicros", record.EvaluationMicros);
        if (explained is null) return;
        writer.WriteString("sentence", explained.Sentence);
        Answer.Member(writer, "matched", explained.Matched, LedgerJson.Readable);
        Answer.Member(writer, "shadow", explained.Shadow, LedgerJson.Readable);
        Answer.Member(writer, "evidence", explained.Evidence, LedgerJson.Readable);
        Answer.Member(writer, "destinations", explained.Destinations, LedgerJson.Readable);
        if (explained.Unvouched is { } unvouched) writer.WriteBoolean("unvouched", unvouched);
        writer.WriteString("counterfactual", explained.Counterfactual);
    });

    private static void WriteSession(Utf8JsonWriter writer, string id, ImmutableArray<string> labels)
    {
        writer.WriteStartObject("session");
        writer.WriteString("id", id);
        writer.WriteStartArray("labels");
        foreach (var label in labels) writer.WriteStringValue(label);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
