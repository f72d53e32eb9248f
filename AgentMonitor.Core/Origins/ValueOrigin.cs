namespace AgentMonitor.Core.Origins;

/// <summary>Where a value was seen before a call. A value can have several origins.</summary>
[Flags]
public enum ValueOrigin : byte
{
    /// <summary>Nowhere.</summary>
    None = 0,
    /// <summary>In the user's own words.</summary>
    User = 1,
    /// <summary>In the agent's configuration.</summary>
    System = 2,
    /// <summary>In a result of a tool that returns nothing third parties wrote.</summary>
    Trusted = 4,
    /// <summary>As a whole metadata field of a result of a tool that returns what third parties wrote.</summary>
    Metadata = 8,
    /// <summary>In free text that third parties wrote.</summary>
    Untrusted = 16,
    /// <summary>
    /// In the arguments of an earlier call that changed something, made after untrusted content was read, when nothing vouched for it: what
    /// the agent wrote into a system itself does not become trusted by being read back.
    /// </summary>
    Written = 32,
}

/// <summary>Words for origins.</summary>
public static class ValueOrigins
{
    /// <summary>The origins that vouch for a value.</summary>
    public const ValueOrigin Vouching = ValueOrigin.User | ValueOrigin.System | ValueOrigin.Trusted | ValueOrigin.Metadata;

    /// <summary>The one word for a set of origins: the strongest that vouches, else <c>untrusted</c>, else <c>none</c>.</summary>
    public static string Word(this ValueOrigin origin) =>
        origin.HasFlag(ValueOrigin.User) ? "user"
        : origin.HasFlag(ValueOrigin.System) ? "system"
        : origin.HasFlag(ValueOrigin.Trusted) ? "trusted"
        : origin.HasFlag(ValueOrigin.Metadata) ? "metadata"
        : origin.HasFlag(ValueOrigin.Untrusted) ? "untrusted"
        : "none";
}
