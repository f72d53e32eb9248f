using System.Text.Json;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Control;

namespace AgentMonitor.Web.Api;

/// <summary>
/// Answers refusals as <c>application/problem+json</c> (RFC 9457) with a stable <c>code</c>, echoes <c>X-Request-ID</c>, and lets
/// nothing of our insides out when something breaks.
/// </summary>
internal sealed partial class Problems(RequestDelegate next, ILogger<Problems> logger)
{
    private const string RequestId = "X-Request-ID";

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Headers.TryGetValue(RequestId, out var id) && id is [{ Length: > 0 and <= 128 } text] && text.All(c => c is > ' ' and <= '~'))
            context.Response.Headers[RequestId] = text;
        try
        {
            await next(context);
        }
        catch (RefusedException e) when (!context.Response.HasStarted)
        {
            if (e.RetryAfter is { } wait) context.Response.Headers.RetryAfter = Math.Max(1, (int)wait.TotalSeconds).ToString();
            await WriteAsync(context, e.Status, e.Code, e.Message, e.Member);
        }
        catch (PolicyRefusedException e) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, 422, "policy-invalid", e.Message, null, e);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, e.StatusCode, e.StatusCode == 413 ? "too-large" : "bad-request", e.StatusCode == 413 ? "the request is larger than this server takes" : "the request could not be read");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to answer.
        }
        catch (Exception e) when (!context.Response.HasStarted && IsApi(context))
        {
            LogUnexpected(logger, e, context.Request.Path);
            await WriteAsync(context, 500, "internal-error", "something went wrong here; the request was not carried out");
        }
    }

    public static async Task WriteAsync(HttpContext context, int status, string code, string detail, string? member = null, PolicyRefusedException? policy = null)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        if (status == 401) context.Response.Headers.WWWAuthenticate = "Bearer";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("type", "about:blank");
        writer.WriteString("title", Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status));
        writer.WriteNumber("status", status);
        writer.WriteString("code", code);
        writer.WriteString("detail", detail);
        if (member is not null) writer.WriteString("pointer", member);
        if (policy is not null)
        {
            writer.WriteStartArray("errors");
            foreach (var error in policy.Errors)
            {
                writer.WriteStartObject();
                writer.WriteString("code", error.Code);
                writer.WriteString("pointer", error.Path);
                writer.WriteString("detail", error.Message);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static bool IsApi(HttpContext context) => context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal) || context.Request.Path.StartsWithSegments("/bench", StringComparison.Ordinal);

    [LoggerMessage(EventId = 1001, Level = LogLevel.Error, Message = "A request to {Path} failed unexpectedly")]
    private static partial void LogUnexpected(ILogger logger, Exception exception, PathString path);
}
