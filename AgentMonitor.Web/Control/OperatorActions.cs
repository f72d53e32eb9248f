using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Core.Origins;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Redaction;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Approvals;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Decisions;
using AgentMonitor.Web.Identity;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Live;
using AgentMonitor.Web.Storage;

namespace AgentMonitor.Web.Control;

/// <summary>
/// Everything that an operator can do, for pages and API alike: each action checks the role, validates, records and applies, in
/// that order, and throws <see cref="RefusedException"/> with nothing done otherwise.
/// </summary>
public sealed class OperatorActions(
    ControlRoom control, InFlightCalls inFlight, ApprovalDesk approvals, KeyRing keys, DecisionService decisions, LedgerWriter writer, LiveFeed feed, TimeProvider clock)
{
    /// <summary>Longest reason, in characters.</summary>
    public const int MaxReason = 500;

    /// <summary>Sets a switch, or renews it with another reason or end. Role operator.</summary>
    public async Task<SwitchReceipt> SetSwitchAsync(Operator actor, SwitchTarget target, string reason, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        actor.Demand(OperatorRole.Operator);
        cancellationToken.ThrowIfCancellationRequested();
        var words = Reason(reason);
        if (until <= clock.GetUtcNow()) throw new RefusedException(400, "until-in-the-past", "`until` lies in the past: leave it out or give a later instant") { Member = "/until" };
        DateTimeOffset inForce = default;
        await control.ChangeAsync(snapshot =>
        {
            DemandTarget(snapshot, target);
            return snapshot with { Switches = snapshot.Switches.SetItem(target, new Switch(target, actor.Name, words, clock.GetUtcNow(), until)) };
        }, snapshot =>
        {
            var set = snapshot.Switches[target];
            inForce = clock.GetUtcNow();
            return ([SwitchEntry(snapshot, target, "set", actor.Name, words, until, inForce)], [new StateChange.SaveSwitch(set)]);
        }, tightens: true).ConfigureAwait(false);
        // What was allowed before the switch stands before it in the ledger, so it is committed and counted by now.
        var cancelled = await approvals.CancelAsync(target, actor.Name).ConfigureAwait(false);
        return new(inForce, inFlight.Last(c => IsHit(target, c)), inFlight.Where(c => IsHit(target, c)), cancelled);
    }

    /// <summary>Lifts a switch; false when it was not set. Role operator.</summary>
    public async Task<bool> LiftSwitchAsync(Operator actor, SwitchTarget target, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(OperatorRole.Operator);
        cancellationToken.ThrowIfCancellationRequested();
        var words = string.IsNullOrWhiteSpace(reason) ? null : Reason(reason);
        var (_, entries) = await control.ChangeAsync(
            snapshot => snapshot.Switches.ContainsKey(target) ? snapshot with { Switches = snapshot.Switches.Remove(target) } : snapshot,
            snapshot => ([SwitchEntry(snapshot, target, "lifted", actor.Name, words, null, clock.GetUtcNow())], [new StateChange.DeleteSwitch(target)]), tightens: false).ConfigureAwait(false);
        return entries.Count > 0;
    }

    /// <summary>Removes switches whose time is over; they stopped holding by themselves.</summary>
    internal async Task ExpireSwitchesAsync(DateTimeOffset now)
    {
        foreach (var expired in control.Current.Switches.Values.Where(s => !s.InForceAt(now)).ToList())
            await control.ChangeAsync(
                snapshot => snapshot.Switches.TryGetValue(expired.Target, out var found) && !found.InForceAt(now) ? snapshot with { Switches = snapshot.Switches.Remove(expired.Target) } : snapshot,
                snapshot => ([SwitchEntry(snapshot, expired.Target, "expired", null, expired.Reason, expired.Until, now)], [new StateChange.DeleteSwitch(expired.Target)]), tightens: false).ConfigureAwait(false);
    }

    /// <summary>What would be hit by a switch now: for confirmations ("3 sessions and 2 calls in flight").</summary>
    public SwitchPreview Preview(SwitchTarget target)
    {
        var since = clock.GetUtcNow() - TimeSpan.FromMinutes(15);
        var sessions = feed.Newest(e => e.Kind is LedgerKind.ToolCall or LedgerKind.ModelCall && e.At >= since && IsHit(target, e), 5_000)
            .Select(e => (e.Agent, e.Session)).Distinct().Count();
        return new(sessions, inFlight.Where(c => IsHit(target, c)).Count, approvals.Count(target));
    }

    /// <summary>Registers or changes an agent. Role admin.</summary>
    public async Task<AgentDefinition> SaveAgentAsync(Operator actor, AgentDefinition agent, CancellationToken cancellationToken)
    {
        actor.Demand(OperatorRole.Admin);
        cancellationToken.ThrowIfCancellationRequested();
        if (!Identifiers.IsSlug(agent.Id)) throw Invalid("agent-id", "/id", $"`{agent.Id}` is not an agent id: use 1 to 64 lower-case letters, digits, `.`, `_` and `-`");
        if (agent.Name.Trim().Length is 0 or > 100) throw Invalid("agent-name", "/name", "a name has 1 to 100 characters");
        if (agent.Description.Length > 1_000) throw Invalid("agent-description", "/description", "a description has at most 1,000 characters");
        if (agent.Owner.Length > 200) throw Invalid("agent-owner", "/owner", "an owner has at most 200 characters");
        DemandSlugs(agent.Tags, "/tags");
        if (agent.TrustedDestinations.Length > 256) throw Invalid("too-many-destinations", "/trustedDestinations", "an agent has at most 256 trusted destinations");
        for (var i = 0; i < agent.TrustedDestinations.Length; i++)
            if (DestinationPattern.Refuse(agent.TrustedDestinations[i]) is { } complaint) throw Invalid("bad-destination", $"/trustedDestinations/{i}", complaint);
        AgentDefinition? saved = null;
        var isNew = false;
        await control.ChangeAsync(snapshot =>
        {
            var known = snapshot.Agents.GetValueOrDefault(agent.Id);
            isNew = known is null;
            saved = agent with { Name = agent.Name.Trim(), CreatedAt = known?.CreatedAt ?? clock.GetUtcNow() };
            return snapshot with { Agents = snapshot.Agents.SetItem(agent.Id, saved) };
        }, snapshot => ([Registry(snapshot, actor, agent.Id, null, isNew ? "agent-registered" : "agent-changed",
            $"{actor.Name} {(isNew ? "registered" : "changed")} {agent.Id}: default {Wire.Word(agent.DefaultDecision)}, unclassified tools {Wire.Word(agent.UnclassifiedTools)}.")],
            [new StateChange.SaveAgent(saved!)]), tightens: false).ConfigureAwait(false);
        return saved!;
    }

    /// <summary>Removes an agent with its tools, keys and switches; its past stays in the ledger. Role admin.</summary>
    public async Task DeleteAgentAsync(Operator actor, string agent, CancellationToken cancellationToken)
    {
        actor.Demand(OperatorRole.Admin);
        cancellationToken.ThrowIfCancellationRequested();
        await control.ChangeAsync(snapshot =>
        {
            DemandAgent(snapshot, agent);
            return snapshot with
            {
                Agents = snapshot.Agents.Remove(agent),
                Tools = snapshot.Tools.Remove(agent),
                Switches = snapshot.Switches.RemoveRange(snapshot.Switches.Keys.Where(t => t.Agent == agent)),
            };
        }, snapshot => ([Registry(snapshot, actor, agent, null, "agent-removed", $"{actor.Name} removed {agent}.")], [new StateChange.DeleteAgent(agent)]), tightens: true).ConfigureAwait(false);
        keys.RemoveAgent(agent);
        await approvals.CancelAsync(SwitchTarget.ForAgent(agent), actor.Name).ConfigureAwait(false);
    }

    /// <summary>Makes a key; the only time it can be read. Role admin.</summary>
    public async Task<NewKey> CreateKeyAsync(Operator actor, string agent, string name, DateTimeOffset? expiresAt, CancellationToken cancellationToken)
    {
        actor.Demand(OperatorRole.Admin);
        cancellationToken.ThrowIfCancellationRequested();
        DemandAgent(control.Current, agent);
        if (name.Trim().Length is 0 or > 100) throw Invalid("key-name", "/name", "a key's name has 1 to 100 characters");
        if (expiresAt <= clock.GetUtcNow()) throw Invalid("expires-in-the-past", "/expiresAt", "`expiresAt` lies in the past");
        var (text, row) = keys.Create(agent, name.Trim(), expiresAt);
        await writer.AppendAsync([Registry(control.Current, actor, agent, null, "key-created", $"{actor.Name} made the key {row.Name} ({row.Id}) for {agent}.")], [new StateChange.SaveKey(row)]).ConfigureAwait(false);
        keys.Put(row);
        return new(row.Id, text, KeyRing.View(row).Prefix);
    }

    /// <summary>Revokes a key at once. Role admin.</summary>
    public async Task RevokeKeyAsync(Operator actor, string agent, string keyId, CancellationToken cancellationToken)
    {
        actor.Demand(OperatorRole.Admin);
        cancellationToken.ThrowIfCancellationRequested();
        if (keys.Find(keyId) is not { } row || row.Agent != agent) throw new RefusedException(404, "no-such-key", "the agent has no key with that id");
        // In force before it is recorded, and written each time it is asked for: a key must not work while the commit runs, nor come back with
        // a restart because an earlier attempt could not be recorded.
        row.RevokedAt ??= LedgerChain.Microseconds(clock.GetUtcNow());
        await writer.AppendAsync([Registry(control.Current, actor, agent, null, "key-revoked", $"{actor.Name} revoked the key {row.Name} ({row.Id}) of {agent}.")], [new StateChange.SaveKey(row)]).ConfigureAwait(false);
    }

    /// <summary>The keys of an agent, newest first.</summary>
    public IReadOnlyList<KeyView> Keys(string agent) => keys.Of(agent);

    /// <summary>Says what a tool does. Role author.</summary>
    public async Task<ToolDefinition> SaveToolAsync(Operator actor, ToolDefinition tool, CancellationToken cancellationToken)
    {
        actor.Demand(OperatorRole.Author);
        cancellationToken.ThrowIfCancellationRequested();
        if (!Identifiers.IsToolName(tool.Name)) throw Invalid("tool-name", "/tool", "a tool's name has 1 to 128 characters, without control characters or surrounding blanks");
        if (tool.Tags.Length > 32) throw Invalid("too-many-tags", "/tags", "a tool has at most 32 tags");
        DemandSlugs(tool.Tags.Select(t => t.Name), "/tags");
        if (tool.Tags.Any(t => t.WhenArgument is not null && !Identifiers.IsFieldName(t.WhenArgument))) throw Invalid("bad-argument-name", "/tags", NameRule("the argument that a tag depends on"));
        var destinations = Names(tool.Destinations, "/destinations", "bad-argument-name", static name => name == ToolDefinition.All || Identifiers.IsFieldName(name), "the name of an argument", " (`*` alone means every argument)");
        var freeText = Names(tool.FreeText, "/freeText", "bad-argument-name", Identifiers.IsFieldName, "the name of an argument", "");
        var metadata = Names(tool.ResultMetadata, "/resultMetadata", "bad-field-name",
            static name => name == ToolDefinition.All || Identifiers.IsFieldName(name.StartsWith('!') ? name[1..] : name), "the name of a field", " (`*` alone means every field, `!name` excepts one)");
        if (tool.Description.Length > ToolObserver.MaxDescription) throw Invalid("tool-description", "/description", $"a description has at most {ToolObserver.MaxDescription} characters");
        var now = clock.GetUtcNow();
        ToolDefinition? saved = null;
        await control.ChangeAsync(snapshot =>
        {
            DemandAgent(snapshot, tool.Agent);
            var known = snapshot.FindTool(tool.Agent, tool.Name);
            saved = new(tool.Agent, tool.Name, tool.IsClassified ? tool.Tags : null)
            {
                Description = tool.Description,
                // Whoever puts the agent's own words back says so; they do not become ours.
                DescriptionFromAgent = tool.DescriptionFromAgent || known is { DescriptionFromAgent: true } && known.Description == tool.Description,
                Fingerprint = known?.Fingerprint,
                Destinations = destinations,
                FreeText = freeText,
                ResultMetadata = metadata,
                Classification = tool.IsClassified ? new(actor.Name, now, known?.Fingerprint) : null,
                Knowledge = known?.Knowledge ?? ToolKnowledge.Nothing,
                FirstSeenAt = known?.FirstSeenAt ?? now,
            };
            return snapshot.WithTool(saved);
        }, snapshot => ([Registry(snapshot, actor, tool.Agent, tool.Name, "tool-classified", saved!.IsClassified
                ? $"{actor.Name} classified {tool.Name} of {tool.Agent}: {(saved.Tags.IsEmpty ? "no tags" : string.Join(", ", saved.Tags.Select(t => t.WhenArgument is null ? t.Name : $"{t.Name} with {t.WhenArgument}")))}{RoleWords(saved)}."
                : $"{actor.Name} withdrew the classification of {tool.Name} of {tool.Agent}.")],
            [new StateChange.SaveTool(saved!)]), tightens: false).ConfigureAwait(false);
        return saved!;
    }

    private static System.Collections.Immutable.ImmutableArray<string> Names(
        System.Collections.Immutable.ImmutableArray<string> names, string pointer, string code, Func<string, bool> isName, string what, string besides)
    {
        if (names.Length > ToolDefinition.MaxNames) throw Invalid("too-many-names", pointer, $"a tool has at most {ToolDefinition.MaxNames} names here");
        return names.All(isName) ? [.. names.Distinct(StringComparer.Ordinal)] : throw Invalid(code, pointer, $"{NameRule(what)}{besides}");
    }

    private static string NameRule(string what) => $"{what} has 1 to {Identifiers.MaxFieldNameLength} characters, without control characters or surrounding blanks, and does not begin with `!`";

    private static string RoleWords(ToolDefinition tool)
    {
        var roles = new List<string>();
        if (!tool.Destinations.IsEmpty) roles.Add($"destinations {string.Join(", ", tool.Destinations)}");
        if (!tool.FreeText.IsEmpty) roles.Add($"free text {string.Join(", ", tool.FreeText)}");
        if (!tool.ResultMetadata.IsEmpty) roles.Add($"result metadata {string.Join(", ", tool.ResultMetadata)}");
        return Core.Redaction.Redactor.Cut(string.Concat(roles.Select(r => $"; {r}")), 1_000);
    }

    /// <summary>Clears a label of a session. Role operator.</summary>
    public async Task ClearLabelAsync(Operator actor, SessionKey session, string label, string reason, CancellationToken cancellationToken)
    {
        actor.Demand(OperatorRole.Operator);
        await decisions.ClearLabelAsync(actor.Name, session, label, Reason(reason), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Approvals that wait, oldest first.</summary>
    public IReadOnlyList<ApprovalView> PendingApprovals() => approvals.Pending();

    /// <summary>Approves or rejects. Role operator.</summary>
    public async Task AnswerApprovalAsync(Operator actor, string approvalId, bool approve, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(OperatorRole.Operator);
        await approvals.AnswerAsync(actor.Name, approvalId, approve, reason, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Saves the whole policy as a new revision. Role author.</summary>
    /// <param name="actor">Who saves.</param>
    /// <param name="document">The policy.</param>
    /// <param name="expected">The revision it was made from; another one in force is a conflict.</param>
    /// <param name="comment">Why, in the author's words.</param>
    /// <param name="cancellationToken">Ends the action before it begins.</param>
    public async Task<CompiledPolicy> SavePolicyAsync(Operator actor, PolicyDocument document, long expected, string? comment, CancellationToken cancellationToken)
    {
        actor.Demand(OperatorRole.Author);
        cancellationToken.ThrowIfCancellationRequested();
        var words = string.IsNullOrWhiteSpace(comment) ? null : Redactor.Cut(comment, MaxReason);
        CompiledPolicy? compiled = null;
        var now = clock.GetUtcNow();
        await control.ChangeAsync(snapshot =>
        {
            if (snapshot.Policy.Revision != expected)
                throw new RefusedException(412, "policy-changed", $"the policy is at revision {snapshot.Policy.Revision}, not {expected}: read it again and apply your change to that");
            // A rule that did not change keeps the instant from which it applies.
            var rules = document.Rules.Select(rule => snapshot.Policy.ById.TryGetValue(rule.Id, out var known) && SameWording(known.Document, rule) ? known.Document : rule with { Since = now });
            compiled = CompiledPolicy.Compile(new([.. rules]), snapshot.Policy.Revision + 1, CelConditionCompiler.Instance, out var errors)
                ?? throw new PolicyRefusedException(errors);
            return snapshot with { Policy = compiled };
        }, snapshot => ([new LedgerEntry
        {
            At = now,
            Kind = LedgerKind.Policy,
            Actor = actor.Name,
            PolicyRevision = snapshot.Policy.Revision,
            Data = LedgerText.Action("policy-saved", $"{actor.Name} saved policy revision {snapshot.Policy.Revision} with {document.Rules.Length} rules.", words),
        }], [new StateChange.SavePolicy(compiled!.Revision, compiled.Document, now, actor.Name, words)]), tightens: false).ConfigureAwait(false);
        return compiled!;
    }

    /// <summary>Switches to a preset: its rules come first, those of other presets go, all others stay. Role author.</summary>
    /// <param name="actor">Who.</param>
    /// <param name="preset">The preset.</param>
    /// <param name="expected">The revision that the choice was made from; null: whatever it is.</param>
    /// <param name="comment">Why.</param>
    /// <param name="cancellationToken">Ends it before it has begun.</param>
    public async Task<CompiledPolicy> UsePresetAsync(Operator actor, string preset, long? expected, string? comment, CancellationToken cancellationToken)
    {
        actor.Demand(OperatorRole.Author);
        var wanted = Presets.Find(preset) ?? throw new RefusedException(404, "no-such-preset", $"there is no preset `{Redactor.Cut(preset, 64)}`: there are {string.Join(", ", Presets.All.Select(p => p.Id))}");
        var current = control.Current.Policy;
        if (expected is not null && expected != current.Revision)
            throw new RefusedException(412, "policy-changed", $"the policy is at revision {current.Revision}, not {expected}: read it again and choose then");
        return await SavePolicyAsync(actor, Presets.Apply(current.Document, wanted, clock.GetUtcNow()), current.Revision,
            string.IsNullOrWhiteSpace(comment) ? $"preset {wanted.Id}" : $"preset {wanted.Id}: {comment}", cancellationToken).ConfigureAwait(false);
    }

    private static bool SameWording(RuleDocument known, RuleDocument rule) =>
        JsonSerializer.Serialize(known with { Since = default }, PolicyJson.Default.RuleDocument) == JsonSerializer.Serialize(rule with { Since = default }, PolicyJson.Default.RuleDocument);

    private static void DemandTarget(ControlSnapshot snapshot, SwitchTarget target)
    {
        if (target.Kind is SwitchKind.AgentQuarantine or SwitchKind.SessionQuarantine || target.Kind == SwitchKind.ToolDisable && target.Agent != SwitchTarget.EveryAgent)
            DemandAgent(snapshot, target.Agent!);
        if (target.Session is { } session && !Identifiers.IsForeignId(session)) throw Invalid("session-id", "/session", "that is not a session id");
        if (target.User is { } user && !Identifiers.IsForeignId(user)) throw Invalid("user-id", "/user", "that is not a user id");
        if (target.Tool is { } tool && !Identifiers.IsToolName(tool)) throw Invalid("tool-name", "/tool", "that is not a tool's name");
    }

    private static void DemandAgent(ControlSnapshot snapshot, string agent)
    {
        if (!snapshot.Agents.ContainsKey(agent)) throw new RefusedException(404, "no-such-agent", $"`{Redactor.Cut(agent, 64)}` is not a registered agent");
    }

    private static void DemandSlugs(IEnumerable<string> names, string member)
    {
        foreach (var name in names)
            if (!Identifiers.IsSlug(name)) throw Invalid("bad-name", member, $"`{Redactor.Cut(name, 64)}` is not a tag: use 1 to 64 lower-case letters, digits, `.`, `_` and `-`");
    }

    private static string Reason(string? reason)
    {
        var words = reason?.Trim() ?? "";
        if (words.Length is 0 or > MaxReason) throw Invalid("reason-required", "/reason", $"say why, in 1 to {MaxReason} characters");
        return words;
    }

    private static RefusedException Invalid(string code, string member, string detail) => new(400, code, detail) { Member = member };

    private static LedgerEntry SwitchEntry(ControlSnapshot snapshot, SwitchTarget target, string change, string? actor, string? reason, DateTimeOffset? until, DateTimeOffset at) => new()
    {
        At = at,
        Kind = LedgerKind.Switch,
        Agent = target.Agent == SwitchTarget.EveryAgent ? null : target.Agent,
        Session = target.Session,
        Users = target.User is null ? [] : [target.User],
        Tool = target.Tool,
        PolicyRevision = snapshot.Policy.Revision,
        Actor = actor,
        Data = JsonSerializer.Serialize(new SwitchData { Change = change, Switch = Wire.Word(target.Kind), Target = target.Describe(), User = target.User, Reason = reason, Until = until }, LedgerJson.Readable.SwitchData),
    };

    private LedgerEntry Registry(ControlSnapshot snapshot, Operator actor, string agent, string? tool, string action, string sentence) => new()
    {
        At = clock.GetUtcNow(),
        Kind = LedgerKind.Registry,
        Agent = agent,
        Tool = tool,
        PolicyRevision = snapshot.Policy.Revision,
        Actor = actor.Name,
        Data = LedgerText.Action(action, sentence),
    };

    private static bool IsHit(SwitchTarget target, AllowedCall call) => IsHit(target, call.Agent, call.Session, call.Tool, call.Users);

    private static bool IsHit(SwitchTarget target, LedgerEntry entry) => IsHit(target, entry.Agent, entry.Session, entry.Tool, entry.Users);

    private static bool IsHit(SwitchTarget target, string? agent, string? session, string? tool, IReadOnlyList<string> users) => target.Kind switch
    {
        SwitchKind.Stop => true,
        SwitchKind.AgentQuarantine => agent == target.Agent,
        SwitchKind.SessionQuarantine => agent == target.Agent && session == target.Session,
        SwitchKind.UserQuarantine => users.Contains(target.User),
        SwitchKind.ToolDisable => tool == target.Tool && (target.Agent == SwitchTarget.EveryAgent || agent == target.Agent),
        _ => throw new InvalidOperationException("unknown switch kind"),
    };
}

/// <summary>A policy with errors: all of them, each with its place.</summary>
public sealed class PolicyRefusedException(ImmutableArray<PolicyDiagnostic> errors) : Exception($"the policy has {errors.Length} errors; nothing was saved")
{
    /// <summary>The errors.</summary>
    public ImmutableArray<PolicyDiagnostic> Errors => errors;
}
