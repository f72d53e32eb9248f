using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentMonitor.Bench;

/// <summary>What a benchmark sets up through the operators' API.</summary>
internal sealed class OperatorClient : IDisposable
{
    private readonly HttpClient _http;

    public OperatorClient(Uri address, string token)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Registers an agent that is allowed what no rule forbids.</summary>
    public Task SaveAgentAsync(string agent, string description) =>
        SendAsync(HttpMethod.Put, $"v1/agents/{agent}", new JsonObject { ["description"] = description, ["defaultDecision"] = "allow" });

    /// <summary>Creates a key of an agent.</summary>
    public async Task<(string Id, string Key)> CreateKeyAsync(string agent, string name)
    {
        var made = await SendAsync(HttpMethod.Post, $"v1/agents/{agent}/keys", new JsonObject { ["name"] = name });
        return (made!["id"]!.GetValue<string>(), made["key"]!.GetValue<string>());
    }

    /// <summary>Revokes a key.</summary>
    public Task DeleteKeyAsync(string agent, string id) => SendAsync(HttpMethod.Delete, $"v1/agents/{agent}/keys/{id}", null);

    /// <summary>Classifies a tool.</summary>
    public Task SaveToolAsync(string agent, string tool, JsonObject definition) =>
        SendAsync(HttpMethod.Put, $"v1/agents/{agent}/tools/{Uri.EscapeDataString(tool)}", definition);

    /// <summary>The policy: its revision and its rules.</summary>
    public async Task<(long Revision, JsonArray Rules)> PolicyAsync()
    {
        var policy = await SendAsync(HttpMethod.Get, "v1/policy", null);
        return (policy!["revision"]!.GetValue<long>(), policy["rules"]!.AsArray());
    }

    /// <summary>Replaces the policy, whatever its revision is.</summary>
    public async Task SavePolicyAsync(JsonArray rules)
    {
        var (revision, _) = await PolicyAsync();
        await SendAsync(HttpMethod.Put, "v1/policy", new JsonObject { ["rules"] = rules.DeepClone() }, revision);
    }

    /// <summary>Switches the policy to a preset; rules of no preset stay.</summary>
    public Task UsePresetAsync(string preset) => SendAsync(HttpMethod.Put, "v1/policy/preset", new JsonObject { ["preset"] = preset });

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonNode? body, long? revision = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        if (revision is { } expected) request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{expected}\""));
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode) throw new BenchException($"{method} /{path} was answered {(int)response.StatusCode} `{Problem.CodeOf(text)}`");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }
}

/// <summary>An answer that is not the one hoped for.</summary>
internal static class Problem
{
    /// <summary>The stable code of a problem document; never its text, which may quote what was sent.</summary>
    public static string CodeOf(string body)
    {
        try { return JsonNode.Parse(body)?["code"]?.GetValue<string>() ?? "none"; }
        catch (Exception e) when (e is JsonException or InvalidOperationException) { return "none"; }
    }
}
