using System.Text.Json;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Tools;

namespace AgentMonitor.Tests.Core.Origins;

/// <summary>What a session has seen, told step by step; and what that makes of a value.</summary>
internal sealed class Seen(AgentDefinition? agent = null)
{
    public static readonly OriginKey Key = OriginKey.For(new byte[OriginKey.SaltLength], new SessionKey("agent", "session"));
    private readonly AgentDefinition _agent = agent ?? new() { Id = "agent", Name = "Agent" };
    private int _told;

    public OriginIndex Index { get; private set; } = OriginIndex.Empty;

    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    public static ToolDefinition Tool(params string[] metadata) => new("agent", "tool", []) { ResultMetadata = [.. metadata] };

    public Seen Prompt(string words) => Add(OriginReader.Prompt(Key, words));

    /// <summary>A result in JSON.</summary>
    public Seen Result(string json, bool untrusted = false, string arguments = "{}", params string[] metadata) =>
        Add(OriginReader.Result(Key, Json(json), Tool(metadata), untrusted, OriginReader.Arguments(Key, Json(arguments))));

    /// <summary>A result in text.</summary>
    public Seen Text(string text, bool untrusted = false, params string[] metadata) => Result(JsonSerializer.Serialize(text), untrusted, "{}", metadata);

    public Seen Written(string arguments) => Add(OriginReader.Written(Key, Json(arguments), Index));

    public ValueOrigin Origin(string value) => Key.Hash(value) is { } hash ? Index.OriginOf(hash) : ValueOrigin.None;

    public bool Vouches(string value, bool strict = false) => DestinationReport.Judge(_agent, value, Index, Key, strict).Vouched;

    private Seen Add(OriginCollector collected)
    {
        Index = Index.Add(OriginBatch.Of(new(DateTimeOffset.UnixEpoch.AddSeconds(++_told), $"d{_told}", "tool", null), collected));
        return this;
    }
}
