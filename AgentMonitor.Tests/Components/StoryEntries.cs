using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Ledger;

namespace AgentMonitor.Tests.Components;

/// <summary>Writes ledger entries of one session for tests, one second apart.</summary>
internal sealed class StoryEntries
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private readonly List<LedgerEntry> _entries = [];

    public IReadOnlyList<LedgerEntry> All => _entries;
    public string Agent { get; init; } = "pm-portal";
    public string Session { get; init; } = "chat-42";

    public StoryEntries Call(string decision, string tool, string outcome = "allow", string[]? labels = null, string[]? added = null, string? prompt = null,
        string reason = "default", string[]? tags = null, string[]? linked = null, string? arguments = null, string[]? rules = null, string[]? shadow = null, string? approval = null) =>
        Add(LedgerKind.ToolCall, JsonSerializer.Serialize(new ToolCallData
        {
            Arguments = JsonDocument.Parse(arguments ?? "{}").RootElement,
            Labels = labels ?? added ?? [],
            LabelsAdded = added ?? [],
            Tags = tags ?? added ?? [],
            Prompt = prompt,
            Linked = linked ?? [],
            Sentence = $"{tool} was decided.",
            Shadow = [.. (shadow ?? []).Select(s => new MatchData(s, s, "approve", null))],
            ApprovalId = approval,
        }, LedgerJson.Readable.ToolCallData), e => e with { Tool = tool, DecisionId = decision, Decision = outcome, Reason = reason, Rules = [.. rules ?? []] });

    public StoryEntries Result(string decision, string tool, string status = "ok", string[]? added = null, string? from = null) =>
        Add(LedgerKind.ToolResult, JsonSerializer.Serialize(new ToolResultData { Status = status, DurationMs = 12, LabelsAdded = added ?? [], FromSession = from }, LedgerJson.Readable.ToolResultData),
            e => e with { Tool = tool, DecisionId = decision });

    public StoryEntries Model(string[] tools, FilteredData[]? filtered = null, string? prompt = null, string[]? labels = null, string outcome = "allow") =>
        Add(LedgerKind.ModelCall, JsonSerializer.Serialize(new ModelCallData { Tools = tools, Filtered = filtered ?? [], Prompt = prompt, Labels = labels ?? [] }, LedgerJson.Readable.ModelCallData),
            e => e with { Decision = outcome, DecisionId = $"m{_entries.Count}" });

    public StoryEntries Switch(string change, string kind, string? actor, string? reason = null) =>
        Add(LedgerKind.Switch, JsonSerializer.Serialize(new SwitchData { Change = change, Switch = kind, Target = "session chat-42 of pm-portal", Reason = reason }, LedgerJson.Readable.SwitchData),
            e => e with { Actor = actor });

    public StoryEntries Action(string kind, string action, string sentence, string? actor = null, string[]? labels = null, string? other = null, string? reason = null) =>
        Add(kind, JsonSerializer.Serialize(new ActionData { Action = action, Sentence = sentence, Labels = labels ?? [], Other = other, Reason = reason }, LedgerJson.Readable.ActionData),
            e => e with { Actor = actor });

    public StoryEntries Approval(string decision, string change, string sentence, string? actor, string outcome, string reason, string[]? added = null, string? why = null) =>
        Add(LedgerKind.Approval, JsonSerializer.Serialize(new ApprovalData { Change = change, Sentence = sentence, ReasonGiven = why, LabelsAdded = added ?? [], Labels = added ?? [] }, LedgerJson.Readable.ApprovalData),
            e => e with { Actor = actor, DecisionId = decision, Decision = outcome, Reason = reason });

    public StoryEntries Raw(string kind, string data) => Add(kind, data, e => e);

    private StoryEntries Add(string kind, string data, Func<LedgerEntry, LedgerEntry> change)
    {
        _entries.Add(change(new LedgerEntry
        {
            Sequence = _entries.Count + 1,
            At = Noon.AddSeconds(_entries.Count),
            Kind = kind,
            Agent = Agent,
            Session = Session,
            Users = ImmutableArray<string>.Empty,
            Data = data,
        }));
        return this;
    }
}
