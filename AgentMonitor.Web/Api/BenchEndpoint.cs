namespace AgentMonitor.Web.Api;

/// <summary>The yardstick of the benchmarks: reads a body, answers a fixed one, decides nothing. Mapped only where the settings say so.</summary>
internal static class BenchEndpoint
{
    public static void MapBench(this IEndpointRouteBuilder app) => app.MapPost("/bench/empty", (RequestDelegate)(async context =>
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) break;
        }
        await Answer.JsonAsync(context, 200, static writer =>
        {
            writer.WriteString("decisionId", "00000000000000000000000000000000");
            writer.WriteString("decision", "allow");
            writer.WriteStartObject("reason");
            writer.WriteString("code", "default");
            writer.WriteString("message", "Allowed.");
            writer.WriteEndObject();
        });
    }));
}
