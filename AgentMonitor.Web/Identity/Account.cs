using Microsoft.AspNetCore.Identity;

namespace AgentMonitor.Web.Identity;

/// <summary>A person's account. Its roles are those of <see cref="OperatorRole"/>.</summary>
public sealed class Account : IdentityUser
{
    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; set; }
    /// <summary>When the person last signed in.</summary>
    public DateTimeOffset? LastSignInAt { get; set; }
    /// <summary>A disabled account cannot sign in, and its open pages end within a minute.</summary>
    public bool Disabled { get; set; }
}
