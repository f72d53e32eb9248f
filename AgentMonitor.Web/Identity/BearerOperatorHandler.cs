using System.Security.Claims;
using System.Text.Encodings.Web;
using AgentMonitor.Web.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Identity;

/// <summary>Operator tokens for the hub: in the header, or in <c>access_token</c>, as browsers' WebSockets cannot send headers.</summary>
public sealed class BearerOperatorHandler(Callers callers, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string SchemeName = "BearerOperator";
    /// <summary>What opens the hub: a signed-in person's cookie or an operator's token.</summary>
    public const string Schemes = SchemeName + ",Identity.Application";

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim()
            : Request.Path.StartsWithSegments("/hubs", StringComparison.Ordinal) ? Request.Query["access_token"].ToString() : "";
        if (token.Length == 0) return Task.FromResult(AuthenticateResult.NoResult());
        if (callers.FindOperator(token) is not { } found) return Task.FromResult(AuthenticateResult.Fail("unknown credential"));
        var identity = new ClaimsIdentity([new(ClaimTypes.Name, found.Name), new(ClaimTypes.Role, Operator.Word(found.Role))], SchemeName);
        return Task.FromResult(AuthenticateResult.Success(new(new ClaimsPrincipal(identity), SchemeName)));
    }
}
