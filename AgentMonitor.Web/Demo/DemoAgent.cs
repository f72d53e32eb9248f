using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polly;
using Polly.Retry;

namespace AgentMonitor.Web.Demo;

/// <summary>
/// A whole agent in small: it asks the monitor over HTTP before each model call and each tool call, runs what is allowed on a real
/// database, and reports what came of it. What any agent does, without a framework.
/// </summary>
internal sealed class DemoAgent(HttpClient http, DemoDatabase database)
{
    private static readonly (string Name, string Description)[] Tools =
    [
        ("query_feature_requests", "Finds feature requests by status, or one by id."),
        ("execute_sql", "Runs a SQL statement on the product database and returns its rows."),
        ("post_comment", "Posts a public comment on a feature request."),
        ("send_email", "Sends an e-mail."),
    ];

    private readonly ObedientModel _model = new();
    private readonly ResiliencePipeline _retry = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
    {
        MaxRetryAttempts = 3,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        // Safe because each request carries its call id: the monitor answers the same decision again.
        ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>(e => e.StatusCode is null or System.Net.HttpStatusCode.ServiceUnavailable),
    }).Build();

    /// <summary>One conversation: a user asks, the agent works until its model is done or is stopped.</summary>
    /// <param name="session">The session's id.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="words">What they ask.</param>
    /// <param name="pace">How long the agent thinks between two steps.</param>
    /// <param name="cancellationToken">Ends the conversation.</param>
    /// <returns>Each tool call with its decision, in order.</returns>
    public async Task<IReadOnlyList<(string Tool, string Decision)>> ConverseAsync(string session, string user, string words, TimeSpan pace, CancellationToken cancellationToken)
    {
        var results = new List<(string Tool, string Text)>();
        var decisions = new List<(string, string)>();
        var users = new JsonArray(new JsonObject { ["id"] = user, ["roles"] = new JsonArray("pm") });
        for (var step = 0; step < 8; step++)
        {
            var offered = new JsonArray([.. Tools.Select(t => new JsonObject { ["name"] = t.Name, ["description"] = t.Description })]);
            var seen = await PostAsync("/v1/model-calls", new JsonObject
            {
                ["session"] = new JsonObject { ["id"] = session },
                ["users"] = users.DeepClone(),
                ["prompt"] = step == 0 ? words : null,
                ["tools"] = offered,
                ["callId"] = $"model-{step}",
            }, cancellationToken);
            if (seen["decision"]!.GetValue<string>() != "allow") break;
            await Task.Delay(pace, cancellationToken);

            if (_model.Next(words, results, [.. seen["tools"]!.AsArray().Select(t => t!.GetValue<string>())]) is not { } call) break;
            var decision = await PostAsync("/v1/tool-calls", new JsonObject
            {
                ["session"] = new JsonObject { ["id"] = session },
                ["users"] = users.DeepClone(),
                ["tool"] = call.Tool,
                ["arguments"] = JsonSerializer.SerializeToNode(call.Arguments),
                ["callId"] = $"call-{step}",
                ["prompt"] = step == 0 ? words : null,
            }, cancellationToken);
            var verdict = decision["decision"]!.GetValue<string>();
            decisions.Add((call.Tool, verdict));
            if (verdict == "allow") results.Add((call.Tool, await RunAsync(call, decision["decisionId"]!.GetValue<string>(), cancellationToken)));
            else results.Add((call.Tool, $"{decision["reason"]!["message"]} {decision["reason"]!["advice"]}"));
        }
        return decisions;
    }

    private async Task<string> RunAsync(WantedCall call, string decisionId, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var text = call.Tool switch
        {
            "query_feature_requests" => database.QueryFeatureRequests(call.Arguments.GetValueOrDefault("status") as string, call.Arguments.GetValueOrDefault("id") as long?),
            "execute_sql" => database.ExecuteSql((string)call.Arguments["sql"]),
            "post_comment" => database.PostComment((long)call.Arguments["request_id"], (string)call.Arguments["body"]),
            "send_email" => database.SendEmail((string)call.Arguments["to"], (string)call.Arguments["subject"], (string)call.Arguments["body"]),
            _ => throw new InvalidOperationException($"the demo has no tool {call.Tool}"),
        };
        await PostAsync($"/v1/tool-calls/{decisionId}/result", new JsonObject
        {
            ["status"] = "ok",
            ["durationMs"] = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds,
            ["content"] = JsonNode.Parse(text),
        }, cancellationToken);
        return text;
    }

    private async Task<JsonNode> PostAsync(string path, JsonObject body, CancellationToken cancellationToken) => await _retry.ExecuteAsync(async token =>
    {
        using var content = new StringContent(body.ToJsonString());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.PostAsync(path, content, token);
        response.EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(token))!;
    }, cancellationToken);
}
