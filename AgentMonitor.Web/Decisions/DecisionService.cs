using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Redaction;
using AgentMonitor.Core.Sessions;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Approvals;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Sessions;
using AgentMonitor.Web.Storage;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Decisions;

/// <summary>
/// Decides on tool calls and model calls. The one place where a call can become allowed, whatever transport asked.
/// </summary>
public sealed class DecisionService(
    ControlRoom control, SessionRoom sessions, LedgerWriter writer, LedgerReader reader, StateStore store, ApprovalDesk approvals,
    ToolObserver tools, SessionOrigins origins, AgentCalls agentCalls, IOptions<MonitorOptions> options, TimeProvider clock)
{
    /// <summary>How often a session's last activity is written when nothing else of it changes.</summary>
    private static readonly TimeSpan TouchInterval = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Decides on a tool call:
    /// <list type="number">
    /// <item>the caller was authenticated: <paramref name="agentId"/> is who the credential says;</item>
    /// <item>the request was validated;</item>
    /// <item>take the snapshot, and</item>
    /// <item>take the session: its turn first, so that a call which waited for it does not decide on an older snapshot;</item>
    /// <item>evaluate, pure and synchronous;</item>
    /// <item>add labels, if allowed;</item>
    /// <item>record the decision and the labels in one transaction, and only then answer;</item>
    /// <item>publish to the live feed: the writer does, after the commit.</item>
    /// </list>
    /// The same call id with the same tool and arguments gets the same decision again, except that a recorded allow does not outlive a
    /// switch: while one holds, the call is denied (docs/decisions/0006).
    /// </summary>
    /// <exception cref="RefusedException">409 when the call id was used for another call or the session has ended; 503 when the decision could not be recorded.</exception>
    public async Task<(DecisionRecord Record, ImmutableArray<string> Labels)> DecideAsync(string agentId, ToolCallRequest request, CancellationToken cancellationToken)
    {
        var key = new SessionKey(agentId, request.Session.Id);
        var arguments = Redactor.Arguments(request.Arguments);
        var prompt = request.Prompt is null ? null : Redactor.Text(request.Prompt);
        var parents = FindParents(request.Session);
        var originKey = origins.KeyOf(key);
        var said = origins.Prompt(originKey, request.Prompt, request.Users, clock.GetUtcNow());
        agentCalls.Prepare(agentId);

        // 4. The session's turn. It is passed on when the commit has ended, not when the caller has lost patience.
        var turn = await sessions.TakeAsync(key, cancellationToken).ConfigureAwait(false);
        var handedOver = false;
        try
        {
            if (request.CallId is { } callId && Known(turn, key, callId) is { } known)
            {
                if (known.Digest != ToolCallDigest.Of(request.Tool, request.ArgumentsDigest))
                    throw new RefusedException(409, "call-id-conflict", "this call id was used in this session for another tool or other arguments") { Member = "/callId" };
                var earlier = await FindAsync(known.DecisionId, cancellationToken).ConfigureAwait(false)
                    ?? throw new RefusedException(503, "ledger-unavailable", "the earlier decision under this call id could not be read") { RetryAfter = TimeSpan.FromSeconds(1) };
                // What was allowed before a switch came into force is not allowed again while it holds: it is decided anew, and denied.
                if (earlier.Decision != "allow" || !IsSwitchedOff(key, request)) return (earlier, turn.State?.LabelNames ?? []);
            }

            await writer.ReserveAsync(cancellationToken).ConfigureAwait(false);
            Task commit;
            SessionState state;
            DecisionRecord record;
            DateTimeOffset? savedAt;
            DateTimeOffset decidedAt;
            ApprovalRow? approval = null;
            var placeUsed = false;
            try
            {
                lock (control.Gate)
                {
                    // 3. The snapshot, and the one clock reading.
                    var snapshot = control.Current;
                    var now = decidedAt = clock.GetUtcNow();
                    var agent = AgentOf(snapshot, agentId);
                    List<StateChange> changes = [];
                    var before = SessionOrigins.Add(Begin(turn.State, key, request.Session, request.Users, parents, now), said, changes);
                    var tool = snapshot.FindTool(agentId, request.Tool) ?? new ToolDefinition(agentId, request.Tool, null);

                    // 5. Evaluate.
                    var facts = Facts(agent, request.Users, before, tool, request.Arguments, now, originKey, turn, agentCalls);
                    var started = Stopwatch.GetTimestamp();
                    var verdict = DecisionEngine.Evaluate(snapshot, facts);
                    var micros = (long)Stopwatch.GetElapsedTime(started).TotalMicroseconds;

                    // 6. Add labels.
                    var id = Guid.CreateVersion7(now).ToString("N");
                    state = DecisionEngine.AddLabels(before, verdict, id, request.Tool, now);
                    state = SessionOrigins.Add(state, SessionOrigins.Written(originKey, verdict, facts, id), changes);
                    if (verdict.Outcome == DecisionOutcome.Allow) agentCalls.Of(agentId).Add(request.Tool, now);

                    // 7. Record.
                    var told = Explanation.ForAgent(verdict, facts);
                    if (verdict.Outcome == DecisionOutcome.Pending) approval = approvals.Ask(id, key, request, arguments, told.Message, now);
                    record = new()
                    {
                        Id = id,
                        Session = key,
                        Tool = request.Tool,
                        Decision = Wire.Word(verdict.Outcome),
                        Reason = Wire.Word(verdict.Outcome == DecisionOutcome.Pending ? ReasonCode.Approval : verdict.Code),
                        Message = told.Message,
                        Advice = told.Advice,
                        ApprovalId = approval?.Id,
                        ApprovalExpiresAt = approval is null ? null : LedgerChain.FromMicroseconds(approval.ExpiresAt),
                        PolicyRevision = snapshot.Policy.Revision,
                        EvaluationMicros = micros,
                    };
                    var entry = Entry(record, request, verdict, facts, turn.State, state, arguments, prompt, now);
                    savedAt = !ReferenceEquals(state, turn.State) || now - turn.SavedAt > TouchInterval ? now : null;
                    if (savedAt is not null) changes.Add(new StateChange.SaveSession(state, now));
                    if (approval is not null) changes.Add(new StateChange.SaveApproval(approval));
                    commit = writer.Enqueue([entry], changes);
                    placeUsed = true;
                }
            }
            finally
            {
                if (!placeUsed) writer.Release();
            }

            handedOver = true;
            var settled = SettleAsync(turn, commit, state, savedAt, request, record, approval, decidedAt);
            // While the commit runs: nothing waits for it.
            if (record.Decision == "allow") origins.Hold(record.Id, originKey, request.Arguments, arguments);
            tools.ObserveCall(control.Current, agentId, request.Tool, request.Arguments);
            await AwaitCommitAsync(settled).ConfigureAwait(false);
            return (record, state.LabelNames);
        }
        finally
        {
            if (!handedOver) turn.Dispose();
        }
    }

    /// <summary>Filters the tools of a model call. Evaluated afresh each time: what was switched off since is hidden.</summary>
    public async Task<(string DecisionId, ModelCallVerdict Verdict, ImmutableArray<string> Labels)> FilterAsync(string agentId, ModelCallRequest request, CancellationToken cancellationToken)
    {
        var key = new SessionKey(agentId, request.Session.Id);
        var prompt = request.Prompt is null ? null : Redactor.Text(request.Prompt);
        var parents = FindParents(request.Session);
        var said = origins.Prompt(origins.KeyOf(key), request.Prompt, request.Users, clock.GetUtcNow());
        ModelCallVerdict? verdict = null;
        var id = "";
        var state = await RecordAsync(key, (snapshot, before, now) =>
        {
            var agent = AgentOf(snapshot, agentId);
            var session = Begin(before, key, request.Session, request.Users, parents, now);
            var offered = new List<ToolDefinition>(request.Tools.Length);
            foreach (var tool in request.Tools)
            {
                tools.ObserveOffer(snapshot, agentId, tool);
                offered.Add(snapshot.FindTool(agentId, tool.Name) ?? new ToolDefinition(agentId, tool.Name, null));
            }
            verdict = ModelCallFilter.Evaluate(snapshot, agent, request.Users, session, offered, now);
            id = Guid.CreateVersion7(now).ToString("N");
            return (session, new LedgerEntry
            {
                At = now,
                Kind = LedgerKind.ModelCall,
                Agent = agentId,
                Session = key.Id,
                Users = [.. request.Users.Select(u => u.Id)],
                CallId = request.CallId,
                DecisionId = id,
                Decision = Wire.Word(verdict.Outcome),
                Reason = Wire.Word(verdict.Code),
                Rules = [.. verdict.Filtered.Select(f => f.RuleId).OfType<string>().Distinct(StringComparer.Ordinal)],
                PolicyRevision = snapshot.Policy.Revision,
                Data = JsonSerializer.Serialize(new ModelCallData
                {
                    Prompt = prompt,
                    Users = Users(request.Users),
                    Tools = verdict.Tools,
                    Filtered = [.. verdict.Filtered.Select(f => new FilteredData(f.Tool, f.Code, f.Message, f.RuleId))],
                    Labels = session.LabelNames,
                }, LedgerJson.Readable.ModelCallData),
            });
        }, cancellationToken, told: said).ConfigureAwait(false);
        return (id, verdict!, state.LabelNames);
    }

    /// <summary>Records a tool's result. A second report for the same decision can only add labels.</summary>
    public async Task<(SessionKey Session, ImmutableArray<string> Labels)> ReportAsync(string agentId, string decisionId, ToolResultRequest request, CancellationToken cancellationToken)
    {
        var entries = await reader.DecisionAsync(decisionId, cancellationToken).ConfigureAwait(false);
        var record = DecisionRecord.From(entries);
        if (record is null || record.Session.Agent != agentId) throw NoSuchDecision();
        if (record.Decision != "allow") throw new RefusedException(409, "not-allowed", "this call was not allowed, so it has no result to report");
        if (request.FromSession is { } named)
        {
            DemandAgent(control.Current, named, "/fromSession/agent");
            if (named == record.Session) throw new RefusedException(400, "own-parent", "a session cannot receive its own output") { Member = "/fromSession" };
        }
        var from = request.FromSession is { } key ? sessions.Find(key) ?? SessionState.New(key, clock.GetUtcNow()) : null;
        // A repeated report is recorded only if it says something new about the session: what it says must not be lost either.
        if (entries.Any(e => e.Kind == LedgerKind.ToolResult) && sessions.Find(record.Session) is { } current
            && request.Labels.All(current.Has) && (from is null || current.Parents.Contains(from.Key) && from.Labels.All(l => current.Has(l.Label)))) return (record.Session, current.LabelNames);
        if (request.Status == "ok") tools.ObserveResult(control.Current, agentId, record.Tool, request.Content);
        // What is reported twice is read once: a second report can only add labels.
        var told = entries.Any(e => e.Kind == LedgerKind.ToolResult) ? null : ReadResult(record, entries[0], request, from);
        var state = await RecordAsync(record.Session, (snapshot, before, now) =>
        {
            var session = before ?? SessionState.New(record.Session, now);
            var after = session.WithLabels(request.Labels.Select(l => new LabelEvidence(l, LabelSource.Result, now, decisionId, record.Tool, null, [])));
            DemandTaken(after, request.Labels);
            if (from is not null) after = after.LinkedTo(from);
            return (after, new LedgerEntry
            {
                At = now,
                Kind = LedgerKind.ToolResult,
                Agent = agentId,
                Session = record.Session.Id,
                Tool = record.Tool,
                DecisionId = decisionId,
                PolicyRevision = snapshot.Policy.Revision,
                Data = JsonSerializer.Serialize(new ToolResultData
                {
                    Status = request.Status,
                    DurationMs = request.DurationMs,
                    ContentBytes = request.ContentBytes,
                    LabelsAdded = Added(session, after),
                    FromSession = request.FromSession?.ToString(),
                    Values = told?.Hashes.Length ?? 0,
                }, LedgerJson.Readable.ToolResultData),
            });
        }, cancellationToken, endedToo: true, told: told).ConfigureAwait(false);
        return (record.Session, state.LabelNames);
    }

    /// <summary>The values that a result names. They are trusted only if nothing says that third parties may have written in it.</summary>
    private OriginBatch? ReadResult(DecisionRecord record, LedgerEntry call, ToolResultRequest request, SessionState? from)
    {
        var data = LedgerText.ToolCall(call);
        var tool = control.Current.FindTool(record.Session.Agent, record.Tool) ?? new ToolDefinition(record.Session.Agent, record.Tool, null);
        var untrusted = data.Tags.Contains(Tag.UntrustedContent) || tool.TagsFor(data.Arguments, out _).Contains(Tag.UntrustedContent)
            || request.Labels.Contains(Tag.UntrustedContent) || from?.Has(Tag.UntrustedContent) == true;
        return origins.Result(origins.KeyOf(record.Session), record, tool, data.Arguments, request.Content, untrusted, clock.GetUtcNow());
    }

    /// <summary>The facts of a call. Under the gate: the agent's calls are counted there.</summary>
    internal static CallFacts Facts(AgentDefinition agent, ImmutableArray<ActingUser> users, SessionState session, ToolDefinition tool, JsonElement arguments, DateTimeOffset now,
        OriginKey key, SessionRoom.Turn turn, AgentCalls agentCalls, bool approved = false) => new()
    {
        Agent = agent,
        Users = users,
        Session = session,
        Tool = tool,
        Arguments = arguments,
        Now = now,
        OriginKey = key,
        Evidence = new CallEvidence(agent, session, tool.TagsFor(arguments, out _), key, turn.Times, agentCalls.Of(agent.Id)),
        Approved = approved,
    };

    /// <summary>Adds labels that the agent states. An agent can never remove one.</summary>
    public async Task<ImmutableArray<string>> AddLabelsAsync(string agentId, string sessionId, ImmutableArray<string> labels, string? why, CancellationToken cancellationToken)
    {
        var key = new SessionKey(agentId, sessionId);
        var words = why is null ? null : Redactor.Text(why, 500);
        var state = await RecordAsync(key, (snapshot, before, now) =>
        {
            var session = before ?? SessionState.New(key, now);
            var after = session.WithLabels(labels.Select(l => new LabelEvidence(l, LabelSource.Agent, now, null, null, words, [])));
            DemandTaken(after, labels);
            return (after, SessionEntry(key, now, snapshot, LedgerText.Action("labels-added", $"{agentId} said that the session carries {string.Join(", ", labels)}.", words, Added(session, after))));
        }, cancellationToken).ConfigureAwait(false);
        return state.LabelNames;
    }

    /// <summary>Ends a session: its id cannot be used again, so its labels cannot be escaped by coming back.</summary>
    public async Task EndAsync(string agentId, string sessionId, CancellationToken cancellationToken)
    {
        var key = new SessionKey(agentId, sessionId);
        if (sessions.Find(key) is not { } known) throw new RefusedException(404, "no-such-session", "this agent has no session with that id");
        if (known.EndedAt is not null) return;
        await RecordAsync(key, (snapshot, before, now) => ((before ?? known) with { EndedAt = now },
            SessionEntry(key, now, snapshot, LedgerText.Action("ended", $"{agentId} ended the session."))), cancellationToken, endedToo: true).ConfigureAwait(false);
    }

    /// <summary>An operator clears a label.</summary>
    internal async Task ClearLabelAsync(string actor, SessionKey key, string label, string reason, CancellationToken cancellationToken)
    {
        if (sessions.Find(key) is not { } known) throw new RefusedException(404, "no-such-session", "there is no such session");
        if (!known.Has(label)) throw new RefusedException(404, "no-such-label", $"the session does not carry `{label}`");
        await RecordAsync(key, (snapshot, before, now) => ((before ?? known).WithoutLabel(label),
            SessionEntry(key, now, snapshot, LedgerText.Action("label-cleared", $"{actor} cleared {label}.", reason, [label])) with { Actor = actor }), cancellationToken, endedToo: true).ConfigureAwait(false);
    }

    /// <summary>A decision as it stands now; null when there is none with that id.</summary>
    public async Task<DecisionRecord?> FindAsync(string decisionId, CancellationToken cancellationToken) =>
        DecisionRecord.From(await reader.DecisionAsync(decisionId, cancellationToken).ConfigureAwait(false));

    /// <summary>The refusal for a decision that does not exist or belongs to another agent: which of the two is nobody's business.</summary>
    public static RefusedException NoSuchDecision() => new(404, "no-such-decision", "there is no decision with that id for this credential");

    /// <summary>Takes a session's turn, lets <paramref name="change"/> make its new state and the entry about it, commits both.</summary>
    private async Task<SessionState> RecordAsync(
        SessionKey key, Func<ControlSnapshot, SessionState?, DateTimeOffset, (SessionState State, LedgerEntry Entry)> change, CancellationToken cancellationToken, bool endedToo = false, OriginBatch? told = null)
    {
        var turn = await sessions.TakeAsync(key, cancellationToken).ConfigureAwait(false);
        var handedOver = false;
        try
        {
            if (!endedToo) DemandOpen(turn.State);
            await writer.ReserveAsync(cancellationToken).ConfigureAwait(false);
            Task commit;
            SessionState state;
            DateTimeOffset? savedAt;
            var placeUsed = false;
            try
            {
                lock (control.Gate)
                {
                    var now = clock.GetUtcNow();
                    (state, var entry) = change(control.Current, turn.State, now);
                    List<StateChange> changes = [];
                    state = SessionOrigins.Add(state, told, changes);
                    savedAt = !ReferenceEquals(state, turn.State) || now - turn.SavedAt > TouchInterval ? now : null;
                    if (savedAt is not null) changes.Add(new StateChange.SaveSession(state, now));
                    commit = writer.Enqueue([entry], changes);
                    placeUsed = true;
                }
            }
            finally
            {
                if (!placeUsed) writer.Release();
            }
            handedOver = true;
            await AwaitCommitAsync(SettleAsync(turn, commit, state, savedAt, null, null, null)).ConfigureAwait(false);
            return state;
        }
        finally
        {
            if (!handedOver) turn.Dispose();
        }
    }

    /// <summary>Sees a commit to its end, whether or not anybody waits, and passes the session's turn on.</summary>
    private async Task SettleAsync(SessionRoom.Turn turn, Task commit, SessionState state, DateTimeOffset? savedAt, ToolCallRequest? request, DecisionRecord? record, ApprovalRow? approval, DateTimeOffset decidedAt = default)
    {
        try
        {
            await commit.ConfigureAwait(false);
            turn.Committed(state, savedAt);
            if (record is { Decision: "allow" }) turn.Times.Add(record.Tool, decidedAt);
            if (request?.CallId is { } callId) turn.Calls.Add(callId, new(record!.Id, ToolCallDigest.Of(request.Tool, request.ArgumentsDigest)));
        }
        catch
        {
            turn.Invalidate();
            if (approval is not null) approvals.Forget(approval.Id);
            throw;
        }
        finally { turn.Dispose(); }
    }

    /// <summary>Waits for a commit as long as a client can be expected to; what it waits for goes on behind it.</summary>
    private async Task AwaitCommitAsync(Task settled)
    {
        try { await settled.WaitAsync(options.Value.Storage.QueueTimeout, clock, CancellationToken.None).ConfigureAwait(false); }
        catch (TimeoutException)
        {
            _ = settled.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw new RefusedException(503, "ledger-busy", "the decision was not recorded in time; treat the call as refused") { RetryAfter = TimeSpan.FromSeconds(1) };
        }
    }

    private bool IsSwitchedOff(SessionKey key, ToolCallRequest request)
    {
        var now = clock.GetUtcNow();
        var snapshot = control.Current;
        return (snapshot.StopOf(key, request.Users, now) ?? snapshot.DisabledTool(key.Agent, request.Tool, now)) is not null;
    }

    private KnownCall? Known(SessionRoom.Turn turn, SessionKey key, string callId)
    {
        if (turn.Calls.Find(callId) is { } known) return known;
        return !turn.Calls.IsComplete && store.Call(key, callId) is { } stored ? new(stored.DecisionId, stored.Digest) : null;
    }

    private List<SessionState> FindParents(SessionRequest request)
    {
        if (request.Parents.IsEmpty) return [];
        var snapshot = control.Current;
        var found = new List<SessionState>(request.Parents.Length);
        for (var i = 0; i < request.Parents.Length; i++)
        {
            var parent = request.Parents[i];
            DemandAgent(snapshot, parent, $"/session/parents/{i}/agent");
            // A parent that has not asked yet has no labels yet; they arrive when it is named again.
            found.Add(sessions.Find(parent) ?? SessionState.New(parent, clock.GetUtcNow()));
        }
        return found;
    }

    // A session of an agent that nobody registered cannot be looked up, so what it has read is unknown: better no answer.
    private static void DemandAgent(ControlSnapshot snapshot, SessionKey key, string member)
    {
        if (!snapshot.Agents.ContainsKey(key.Agent)) throw new RefusedException(400, "unknown-agent", $"`{key.Agent}` is not a registered agent") { Member = member };
    }

    private static AgentDefinition AgentOf(ControlSnapshot snapshot, string agent) =>
        snapshot.Agents.GetValueOrDefault(agent) ?? throw new RefusedException(401, "unknown-credential", "the agent of this credential is not registered any more");

    private static void DemandOpen(SessionState? state)
    {
        if (state?.EndedAt is not null) throw new RefusedException(409, "session-ended", "this session was ended; use a new session id") { Member = "/session/id" };
    }

    /// <summary>The session as it is when the call is decided: with what it inherits from its parents.</summary>
    private static SessionState Begin(SessionState? state, SessionKey key, SessionRequest request, ImmutableArray<ActingUser> users, List<SessionState> parents, DateTimeOffset now)
    {
        DemandOpen(state);
        var session = (state ?? SessionState.New(key, now)).WithUsers(users);
        foreach (var parent in parents)
        {
            if (parent.Key == key) throw new RefusedException(400, "own-parent", "a session cannot be its own parent") { Member = "/session/parents" };
            session = session.LinkedTo(parent);
        }
        return session.WithGrants(request.Grants);
    }

    // A label that is not kept must not look as if it were.
    private static void DemandTaken(SessionState state, ImmutableArray<string> labels)
    {
        if (!labels.All(state.Has)) throw new RefusedException(409, "too-many-labels", $"a session takes at most {SessionState.MaxLabels} labels from its agent; none of these was added") { Member = "/labels" };
    }

    private static LedgerEntry SessionEntry(SessionKey key, DateTimeOffset now, ControlSnapshot snapshot, string data) => new()
    {
        At = now,
        Kind = LedgerKind.Session,
        Agent = key.Agent,
        Session = key.Id,
        PolicyRevision = snapshot.Policy.Revision,
        Data = data,
    };

    private static LedgerEntry Entry(
        DecisionRecord record, ToolCallRequest request, Verdict verdict, in CallFacts facts, SessionState? stored, SessionState after, string arguments, string? prompt, DateTimeOffset now)
    {
        var explained = verdict.Outcome == DecisionOutcome.Allow ? null : Explanation.ForOperator(verdict, facts);
        var session = facts.Session;
        using var redacted = JsonDocument.Parse(arguments);
        return new()
        {
            At = now,
            Kind = LedgerKind.ToolCall,
            Agent = record.Session.Agent,
            Session = record.Session.Id,
            Users = [.. request.Users.Select(u => u.Id)],
            Tool = request.Tool,
            CallId = request.CallId,
            DecisionId = record.Id,
            ArgumentsDigest = request.ArgumentsDigest,
            Decision = record.Decision,
            Reason = record.Reason,
            Rules = Rules(verdict),
            PolicyRevision = record.PolicyRevision,
            Data = JsonSerializer.Serialize(new ToolCallData
            {
                Arguments = redacted.RootElement,
                Prompt = prompt,
                Users = Users(request.Users),
                Tags = verdict.Tags,
                Classified = facts.Tool.IsClassified,
                Message = record.Message,
                Advice = record.Advice,
                Sentence = explained?.Sentence,
                Counterfactual = explained?.Counterfactual,
                Evidence = explained is null ? [] : [.. explained.Evidence.Select(EvidenceData.From)],
                Matched = Matches(verdict.Matched.AddRange(verdict.Errors)),
                Shadow = Matches(verdict.Shadow),
                Destinations = DestinationData.From(verdict.Destinations, facts),
                Unvouched = verdict.Destinations?.IsUnvouched,
                Labels = after.LabelNames,
                LabelsAdded = Added(session, after),
                Linked = session.Parents.Length > (stored?.Parents.Length ?? 0) ? [.. session.Parents.Skip(stored?.Parents.Length ?? 0).Select(p => p.ToString())] : [],
                ApprovalId = record.ApprovalId,
                ApprovalExpiresAt = record.ApprovalExpiresAt,
                EvaluationMicros = record.EvaluationMicros,
            }, LedgerJson.Readable.ToolCallData),
        };
    }

    internal static ImmutableArray<string> Rules(Verdict verdict)
    {
        if (verdict.Matched.IsEmpty) return [];
        var deciding = verdict.DecidingRule;
        var rules = ImmutableArray.CreateBuilder<string>(verdict.Matched.Length);
        if (deciding is not null) rules.Add(deciding.Document.Id);
        foreach (var match in verdict.Matched)
            if (match.Rule != deciding) rules.Add(match.Rule.Document.Id);
        return rules.ToImmutable();
    }

    internal static IReadOnlyList<string> Added(SessionState before, SessionState after) =>
        ReferenceEquals(before, after) ? [] : [.. after.Labels.Select(l => l.Label).Except(before.Labels.Select(l => l.Label), StringComparer.Ordinal)];

    private static IReadOnlyList<UserData> Users(ImmutableArray<ActingUser> users) => users.IsEmpty ? [] : [.. users.Select(u => new UserData(u.Id, u.Verified, u.Roles))];

    private static IReadOnlyList<MatchData> Matches(ImmutableArray<RuleMatch> matches) =>
        matches.IsEmpty ? [] : [.. matches.Select(m => new MatchData(m.Rule.Document.Id, m.Rule.Document.Name, Wire.Word(m.Rule.Document.Effect), m.Error))];
}
