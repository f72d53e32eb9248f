using AgentMonitor.Web.Ledger;

namespace AgentMonitor.Web.Components.Pages.Sessions;

/// <summary>A user of a session, as the newest call named them.</summary>
/// <param name="Id">Who. Untrusted text unless verified.</param>
/// <param name="Verified">True when a validated token said so; null when it is not known, because the call is too old to be shown.</param>
/// <param name="Roles">Their roles.</param>
public sealed record SessionUser(string Id, bool? Verified, IReadOnlyList<string> Roles);

/// <summary>What a story says of the people in it.</summary>
public static class SessionFacts
{
    /// <summary>The users of a session, with how each was known when last named.</summary>
    /// <param name="known">Ids that the session remembers.</param>
    /// <param name="story">The session's story.</param>
    public static IReadOnlyList<SessionUser> Users(IReadOnlyList<string> known, IReadOnlyList<StoryItem> story)
    {
        var last = new Dictionary<string, UserData>(StringComparer.Ordinal);
        foreach (var item in story)
            foreach (var user in item switch { CallItem call => call.Data.Users, WordsItem words => words.Users, _ => [] })
                last[user.Id] = user;
        return [.. known.Concat(last.Keys).Distinct(StringComparer.Ordinal)
            .Select(id => last.TryGetValue(id, out var user) ? new SessionUser(id, user.Verified, user.Roles) : new SessionUser(id, null, []))];
    }
}
