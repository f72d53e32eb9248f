using System.Text.Json;

namespace AgentMonitor.Web.Components.Pages.Agents;

/// <summary>The exact lines that connect an agent.</summary>
public static class ConnectSnippets
{
    /// <summary>What stands in for the key, which cannot be read again.</summary>
    public const string KeyPlaceholder = "PASTE_THE_KEY_HERE";

    /// <summary>The environment that both snippets read.</summary>
    public static string Environment(string server, string? key) =>
        $"export AGENTMONITOR_URL={Quote(server)}\nexport AGENTMONITOR_API_KEY={Quote(key ?? KeyPlaceholder)}";

    /// <summary>A LangChain agent in JavaScript.</summary>
    public static string LangChain() => """
        // npm install langchain @agentmonitor/langchain
        import { createAgent } from "langchain";
        import { agentMonitor } from "@agentmonitor/langchain";

        // Reads AGENTMONITOR_URL and AGENTMONITOR_API_KEY.
        const agent = createAgent({
          model,
          tools,
          middleware: [agentMonitor()],
        });

        await agent.invoke(
          { messages: [{ role: "user", content: "Hello" }] },
          {
            configurable: {
              thread_id: "chat-1", // becomes the session
              agentMonitor: { users: [{ id: "alice@example.com" }] },
            },
          },
        );
        """;

    /// <summary>One question, asked by hand.</summary>
    public static string Curl() => """
        curl -sS "$AGENTMONITOR_URL/v1/tool-calls" \
          -H "Authorization: Bearer $AGENTMONITOR_API_KEY" \
          -H "Content-Type: application/json" \
          -d '{"session":{"id":"chat-1"},"users":[{"id":"alice@example.com"}],"tool":"hello","arguments":{},"callId":"call-1"}'
        """;

    /// <summary>Registers an agent through the API.</summary>
    public static string Register(string server, string agent) =>
        $$"""
        curl -sS -X PUT {{Quote($"{server}/v1/agents/{Uri.EscapeDataString(agent)}")}} \
          -H "Authorization: Bearer $AGENTMONITOR_OPERATOR_TOKEN" \
          -H "Content-Type: application/json" \
          -d '{{JsonSerializer.Serialize(new { name = agent, owner = "you@example.com" })}}'
        """;

    private static string Quote(string text) => $"\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
