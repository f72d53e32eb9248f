using System.Collections.Immutable;
using System.Net.Http.Headers;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Identity;
using AgentMonitor.Web.Storage;

namespace AgentMonitor.Web.Demo;

/// <summary>
/// Plays the demo (<c>--demo</c>): registers a product-management agent with four tools and lets it work: ordinary requests, two
/// requests with a hidden instruction, and one that makes it drift. The agent speaks to the public API like any other.
/// </summary>
public sealed partial class DemoHost(OperatorActions actions, DataDirectory data, IHostApplicationLifetime lifetime, ILogger<DemoHost> logger)
{
    private const string Agent = "pm-portal";
    private static readonly Operator Registrar = new("demo", OperatorRole.Admin);

    /// <summary>What the users ask, in turn.</summary>
    private static readonly (string Kind, string User, string Words)[] Conversations =
    [
        ("work", "alice@example.com", "What backlog requests need to be done?"),
        ("work", "bob@example.com", "How many users do we have on each plan?"),
        ("injection", "alice@example.com", "Please triage request 7."),
        ("mail", "carol@example.com", "Please e-mail the planned requests to erin@example.com."),
        ("export", "alice@example.com", "Please triage request 9."),
        ("work", "carol@example.com", "Please tell the author of request 3 that it is planned."),
        ("drift", "bob@example.com", "Please summarise request 8 for me."),
    ];

    /// <summary>What its tools do, and which of their arguments and fields say who or where.</summary>
    private static readonly ImmutableArray<ToolDefinition> Tools =
    [
        new(Agent, "query_feature_requests", [new(Tag.UntrustedContent)])
        {
            Description = "Finds feature requests; anybody may file one.",
            // The portal writes these; title and body are a stranger's.
            ResultMetadata = ["id", "author", "votes"],
        },
        new(Agent, "execute_sql", [new(Tag.SensitiveData)]) { Description = "Runs SQL on the product database, which holds customers' data.", FreeText = ["sql"] },
        // The whole world reads a comment: there is no destination that a user could vouch for by naming a request.
        new(Agent, "post_comment", [new(Tag.ExternalCommunication)]) { Description = "Posts a comment that the whole world can read.", FreeText = ["body"] },
        new(Agent, "send_email", [new(Tag.ExternalCommunication)]) { Description = "Sends an e-mail to anybody.", Destinations = ["to"], FreeText = ["subject", "body"] },
    ];

    /// <summary>Begins to play against the server at <paramref name="address"/>, until the program stops.</summary>
    public void Start(string address) => _ = Task.Run(() => PlayAsync(address, lifetime.ApplicationStopping));

    private async Task PlayAsync(string address, CancellationToken stopping)
    {
        try
        {
            var database = new DemoDatabase(data);
            using var http = new HttpClient { BaseAddress = new Uri(address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal)) };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await RegisterAsync(stopping));
            var agent = new DemoAgent(http, database);
            LogPlaying(logger);
            for (var round = 0; !stopping.IsCancellationRequested; round++)
            {
                var (kind, user, words) = Conversations[round % Conversations.Length];
                try { await agent.ConverseAsync($"{kind}-{DateTime.UtcNow:HHmmss}", user, words, TimeSpan.FromMilliseconds(900), stopping); }
                catch (HttpRequestException e) { LogRefused(logger, e.Message); }
                await Task.Delay(TimeSpan.FromSeconds(2), stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The program stops.
        }
        catch (Exception e)
        {
            LogFailed(logger, e);
        }
    }

    /// <summary>Registers the agent as a person would, and gives it a key of its own.</summary>
    private async Task<string> RegisterAsync(CancellationToken stopping)
    {
        await actions.SaveAgentAsync(Registrar, new AgentDefinition
        {
            Id = Agent,
            Name = "Product management portal",
            Description = "Answers product managers' questions about feature requests.",
            Owner = "product@example.com",
        }, stopping);
        foreach (var tool in Tools) await actions.SaveToolAsync(Registrar, tool, stopping);
        // The keys of earlier demos are of no use to anybody.
        foreach (var old in actions.Keys(Agent).Where(k => k is { Name: "demo", RevokedAt: null })) await actions.RevokeKeyAsync(Registrar, Agent, old.Id, stopping);
        return (await actions.CreateKeyAsync(Registrar, Agent, "demo", null, stopping)).Key;
    }

    [LoggerMessage(EventId = 9001, Level = LogLevel.Information, Message = "The demo plays: the agent pm-portal works in a loop until the program stops")]
    private static partial void LogPlaying(ILogger logger);

    [LoggerMessage(EventId = 9002, Level = LogLevel.Warning, Message = "The demo's agent was refused and goes on: {Why}")]
    private static partial void LogRefused(ILogger logger, string why);

    [LoggerMessage(EventId = 9003, Level = LogLevel.Error, Message = "The demo ended")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

internal static class DemoServices
{
    public static void AddDemo(this IServiceCollection services) => services.AddSingleton<DemoHost>();
}
