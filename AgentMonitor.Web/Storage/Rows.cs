namespace AgentMonitor.Web.Storage;

/// <summary>A ledger entry as stored. Times are microseconds since 1970.</summary>
public sealed class LedgerRow
{
    public long Sequence { get; set; }
    public long At { get; set; }
    public required string Kind { get; set; }
    public string? Agent { get; set; }
    public string? Session { get; set; }
    /// <summary>JSON array; null when empty.</summary>
    public string? Users { get; set; }
    public string? Tool { get; set; }
    public string? CallId { get; set; }
    public string? DecisionId { get; set; }
    public string? ArgumentsDigest { get; set; }
    public string? Decision { get; set; }
    public string? Reason { get; set; }
    /// <summary>JSON array; null when empty.</summary>
    public string? Rules { get; set; }
    public long PolicyRevision { get; set; }
    public string? Actor { get; set; }
    public required string Data { get; set; }
    public required string DataDigest { get; set; }
    public required string PreviousHash { get; set; }
    public required string Hash { get; set; }
}

/// <summary>A session as stored.</summary>
public sealed class SessionRow
{
    public required string Agent { get; set; }
    public required string Id { get; set; }
    public long StartedAt { get; set; }
    public long LastActiveAt { get; set; }
    public long? EndedAt { get; set; }
    /// <summary>The label names between bars, such as <c>|a|b|</c>, for filtering.</summary>
    public required string Labels { get; set; }
    /// <summary>The user ids as a JSON array.</summary>
    public required string Users { get; set; }
    /// <summary>The whole state as JSON.</summary>
    public required string Document { get; set; }
}

/// <summary>What one prompt, result or call told a session: salted hashes with their origins. Rows are only ever added.</summary>
public sealed class SessionOriginRow
{
    public long Id { get; set; }
    public required string Agent { get; set; }
    public required string Session { get; set; }
    /// <summary>Where it came from, as JSON.</summary>
    public required string Source { get; set; }
    /// <summary>True when values were left out because there were too many.</summary>
    public bool Overflowed { get; set; }
    /// <summary>Nine bytes for each value: the hash, little-endian, and the origin.</summary>
    public required byte[] Entries { get; set; }
}

/// <summary>That a session received another's context.</summary>
public sealed class SessionLinkRow
{
    public required string ParentAgent { get; set; }
    public required string ParentId { get; set; }
    public required string Agent { get; set; }
    public required string Id { get; set; }
}

/// <summary>An agent, a tool or a switch: a document that is read whole at the start.</summary>
public sealed class ControlRow
{
    /// <summary><c>agent</c>, <c>tool</c> or <c>switch</c>.</summary>
    public required string Kind { get; set; }
    /// <summary>What it is, as a JSON array of its names.</summary>
    public required string Key { get; set; }
    public required string Document { get; set; }
}

/// <summary>A key of an agent: never the key itself, only its digest.</summary>
public sealed class KeyRow
{
    public required string Id { get; set; }
    public required string Agent { get; set; }
    public required string Name { get; set; }
    /// <summary>SHA-256 of the whole key, lower-case hexadecimal.</summary>
    public required string Digest { get; set; }
    public long CreatedAt { get; set; }
    public long? ExpiresAt { get; set; }
    public long? RevokedAt { get; set; }
    public long? LastUsedAt { get; set; }
}

/// <summary>A policy revision.</summary>
public sealed class PolicyRow
{
    public long Revision { get; set; }
    public long At { get; set; }
    public required string Author { get; set; }
    public string? Comment { get; set; }
    public required string Document { get; set; }
}

/// <summary>An approval.</summary>
public sealed class ApprovalRow
{
    public required string Id { get; set; }
    public required string DecisionId { get; set; }
    public required string Agent { get; set; }
    public required string Session { get; set; }
    public required string Tool { get; set; }
    /// <summary><c>pending</c>, <c>approved</c>, <c>rejected</c>, <c>expired</c> or <c>cancelled</c>.</summary>
    public required string Status { get; set; }
    public long AskedAt { get; set; }
    public long ExpiresAt { get; set; }
    /// <summary>What the agent was told.</summary>
    public required string Message { get; set; }
    /// <summary>The call as asked, users and arguments included, to decide it again when it is answered; erased then.</summary>
    public string? Request { get; set; }
}
