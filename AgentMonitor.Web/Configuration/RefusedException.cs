namespace AgentMonitor.Web.Configuration;

/// <summary>
/// A request or an action that is refused: an expected outcome with a stable code. The API answers it as
/// <c>application/problem+json</c>, a page shows its message.
/// </summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">The stable code, listed in docs/api.md.</param>
/// <param name="detail">What is wrong, where, and what to do.</param>
public sealed class RefusedException(int status, string code, string detail) : Exception(detail)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;
    /// <summary>The stable code.</summary>
    public string Code => code;
    /// <summary>A JSON pointer to the member that is wrong, when one is.</summary>
    public string? Member { get; init; }
    /// <summary>How long to wait before trying again, for 429 and 503.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
