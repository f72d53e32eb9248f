using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Sessions;

namespace AgentMonitor.Web.Sessions;

/// <summary>Which sessions. Members that are null do not restrict.</summary>
public sealed record SessionFilter
{
    public string? Agent { get; init; }
    public string? Label { get; init; }
    public string? User { get; init; }
    /// <summary>Part of the session id.</summary>
    public string? Text { get; init; }
    /// <summary>Only sessions last active before this instant: for paging.</summary>
    public DateTimeOffset? Before { get; init; }
}

/// <summary>A session in a list.</summary>
public sealed record SessionSummary(SessionKey Key, DateTimeOffset StartedAt, DateTimeOffset LastActiveAt, DateTimeOffset? EndedAt,
    IReadOnlyList<string> Labels, IReadOnlyList<string> Users, long Calls, long Denials);

/// <summary>Reads sessions for pages and the operator API.</summary>
public sealed class SessionReader
{
    /// <summary>Sessions, last active first.</summary>
    public Task<IReadOnlyList<SessionSummary>> ListAsync(SessionFilter filter, int limit, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>What is known of a session now; null when nobody ever named it.</summary>
    public Task<SessionState?> FindAsync(SessionKey key, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Sessions that name this one as a parent.</summary>
    public Task<IReadOnlyList<SessionKey>> ChildrenAsync(SessionKey key, CancellationToken cancellationToken) => throw new NotImplementedException();
}
