using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Identity;

namespace AgentMonitor.Web.Decisions;

/// <summary>The session part of a request.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="Parents">Sessions whose context it received.</param>
/// <param name="Grants">Capabilities its task needs; null when the request does not declare any.</param>
public sealed record SessionRequest(string Id, ImmutableArray<SessionKey> Parents, ImmutableArray<string>? Grants);

/// <summary>A validated request to decide on a tool call.</summary>
public sealed record ToolCallRequest(
    SessionRequest Session, ImmutableArray<ActingUser> Users, string Tool, JsonElement Arguments, string ArgumentsDigest, string? CallId, string? Prompt);

/// <summary>A validated report of a tool's result.</summary>
public sealed record ToolResultRequest(string Status, double? DurationMs, long? ContentBytes, ImmutableArray<string> Labels, SessionKey? FromSession)
{
    /// <summary>The result itself, read while the request lasts and not kept; undefined when it was not reported.</summary>
    public JsonElement Content { get; init; }
}

/// <summary>A tool as offered in a model call.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What the agent says it is for.</param>
/// <param name="Fingerprint">Digest of the three.</param>
/// <param name="Schema">Its schema, read while the request lasts; undefined when the agent did not say.</param>
public sealed record OfferedTool(string Name, string? Description, string Fingerprint, JsonElement Schema);

/// <summary>A validated request to filter the tools of a model call.</summary>
public sealed record ModelCallRequest(SessionRequest Session, ImmutableArray<ActingUser> Users, string? Prompt, ImmutableArray<OfferedTool> Tools, string? CallId);
