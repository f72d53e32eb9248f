using System.Security.Claims;
using AgentMonitor.Web.Configuration;

namespace AgentMonitor.Web.Identity;

/// <summary>What an operator may do; each role may do what the ones before it may.</summary>
public enum OperatorRole
{
    /// <summary>Sees everything, changes nothing.</summary>
    Viewer,
    /// <summary>Sets and lifts switches, answers approvals, clears labels.</summary>
    Operator,
    /// <summary>Classifies tools and writes the policy.</summary>
    Author,
    /// <summary>Registers agents, makes keys, manages accounts.</summary>
    Admin,
}

/// <summary>Who acts on a page or through the API.</summary>
/// <param name="Name">The name that the ledger keeps.</param>
/// <param name="Role">What they may do.</param>
public sealed record Operator(string Name, OperatorRole Role)
{
    /// <summary>Throws unless the role suffices. Called first by every operator action, whoever calls it.</summary>
    public void Demand(OperatorRole role)
    {
        if (Role < role) throw new RefusedException(403, "role-required", $"this needs the role {Word(role)}; {Name} has {Word(Role)}");
    }

    /// <summary>Whether the role suffices: to hide a control, never to decide.</summary>
    public bool May(OperatorRole role) => Role >= role;

    /// <summary>The operator of a signed-in principal; null when it is none or has no role.</summary>
    public static Operator? From(ClaimsPrincipal principal)
    {
        if (principal.Identity is not { IsAuthenticated: true, Name: { } name }) return null;
        OperatorRole? highest = null;
        foreach (var claim in principal.FindAll(ClaimTypes.Role))
            if (Parse(claim.Value) is { } role && (highest is null || role > highest)) highest = role;
        return highest is { } found ? new(name, found) : null;
    }

    /// <summary>The role's name on the wire and in accounts.</summary>
    public static string Word(OperatorRole role) => role switch
    {
        OperatorRole.Viewer => "viewer",
        OperatorRole.Operator => "operator",
        OperatorRole.Author => "author",
        OperatorRole.Admin => "admin",
        _ => throw new InvalidOperationException("unknown role"),
    };

    /// <summary>The role of a name; null when there is none such.</summary>
    public static OperatorRole? Parse(string? word) => word switch
    {
        "viewer" => OperatorRole.Viewer,
        "operator" => OperatorRole.Operator,
        "author" => OperatorRole.Author,
        "admin" => OperatorRole.Admin,
        _ => null,
    };
}
