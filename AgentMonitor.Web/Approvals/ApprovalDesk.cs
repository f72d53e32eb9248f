using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Core.Redaction;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Decisions;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Sessions;
using AgentMonitor.Web.Storage;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Approvals;

/// <summary>
/// Calls that wait for a person. Each ends once, in one of four ways: approved, rejected, expired, cancelled by a switch. An
/// approval holds for exactly the call that was asked, and the call is decided again when it is given: what was quarantined or
/// denied meanwhile stays so.
/// </summary>
public sealed class ApprovalDesk(
    ControlRoom control, SessionRoom sessions, LedgerWriter writer, StateStore store, SessionOrigins origins, AgentCalls agentCalls, IOptions<MonitorOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);

    /// <summary>Reads what waits from the store.</summary>
    public void Load()
    {
        foreach (var row in store.PendingApprovals()) _waiting[row.Id] = new(row);
    }

    /// <summary>What waits, oldest first.</summary>
    public IReadOnlyList<ApprovalView> Pending() => [.. _waiting.Values.OrderBy(w => w.Row.AskedAt).Select(w => View(w.Row))];

    /// <summary>How many wait for which <paramref name="target"/> would end them.</summary>
    public int Count(SwitchTarget target) => _waiting.Values.Count(w => IsHit(target, w));

    /// <summary>Registers a call that waits. Called under the decision gate, so that a switch set next cancels it.</summary>
    internal ApprovalRow Ask(string decisionId, SessionKey session, ToolCallRequest request, string redactedArguments, string message, DateTimeOffset now)
    {
        var row = new ApprovalRow
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            DecisionId = decisionId,
            Agent = session.Agent,
            Session = session.Id,
            Tool = request.Tool,
            Status = "pending",
            AskedAt = LedgerChain.Microseconds(now),
            ExpiresAt = LedgerChain.Microseconds(now + options.Value.Approvals.Expiry),
            Message = message,
            Request = JsonSerializer.Serialize(new StoredRequest(
                request.Users, request.Arguments.ValueKind == JsonValueKind.Undefined ? null : request.Arguments.GetRawText(), redactedArguments), ApprovalJson.Default.StoredRequest),
        };
        _waiting[row.Id] = new(row);
        return row;
    }

    /// <summary>Takes back a registration whose commit failed.</summary>
    internal void Forget(string approvalId) => _waiting.TryRemove(approvalId, out _);

    /// <summary>Ends when the decision does not wait any more, or after <paramref name="patience"/>.</summary>
    public async Task WaitAsync(string approvalId, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!_waiting.TryGetValue(approvalId, out var waiting)) return;
        try { await waiting.Ended.Task.WaitAsync(patience, clock, cancellationToken).ConfigureAwait(false); }
        catch (TimeoutException) { /* It still waits, and the caller says so. */ }
    }

    /// <summary>Approves or rejects.</summary>
    public async Task AnswerAsync(string actor, string approvalId, bool approve, string? reason, CancellationToken cancellationToken)
    {
        var waiting = _waiting.GetValueOrDefault(approvalId);
        if (waiting is null || !waiting.TryBegin()) throw new RefusedException(409, "approval-ended", "this approval was answered, has expired or was cancelled");
        try
        {
            if (LedgerChain.FromMicroseconds(waiting.Row.ExpiresAt) <= clock.GetUtcNow())
            {
                await EndAsync(waiting, "expired", ReasonCode.ApprovalExpired, null, null).ConfigureAwait(false);
                throw new RefusedException(409, "approval-ended", "this approval has expired");
            }
            var words = string.IsNullOrWhiteSpace(reason) ? null : Redactor.Text(reason, 500);
            if (approve) await ApproveAsync(waiting, actor, words, cancellationToken).ConfigureAwait(false);
            else await EndAsync(waiting, "rejected", ReasonCode.ApprovalRejected, actor, words).ConfigureAwait(false);
        }
        catch
        {
            waiting.Withdraw();
            throw;
        }
    }

    /// <summary>Cancels what a switch that has just come into force hits.</summary>
    internal async Task<int> CancelAsync(SwitchTarget target, string actor)
    {
        var cancelled = 0;
        foreach (var waiting in _waiting.Values.Where(w => IsHit(target, w)).ToList())
        {
            if (!waiting.TryBegin()) continue;
            var code = target.Kind switch
            {
                SwitchKind.Stop => ReasonCode.Stopped,
                SwitchKind.ToolDisable => ReasonCode.ToolDisabled,
                _ => ReasonCode.Quarantined,
            };
            try
            {
                await EndAsync(waiting, "cancelled", code, actor, null).ConfigureAwait(false);
                cancelled++;
            }
            catch
            {
                waiting.Withdraw();
                throw;
            }
        }
        return cancelled;
    }

    /// <summary>Ends what nobody answered in time.</summary>
    internal async Task ExpireAsync(DateTimeOffset now)
    {
        foreach (var waiting in _waiting.Values.Where(w => w.Row.ExpiresAt <= LedgerChain.Microseconds(now)).ToList())
        {
            if (!waiting.TryBegin()) continue;
            try { await EndAsync(waiting, "expired", ReasonCode.ApprovalExpired, null, null).ConfigureAwait(false); }
            catch (RefusedException) { waiting.Withdraw(); /* The next round tries again. */ }
        }
    }

    private async Task ApproveAsync(Waiting waiting, string actor, string? words, CancellationToken cancellationToken)
    {
        var row = waiting.Row;
        var key = new SessionKey(row.Agent, row.Session);
        var request = waiting.Request;
        using var arguments = request.Arguments is null ? null : JsonDocument.Parse(request.Arguments, new() { MaxDepth = 256 });
        using var turn = await sessions.TakeAsync(key, cancellationToken).ConfigureAwait(false);
        if (turn.State?.EndedAt is not null) throw new RefusedException(409, "session-ended", "the session was ended meanwhile: reject the call");
        var originKey = origins.KeyOf(key);
        agentCalls.Prepare(row.Agent);
        var allowed = false;
        await writer.ReserveAsync(cancellationToken).ConfigureAwait(false);
        Task commit;
        Core.Sessions.SessionState after;
        DateTimeOffset now;
        var placeUsed = false;
        try
        {
            lock (control.Gate)
            {
                now = clock.GetUtcNow();
                var snapshot = control.Current;
                var agent = snapshot.Agents.GetValueOrDefault(row.Agent) ?? throw new RefusedException(409, "approval-ended", "the agent is not registered any more");
                var before = turn.State ?? Core.Sessions.SessionState.New(key, now);
                var tool = snapshot.FindTool(row.Agent, row.Tool) ?? new ToolDefinition(row.Agent, row.Tool, null);
                var facts = DecisionService.Facts(agent, request.Users, before, tool, arguments?.RootElement ?? default, now, originKey, turn, agentCalls, approved: true);
                var verdict = DecisionEngine.Evaluate(snapshot, facts);
                List<StateChange> changes = [new StateChange.SaveApproval(Ended(row, "approved"))];
                after = DecisionEngine.AddLabels(before, verdict, row.DecisionId, row.Tool, now);
                after = SessionOrigins.Add(after, SessionOrigins.Written(originKey, verdict, facts, row.DecisionId), changes);
                allowed = verdict.Outcome == DecisionOutcome.Allow;
                if (allowed) agentCalls.Of(row.Agent).Add(row.Tool, now);
                changes.Add(new StateChange.SaveSession(after, now));
                var told = Explanation.ForAgent(verdict, facts);
                var sentence = allowed ? $"{actor} approved the call of {row.Tool}." : $"{actor} approved it, but by then {Explanation.ForOperator(verdict, facts).Sentence}";
                var entry = Entry(row, now, snapshot.Policy.Revision, actor, request, Wire.Word(verdict.Outcome), Wire.Word(verdict.Code), new ApprovalData
                {
                    Change = "approved",
                    ApprovalId = row.Id,
                    Sentence = sentence,
                    ReasonGiven = words,
                    Message = told.Message,
                    Advice = told.Advice,
                    LabelsAdded = DecisionService.Added(before, after),
                    Labels = after.LabelNames,
                }) with { Rules = DecisionService.Rules(verdict) };
                commit = writer.Enqueue([entry], changes);
                placeUsed = true;
            }
        }
        finally
        {
            if (!placeUsed) writer.Release();
        }
        try { await commit.ConfigureAwait(false); }
        catch
        {
            turn.Invalidate();
            throw;
        }
        turn.Committed(after, now);
        if (allowed)
        {
            turn.Times.Add(row.Tool, now);
            origins.Hold(row.DecisionId, originKey, arguments?.RootElement ?? default, request.RedactedArguments);
        }
        Close(waiting);
    }

    private async Task EndAsync(Waiting waiting, string change, ReasonCode code, string? actor, string? words)
    {
        var row = waiting.Row;
        var (message, advice, sentence) = change switch
        {
            "rejected" => ("A person rejected this call.", "Do not retry it. Ask the user how to go on.", $"{actor} rejected the call of {row.Tool}."),
            "expired" => ("Nobody answered in time, so this call was not approved.", "Ask the user whether to try again.", $"Nobody answered in time, so the call of {row.Tool} was refused."),
            _ => ("An operator stopped this while it waited for a person.", "Do not retry. Tell the user that it was stopped.", $"The call of {row.Tool} was refused while it waited, because {actor} set a switch."),
        };
        var entry = Entry(row, clock.GetUtcNow(), control.Current.Policy.Revision, actor, waiting.Request, "deny", Wire.Word(code), new ApprovalData
        {
            Change = change,
            ApprovalId = row.Id,
            Sentence = sentence,
            ReasonGiven = words,
            Message = message,
            Advice = advice,
            Labels = sessions.Find(new(row.Agent, row.Session))?.LabelNames ?? [],
        });
        await writer.AppendAsync([entry], [new StateChange.SaveApproval(Ended(row, change))]).ConfigureAwait(false);
        Close(waiting);
    }

    private void Close(Waiting waiting)
    {
        _waiting.TryRemove(waiting.Row.Id, out _);
        waiting.Ended.TrySetResult();
    }

    private static LedgerEntry Entry(ApprovalRow row, DateTimeOffset now, long revision, string? actor, StoredRequest request, string decision, string reason, ApprovalData data) => new()
    {
        At = now,
        Kind = LedgerKind.Approval,
        Agent = row.Agent,
        Session = row.Session,
        Users = [.. request.Users.Select(u => u.Id)],
        Tool = row.Tool,
        DecisionId = row.DecisionId,
        Decision = decision,
        Reason = reason,
        PolicyRevision = revision,
        Actor = actor,
        Data = JsonSerializer.Serialize(data, LedgerJson.Readable.ApprovalData),
    };

    // The arguments as they came are needed only to decide again; afterwards the redacted ones in the ledger are all that is kept.
    private static ApprovalRow Ended(ApprovalRow row, string status) => new()
    {
        Id = row.Id,
        DecisionId = row.DecisionId,
        Agent = row.Agent,
        Session = row.Session,
        Tool = row.Tool,
        Status = status,
        AskedAt = row.AskedAt,
        ExpiresAt = row.ExpiresAt,
        Message = row.Message,
        Request = null,
    };

    private static bool IsHit(SwitchTarget target, Waiting waiting) => target.Kind switch
    {
        SwitchKind.Stop => true,
        SwitchKind.AgentQuarantine => waiting.Row.Agent == target.Agent,
        SwitchKind.SessionQuarantine => waiting.Row.Agent == target.Agent && waiting.Row.Session == target.Session,
        SwitchKind.UserQuarantine => waiting.Request.Users.Any(u => u.Id == target.User),
        SwitchKind.ToolDisable => waiting.Row.Tool == target.Tool && (target.Agent == SwitchTarget.EveryAgent || waiting.Row.Agent == target.Agent),
        _ => throw new InvalidOperationException("unknown switch kind"),
    };

    private static ApprovalView View(ApprovalRow row) => new(row.Id, row.DecisionId, new(row.Agent, row.Session), row.Tool,
        LedgerChain.FromMicroseconds(row.AskedAt), LedgerChain.FromMicroseconds(row.ExpiresAt), row.Message);

    private sealed class Waiting(ApprovalRow row)
    {
        private int _busy;
        public ApprovalRow Row => row;
        public StoredRequest Request { get; } = JsonSerializer.Deserialize(row.Request!, ApprovalJson.Default.StoredRequest)!;
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        /// <summary>True for the one that may end it.</summary>
        public bool TryBegin() => Interlocked.Exchange(ref _busy, 1) == 0;
        public void Withdraw() => Volatile.Write(ref _busy, 0);
    }
}

/// <summary>A call as it was asked, kept while it waits.</summary>
internal sealed record StoredRequest(ImmutableArray<ActingUser> Users, string? Arguments, string RedactedArguments);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StoredRequest))]
internal sealed partial class ApprovalJson : JsonSerializerContext;
