using System.Security.Cryptography;
using System.Text;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Identity;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Api;

/// <summary>
/// Who calls the API. Only bearer credentials count here, never a browser's cookie: so no page of another site can make a browser
/// act. A key says which agent it is; nothing in a body can.
/// </summary>
public sealed class Callers
{
    private const string Scheme = "Bearer ";
    private readonly KeyRing _keys;
    private readonly byte[]? _bootstrap;

    /// <summary>Reads the bootstrap token's digest; the token itself is not kept.</summary>
    public Callers(KeyRing keys, IOptions<MonitorOptions> options)
    {
        _keys = keys;
        if (options.Value.Bootstrap.OperatorToken is { Length: > 0 } token) _bootstrap = SHA256.HashData(Encoding.UTF8.GetBytes(token));
    }

    /// <summary>The calling agent's id.</summary>
    public string Agent(HttpContext context)
    {
        var token = Token(context.Request.Headers.Authorization.ToString());
        if (_keys.Authenticate(token) is { } agent) return agent;
        throw FindOperator(token) is null ? Unknown() : new RefusedException(403, "agent-required", "this is for agents: use an agent's key");
    }

    /// <summary>The calling operator, whose role suffices.</summary>
    public Operator Operator(HttpContext context, OperatorRole role)
    {
        var token = Token(context.Request.Headers.Authorization.ToString());
        if (FindOperator(token) is not { } found)
            throw _keys.Authenticate(token) is null ? Unknown() : new RefusedException(403, "operator-required", "this is for operators: an agent's key does not open it");
        found.Demand(role);
        return found;
    }

    /// <summary>The calling operator or agent.</summary>
    public (string? Agent, Operator? Operator) Either(HttpContext context)
    {
        var token = Token(context.Request.Headers.Authorization.ToString());
        if (_keys.Authenticate(token) is { } agent) return (agent, null);
        return FindOperator(token) is { } found ? (null, found) : throw Unknown();
    }

    /// <summary>The operator of a token; null when it is none.</summary>
    public Operator? FindOperator(ReadOnlySpan<char> token)
    {
        if (_bootstrap is null || token.IsEmpty || token.Length > 1_024) return null;
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token.ToString())), _bootstrap) ? new("automation", OperatorRole.Admin) : null;
    }

    private static ReadOnlySpan<char> Token(string header)
    {
        if (header.Length == 0) throw new RefusedException(401, "credential-required", "send `Authorization: Bearer <key>`");
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header.AsSpan(Scheme.Length).Trim() : throw Unknown();
    }

    private static RefusedException Unknown() => new(401, "unknown-credential", "this credential is not known, has expired or was revoked");
}
