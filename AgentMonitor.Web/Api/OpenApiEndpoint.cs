namespace AgentMonitor.Web.Api;

/// <summary>
/// The description of the API for machines. Our endpoints read and write JSON by themselves, so nothing could be generated from them:
/// <c>openapi.json</c> is written by hand, and tests hold it to what the program does.
/// </summary>
internal static class OpenApiEndpoint
{
    /// <summary>Maps <c>GET /openapi/v1.json</c>. It says nothing that docs/api.md does not, so it needs no credential.</summary>
    public static void MapOpenApiDocument(this IEndpointRouteBuilder app)
    {
        var document = Read();
        app.MapGet("/openapi/v1.json", (RequestDelegate)(context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = document.Length;
            return context.Response.Body.WriteAsync(document, context.RequestAborted).AsTask();
        })).ExcludeFromDescription();
    }

    private static ReadOnlyMemory<byte> Read()
    {
        using var resource = typeof(OpenApiEndpoint).Assembly.GetManifestResourceStream("openapi.json") ?? throw new InvalidOperationException("the program was built without openapi.json");
        var document = new byte[resource.Length];
        resource.ReadExactly(document);
        return document;
    }
}
