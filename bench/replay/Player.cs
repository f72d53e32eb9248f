using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentMonitor.Bench.Replay;

/// <summary>Plays recorded sessions through a server's API as the agent that they were recorded of would have.</summary>
/// <param name="address">The server.</param>
/// <param name="operators">Its operators' API.</param>
/// <param name="data">What the tools do.</param>
/// <param name="options">How to play.</param>
/// <param name="run">Sets the sessions of this run apart from those of others on the same server.</param>
internal sealed class Player(Uri address, OperatorClient operators, ReplayData data, Options options, string run) : IDisposable
{
    /// <summary>Longest session id that the API takes, in characters.</summary>
    private const int MaxSessionId = 256;
    /// <summary>Longest result that is reported, in characters; the API bounds a request's bytes.</summary>
    private const int MaxResult = 160_000;

    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = options.Parallel, PooledConnectionLifetime = TimeSpan.FromMinutes(10) })
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>Plays a group as one agent: sessions side by side, the calls of a session in order.</summary>
    public async Task<PlayedGroup> PlayAsync(SessionGroup group)
    {
        var agent = Slug($"replay-{group.Source}-{group.Suite}");
        var (unlisted, key) = await RegisterAsync(agent, group);
        try
        {
            var played = new PlayedSession[group.Sessions.Length];
            var started = Stopwatch.GetTimestamp();
            await Parallel.ForEachAsync(Enumerable.Range(0, played.Length), new ParallelOptions { MaxDegreeOfParallelism = options.Parallel },
                async (i, cancellation) => played[i] = await PlayAsync(group.Sessions[i], key.Key, cancellation));
            return new(group, [.. played], Stopwatch.GetElapsedTime(started), unlisted);
        }
        finally
        {
            await operators.DeleteKeyAsync(agent, key.Id);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<(ImmutableArray<string> Unlisted, (string Id, string Key) Key)> RegisterAsync(string agent, SessionGroup group)
    {
        await operators.SaveAgentAsync(agent, $"Replays the recorded sessions of {group.Source}, {group.Suite}.");
        var unlisted = ImmutableArray.CreateBuilder<string>();
        foreach (var tool in group.Sessions.SelectMany(s => s.Calls).Select(c => c.Tool).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var labels = data.FindLabels(group.Suite, tool);
            if (labels is null) unlisted.Add(tool);
            await operators.SaveToolAsync(agent, tool, Definition(labels ?? ToolLabels.None));
        }
        return (unlisted.ToImmutable(), await operators.CreateKeyAsync(agent, $"replay {run}"));
    }

    /// <summary>A tool as the operators' API takes it.</summary>
    private static JsonObject Definition(ToolLabels labels)
    {
        var tags = new JsonArray();
        if (labels.ReadsUntrusted) tags.Add("untrusted-content");
        if (labels.ReadsSensitive) tags.Add("sensitive-data");
        if (labels.External) tags.Add("external-communication");
        else if (labels.ExternalIfArgument is { } argument) tags.Add(new JsonObject { ["name"] = "external-communication", ["whenArgument"] = argument });
        if (labels.StateChange) tags.Add("state-change");
        if (labels.Destructive) tags.Add("destructive");
        if (labels.Financial) tags.Add("financial");
        return new() { ["tags"] = tags, ["destinations"] = List(labels.Destinations), ["freeText"] = List(labels.FreeText), ["resultMetadata"] = List(labels.ResultMetadata) };
    }

    private async Task<PlayedSession> PlayAsync(RecordedSession recorded, string key, CancellationToken cancellation)
    {
        var session = options.Obfuscate ? Obfuscation.Of(recorded, tool => data.LabelsOf(recorded.Suite, tool)) : recorded;
        var decisions = ImmutableArray.CreateBuilder<Decision>(session.Calls.Length);
        for (var i = 0; i < session.Calls.Length; i++)
        {
            var (id, decision) = await AskAsync(session, i, key, cancellation);
            decisions.Add(decision);
            // What is not allowed is not carried out, so it has no result.
            if (decision == Decision.Allow) await ReportAsync(session, i, id, key, cancellation);
        }
        return new(recorded, decisions.MoveToImmutable());
    }

    private async Task<(string Id, Decision Decision)> AskAsync(RecordedSession session, int index, string key, CancellationToken cancellation)
    {
        var call = session.Calls[index];
        var said = session.UserTurns.Where(t => t.BeforeCall == index).Select(t => t.Text);
        if (index == 0) said = said.Prepend(session.Prompt);
        var prompt = string.Join('\n', said.Where(text => text.Length > 0));
        var grants = index == 0 && options.OracleGrants ? Scoring.Grants(session, tool => data.LabelsOf(session.Suite, tool)) : null;
        using var answer = await SendAsync("v1/tool-calls", key, session, index, writer =>
        {
            writer.WriteStartObject("session");
            writer.WriteString("id", SessionId(session));
            if (grants is { } granted)
            {
                writer.WriteStartArray("grants");
                foreach (var capability in granted) writer.WriteStringValue(capability);
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
            writer.WriteString("tool", call.Tool);
            writer.WritePropertyName("arguments");
            call.Arguments.WriteTo(writer);
            writer.WriteString("callId", $"call-{index}");
            if (prompt.Length > 0) writer.WriteString("prompt", prompt);
        }, cancellation);
        var decision = answer.RootElement.GetProperty("decision").GetString() switch
        {
            "allow" => Decision.Allow,
            "deny" => Decision.Deny,
            "pending" => Decision.Pending,
            _ => throw Failed(session, index, "an unknown decision"),
        };
        return (answer.RootElement.GetProperty("decisionId").GetString()!, decision);
    }

    private async Task ReportAsync(RecordedSession session, int index, string id, string key, CancellationToken cancellation)
    {
        var call = session.Calls[index];
        using var answer = await SendAsync($"v1/tool-calls/{id}/result", key, session, index, writer =>
        {
            writer.WriteString("status", call.Failed ? "error" : "ok");
            writer.WriteString("content", call.Result.AsSpan(0, Math.Min(call.Result.Length, MaxResult)));
        }, cancellation);
    }

    private async Task<JsonDocument> SendAsync(string path, string key, RecordedSession session, int index, Action<Utf8JsonWriter> members, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>(1_024);
        await using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ReadOnlyMemoryContent(body.WrittenMemory) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await _http.SendAsync(request, cancellation);
        if (response.IsSuccessStatusCode) return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellation), default, cancellation);
        throw Failed(session, index, $"{(int)response.StatusCode} `{Problem.CodeOf(await response.Content.ReadAsStringAsync(cancellation))}`");
    }

    private string SessionId(RecordedSession session)
    {
        var id = $"{run}/{session.Id}";
        return id.Length <= MaxSessionId ? id : $"{run}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(session.Id)))}";
    }

    // Data sets and suites are called as their makers called them; agents' ids are slugs.
    private static string Slug(string name)
    {
        var slug = string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));
        return slug.Length <= 64 ? slug : $"{slug[..47]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16]}";
    }

    private static BenchException Failed(RecordedSession session, int index, string what) => new($"session {session.Id}, call {index}: the server answered {what}");

    private static JsonArray List(ImmutableArray<string> items) => [.. items.Select(item => JsonValue.Create(item))];
}

/// <summary>A group, played.</summary>
/// <param name="Group">The group.</param>
/// <param name="Sessions">What was decided.</param>
/// <param name="Took">How long it took, results reported and all.</param>
/// <param name="Unlisted">The tools that nobody has said anything of.</param>
internal sealed record PlayedGroup(SessionGroup Group, ImmutableArray<PlayedSession> Sessions, TimeSpan Took, ImmutableArray<string> Unlisted);

/// <summary>All groups, played under one preset.</summary>
internal sealed record PlayedPreset(string Preset, ImmutableArray<PlayedGroup> Groups)
{
    public IEnumerable<PlayedSession> Sessions => Groups.SelectMany(g => g.Sessions);

    /// <summary>The counts over everything.</summary>
    public Tally Tally => Tally.Of(Sessions);
}
