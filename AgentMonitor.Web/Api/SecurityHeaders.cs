namespace AgentMonitor.Web.Api;

/// <summary>Tells browsers to run our own scripts only, to load nothing from elsewhere and to show no page inside another site's.</summary>
internal static class SecurityHeaders
{
    // Styles may stand in attributes: the library and the virtualised lists place and size their elements that way.
    private const string Policy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        // The decision API is called by programs: what only browsers read would be weight on every call.
        if (!context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal))
        {
            headers.ContentSecurityPolicy = Policy;
            headers["Referrer-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        }
        return next(context);
    });
}
