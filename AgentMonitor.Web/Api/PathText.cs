using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;

namespace AgentMonitor.Web.Api;

/// <summary>
/// Ids in paths. Routing leaves <c>%2F</c> as it is, so that a route value cannot tell <c>a/b</c> from <c>a%2Fb</c>: a quarantine
/// could be set on a session that does not exist while the one that was meant goes on. The path as it was sent can tell.
/// </summary>
internal static class PathText
{
    /// <summary>The text of a route parameter, wholly decoded once.</summary>
    public static string Of(HttpContext context, string parameter)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        if (target.StartsWith('/') && context.GetEndpoint() is RouteEndpoint { RoutePattern.PathSegments: var pattern })
        {
            var query = target.IndexOf('?', StringComparison.Ordinal);
            var sent = (query < 0 ? target : target[..query])[1..].Split('/');
            for (var i = 0; i < pattern.Count && i < sent.Length; i++)
                if (pattern[i].Parts is [RoutePatternParameterPart part] && part.Name == parameter) return Uri.UnescapeDataString(sent[i]);
        }
        return (string)context.Request.RouteValues[parameter]!;
    }
}
