using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Redaction;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Sessions;
using AgentMonitor.Web.Storage;

namespace AgentMonitor.Web.Decisions;

/// <summary>
/// Reads what is reported to a session into its origins. Texts are scanned before the session's turn is taken, so that nobody waits for it;
/// nothing of them is kept but salted hashes.
/// </summary>
public sealed class SessionOrigins(OriginKeys keys, HeldArguments held)
{
    /// <summary>Longest detail of a source, such as a file name, in characters.</summary>
    private const int MaxDetail = 80;

    /// <summary>The key of a session.</summary>
    public OriginKey KeyOf(SessionKey session) => keys.Of(session);

    /// <summary>What a user said; null when nothing was said.</summary>
    public OriginBatch? Prompt(OriginKey key, string? words, ImmutableArray<ActingUser> users, DateTimeOffset at) => string.IsNullOrWhiteSpace(words) ? null
        : OriginBatch.Of(new(at, null, null, users.IsEmpty ? null : Redactor.Cut(string.Join(", ", users.Select(u => u.Id)), MaxDetail)), OriginReader.Prompt(key, words));

    /// <summary>What a tool returned; null when no content was reported.</summary>
    /// <param name="key">The session's key.</param>
    /// <param name="decision">The call.</param>
    /// <param name="tool">The tool as it is classified now.</param>
    /// <param name="arguments">The call's redacted arguments.</param>
    /// <param name="content">The result.</param>
    /// <param name="untrusted">True when third parties may have written in it.</param>
    /// <param name="at">When it was reported.</param>
    public OriginBatch? Result(OriginKey key, DecisionRecord decision, ToolDefinition tool, JsonElement arguments, JsonElement content, bool untrusted, DateTimeOffset at)
    {
        if (content.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) return null;
        // What was masked or cut for the ledger is known only while the call is in flight; later, what the result repeats of it cannot be told.
        var own = held.Take(decision.Id) ?? (Redactor.IsAltered(arguments.GetRawText()) ? null : OriginReader.Arguments(key, arguments));
        return OriginBatch.Of(new(at, decision.Id, tool.Name, Detail(tool, arguments)), OriginReader.Result(key, content, tool, untrusted, own));
    }

    /// <summary>Remembers what an allowed call's arguments say until its result is reported.</summary>
    public void Hold(string decisionId, OriginKey key, JsonElement arguments, string redacted) => held.Keep(decisionId, key, arguments, redacted);

    /// <summary>What an allowed call wrote into a system after untrusted content was read; null when that says nothing new.</summary>
    public static OriginBatch? Written(OriginKey key, Verdict verdict, in CallFacts facts, string decisionId)
    {
        if (verdict.Outcome != DecisionOutcome.Allow || !facts.Session.Has(Tag.UntrustedContent) || Tag.CapabilitiesOf(verdict.Tags).IsEmpty) return null;
        var written = OriginReader.Written(key, facts.Arguments, facts.Session.Origins);
        return written.Count == 0 ? null : OriginBatch.Of(new(facts.Now, decisionId, facts.Tool.Name, null), written);
    }

    /// <summary>Adds a batch to a session.</summary>
    public static SessionState Add(SessionState state, OriginBatch? batch, List<StateChange> changes)
    {
        if (batch is null) return state;
        var origins = state.Origins.Add(batch, out var added);
        if (added is not null) changes.Add(new StateChange.SaveOrigins(state.Key, added));
        return ReferenceEquals(origins, state.Origins) ? state : state with { Origins = origins };
    }

    // What a reader of a denial knows the result by: the file that was read, the page, the mailbox.
    private static string? Detail(ToolDefinition tool, JsonElement arguments)
    {
        if (arguments.ValueKind != JsonValueKind.Object) return null;
        string? first = null;
        foreach (var member in arguments.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.String || member.Value.GetString() is not { Length: > 0 and <= MaxDetail } text) continue;
            if (tool.IsDestination(member.Name)) return text;
            first ??= text;
        }
        return first;
    }
}
