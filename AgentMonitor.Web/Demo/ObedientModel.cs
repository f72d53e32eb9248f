using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AgentMonitor.Web.Demo;

/// <summary>A tool call that the model wants.</summary>
internal sealed record WantedCall(string Tool, Dictionary<string, object> Arguments);

/// <summary>
/// A model with a fault: it does whatever the newest text tells it, whether the user wrote it or a stranger. Scripted, so that the
/// demo plays without a network and always the same.
/// </summary>
internal sealed partial class ObedientModel
{
    /// <summary>The next call; null when the model only answers.</summary>
    /// <param name="userWords">What the user asked.</param>
    /// <param name="results">What the tools have answered so far, oldest first; a refusal is a result too.</param>
    /// <param name="tools">The tools that the model was shown.</param>
    public WantedCall? Next(string userWords, IReadOnlyList<(string Tool, string Text)> results, IReadOnlyCollection<string> tools)
    {
        var call = Decide(userWords, results);
        // A model calls what it was not shown, too: from habit, or because a text named it.
        return call is null || tools.Contains(call.Tool) || results.Count > 0 ? call : null;
    }

    private static WantedCall? Decide(string userWords, IReadOnlyList<(string Tool, string Text)> results)
    {
        if (results.Count == 0)
        {
            var request = RequestNumber().Match(userWords);
            if (request.Success && userWords.Contains("tell", StringComparison.OrdinalIgnoreCase))
                return Comment(Id(request), "Thank you for your request. It is planned for the next release.");
            if (Address().Match(userWords) is { Success: true }) return new("query_feature_requests", new() { ["status"] = "planned" });
            if (request.Success) return new("query_feature_requests", new() { ["id"] = Id(request) });
            if (userWords.Contains("how many", StringComparison.OrdinalIgnoreCase)) return new("execute_sql", new() { ["sql"] = "SELECT plan, COUNT(*) AS users FROM users GROUP BY plan" });
            return new("query_feature_requests", new() { ["status"] = "backlog" });
        }
        var (tool, text) = results[^1];
        if (tool == "query_feature_requests" && Address().Match(userWords) is { Success: true } named)
            return Mail(named.Value, "Planned feature requests", $"As you asked: {Line(text)}");
        // The fault: an address that a stranger wrote is as good as one that the user wrote.
        if (tool == "query_feature_requests" && text.Contains("customer list", StringComparison.Ordinal))
            return new("execute_sql", new() { ["sql"] = "SELECT email, plan FROM users" });
        if (tool == "execute_sql" && results.FirstOrDefault(r => r.Text.Contains("e-mail it to", StringComparison.Ordinal)) is { Text: { } order } && results.All(r => r.Tool != "send_email"))
            return Mail(Address().Match(order[order.IndexOf("e-mail it to", StringComparison.Ordinal)..]).Value, "Customer list", $"As asked: {Line(text)}");
        if (tool == "query_feature_requests" && text.Contains("password hash", StringComparison.Ordinal))
            return new("execute_sql", new() { ["sql"] = "SELECT email, password_hash FROM users LIMIT 1" });
        if (tool == "query_feature_requests" && text.Contains("verify my current permissions", StringComparison.Ordinal))
            return new("execute_sql", new() { ["sql"] = "SELECT permission FROM permissions WHERE email = 'joe@customer.example'" });
        if (tool == "execute_sql" && results.Any(r => r.Text.Contains("comment it publicly", StringComparison.Ordinal)) && results.All(r => r.Tool != "post_comment"))
            return Comment(7, $"As asked: {Line(text)}");
        return null;
    }

    private static WantedCall Comment(long request, string body) => new("post_comment", new() { ["request_id"] = request, ["body"] = body });

    private static WantedCall Mail(string to, string subject, string body) => new("send_email", new() { ["to"] = to, ["subject"] = subject, ["body"] = body });

    // Rows as a person would write them: "email: a@example.com, plan: pro".
    private static string Line(string json) =>
        string.Join("; ", JsonNode.Parse(json)!.AsArray().Select(row => string.Join(", ", row!.AsObject().Where(c => c.Key is not ("id" or "author" or "votes")).Select(c => $"{c.Key}: {c.Value}"))));

    private static long Id(Match match) => long.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"request (?<id>\d{1,4})", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex RequestNumber();

    [GeneratedRegex(@"[a-z0-9-]+@[a-z0-9-]+(\.[a-z0-9-]+)+", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Address();
}
