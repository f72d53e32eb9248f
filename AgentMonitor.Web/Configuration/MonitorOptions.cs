namespace AgentMonitor.Web.Configuration;

/// <summary>Section <c>AgentMonitor</c> of the configuration. Every limit has a default and a reason.</summary>
public sealed class MonitorOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "AgentMonitor";

    /// <summary>Where the database and keys lie. Null: <c>data</c> beside the solution, outside the content root, which the host watches.</summary>
    public string? DataDirectory { get; set; }
    /// <summary>Which database.</summary>
    public StorageOptions Storage { get; set; } = new();
    /// <summary>What automation needs before there is an account.</summary>
    public BootstrapOptions Bootstrap { get; set; } = new();
    /// <summary>What requests may be.</summary>
    public LimitOptions Limits { get; set; } = new();
    /// <summary>What approvals do.</summary>
    public ApprovalOptions Approvals { get; set; } = new();
    /// <summary>Answers <c>POST /bench/empty</c> with a fixed body, as the yardstick for throughput. Off except in benchmarks.</summary>
    public bool BenchEndpoint { get; set; }
}

/// <summary>Where data is kept.</summary>
public sealed class StorageOptions
{
    /// <summary><c>sqlite</c>, the embedded database.</summary>
    public string Provider { get; set; } = "sqlite";
    /// <summary>Null: <c>agentmonitor.db</c> in the data directory.</summary>
    public string? ConnectionString { get; set; }
    /// <summary><c>FULL</c> survives a power cut; <c>NORMAL</c> survives a killed process only, and commits faster.</summary>
    public string Synchronous { get; set; } = "FULL";
    /// <summary>Most decisions that wait for their commit. Beyond it a request waits <see cref="QueueTimeout"/> and then gets a 503.</summary>
    public int QueueCapacity { get; set; } = 8_192;
    /// <summary>How long a request waits for a place in the queue and for its commit. Agents' own time-outs are seconds.</summary>
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(5);
    /// <summary>Most decisions of one commit. A larger group gains nothing and delays its first member.</summary>
    public int MaxGroup { get; set; } = 512;
}

/// <summary>Credentials for automation.</summary>
public sealed class BootstrapOptions
{
    /// <summary>A token with the admin role for automation; at least 16 characters. Null: none. Never logged.</summary>
    public string? OperatorToken { get; set; }
}

/// <summary>Bounds of a request.</summary>
public sealed class LimitOptions
{
    /// <summary>Largest request body, in bytes. A tool call with a document in its arguments fits.</summary>
    public int RequestBytes { get; set; } = 1_048_576;
    /// <summary>Deepest nesting of JSON. Real arguments stay below 20.</summary>
    public int JsonDepth { get; set; } = 64;
    /// <summary>Most users of one call.</summary>
    public int Users { get; set; } = 50;
    /// <summary>Most parents named in one call.</summary>
    public int Parents { get; set; } = 16;
    /// <summary>Most tools offered in one model call.</summary>
    public int OfferedTools { get; set; } = 512;
    /// <summary>Most tools in an agent's catalogue. Beyond it a tool that nobody registered is decided as unclassified and not listed.</summary>
    public int ToolsPerAgent { get; set; } = 1_000;
    /// <summary>Longest prompt that is read, in characters; the rest is ignored.</summary>
    public int PromptCharacters { get; set; } = 100_000;
    /// <summary>Sessions kept in memory; the least recently used leave it and come back from the store with their next call.</summary>
    public int SessionsInMemory { get; set; } = 50_000;
    /// <summary>
    /// Values whose origins are kept in memory, over all sessions, eleven bytes each: 180 MB. Beyond it the least recently used sessions leave memory;
    /// one session keeps at most 32,768.
    /// </summary>
    public long OriginValuesInMemory { get; set; } = 16_777_216;
    /// <summary>Ledger entries kept in memory for live pages.</summary>
    public int FeedEntries { get; set; } = 20_000;
    /// <summary>How long an allowed call without a reported result counts as in flight.</summary>
    public TimeSpan InFlight { get; set; } = TimeSpan.FromMinutes(15);
}

/// <summary>How approvals work.</summary>
public sealed class ApprovalOptions
{
    /// <summary>How long a person has to answer.</summary>
    public TimeSpan Expiry { get; set; } = TimeSpan.FromMinutes(30);
    /// <summary>Longest that <c>?wait=</c> holds a request.</summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(60);
}
