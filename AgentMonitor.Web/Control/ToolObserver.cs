using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using System.Threading.Channels;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Decisions;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Storage;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Control;

/// <summary>
/// Puts tools into the catalogue when an agent first names them, unclassified, so that people see what they have not judged yet, and
/// notes what is seen of them: how they are offered, and which names occur in calls and results. Decisions do not wait for it: an
/// unknown tool is decided as an unclassified one.
/// </summary>
/// <remarks>
/// Counts are kept in memory and written down when something new is seen or a count has grown tenfold: a tool costs a handful of
/// writes, however often it is called.
/// </remarks>
public sealed partial class ToolObserver(ControlRoom control, IOptions<MonitorOptions> options, TimeProvider clock, ILogger<ToolObserver> logger) : BackgroundService
{
    /// <summary>Longest description that is kept, in characters.</summary>
    public const int MaxDescription = 2_000;

    // What a cut text says about how much is gone still fits.
    private const int CutNote = 40;

    // Dropping is harmless: what was seen is seen again with the next call.
    private readonly Channel<SeenTool> _seen = Channel.CreateBounded<SeenTool>(new BoundedChannelOptions(4_096) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    // One for each tool of the catalogue that was used since the start.
    private readonly ConcurrentDictionary<(string Agent, string Tool), Tally> _tallies = new();

    /// <summary>Notes a call of a tool.</summary>
    public void ObserveCall(ControlSnapshot snapshot, string agent, string tool, JsonElement arguments)
    {
        if (snapshot.FindTool(agent, tool) is not { } known)
        {
            if (HasRoom(snapshot, agent)) _seen.Writer.TryWrite(new(agent, tool) { Arguments = ObservedField.OfArguments(arguments) });
            return;
        }
        if (arguments.ValueKind != JsonValueKind.Object) return;
        if (TallyOf(known).AddArguments(arguments, known.Knowledge) is { IsEmpty: false } news) _seen.Writer.TryWrite(new(agent, tool) { Arguments = news });
    }

    /// <summary>Notes what a tool returned. Only names are kept.</summary>
    public void ObserveResult(ControlSnapshot snapshot, string agent, string tool, JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.Undefined || snapshot.FindTool(agent, tool) is not { } known) return;
        if (TallyOf(known).AddResult(ObservedField.OfResult(content), known.Knowledge) is { IsEmpty: false } news) _seen.Writer.TryWrite(new(agent, tool) { ResultFields = news });
    }

    /// <summary>Notes a tool as an agent offers it to its model.</summary>
    public void ObserveOffer(ControlSnapshot snapshot, string agent, OfferedTool offered)
    {
        var hasSchema = offered.Schema.ValueKind == JsonValueKind.Object;
        var isNews = snapshot.FindTool(agent, offered.Name) is { } known
            ? known.Fingerprint != offered.Fingerprint || hasSchema && known.Knowledge is { Schema: null, SchemaTooLarge: false }
            : HasRoom(snapshot, agent);
        // The text is taken now: the request's body is gone when it is recorded.
        if (isNews) _seen.Writer.TryWrite(new(agent, offered.Name) { Offer = new(offered.Description, offered.Fingerprint, hasSchema ? offered.Schema.GetRawText() : null) });
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var first in _seen.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
        {
            var batch = new List<SeenTool> { first };
            while (batch.Count < 256 && _seen.Reader.TryRead(out var next)) batch.Add(next);
            try { await RecordAsync(batch).ConfigureAwait(false); }
            catch (RefusedException e) { LogNotRecorded(logger, e); }
        }
    }

    private async Task RecordAsync(List<SeenTool> batch)
    {
        var changed = new Dictionary<(string Agent, string Name), ToolDefinition>();
        var told = new List<(ToolDefinition Tool, string Action, string Words)>();
        var now = clock.GetUtcNow();
        await control.ChangeAsync(snapshot =>
        {
            foreach (var seen in batch)
            {
                var known = snapshot.FindTool(seen.Agent, seen.Name);
                // Earlier ones of the batch may have filled the catalogue, or the agent may be gone.
                if (!snapshot.Agents.ContainsKey(seen.Agent) || known is null && !HasRoom(snapshot, seen.Agent)) continue;
                var tool = With(known, seen, now);
                if (known is not null && IsSame(known, tool)) continue;
                changed[(tool.Agent, tool.Name)] = tool;
                if (known is null) told.Add((tool, "tool-seen", $"{tool.Agent} named a tool for the first time; it is unclassified."));
                else if (known.Fingerprint is not null && known.Fingerprint != tool.Fingerprint) told.Add((tool, "tool-changed", $"{tool.Agent} offers this tool with another description or schema than before."));
                snapshot = snapshot.WithTool(tool);
            }
            return snapshot;
        }, snapshot => (
            [.. told.Select(t => new LedgerEntry
            {
                At = now,
                Kind = LedgerKind.Registry,
                Agent = t.Tool.Agent,
                Tool = t.Tool.Name,
                PolicyRevision = snapshot.Policy.Revision,
                Data = LedgerText.Action(t.Action, t.Words),
            })],
            [.. changed.Values.Select(t => new StateChange.SaveTool(t))]), tightens: false).ConfigureAwait(false);
    }

    private static ToolDefinition With(ToolDefinition? known, SeenTool seen, DateTimeOffset now)
    {
        var offer = seen.Offer;
        var agentWrites = known is null || known.DescriptionFromAgent || known.Description.Length == 0;
        var description = agentWrites && offer?.Description is { } words ? Core.Redaction.Redactor.Cut(words, MaxDescription - CutNote) : null;
        var knowledge = (known?.Knowledge ?? ToolKnowledge.Nothing).WithFields(seen.Arguments, seen.ResultFields);
        return new(seen.Agent, seen.Name, known is { IsClassified: true } ? known.Tags : null)
        {
            Description = description ?? known?.Description ?? "",
            DescriptionFromAgent = description is not null || (known?.DescriptionFromAgent ?? true),
            Fingerprint = offer?.Fingerprint ?? known?.Fingerprint,
            Destinations = known?.Destinations ?? [],
            FreeText = known?.FreeText ?? [],
            ResultMetadata = known?.ResultMetadata ?? [],
            // What was classified before it was ever offered is taken to be what is offered first.
            Classification = known?.Classification is { Fingerprint: null } first ? first with { Fingerprint = offer?.Fingerprint } : known?.Classification,
            Knowledge = offer is null ? knowledge : knowledge.WithSchema(offer.Schema),
            FirstSeenAt = known?.FirstSeenAt ?? now,
        };
    }

    private static bool IsSame(ToolDefinition a, ToolDefinition b) =>
        a.Fingerprint == b.Fingerprint && a.Description == b.Description && a.Knowledge.Schema == b.Knowledge.Schema && a.Knowledge.SchemaTooLarge == b.Knowledge.SchemaTooLarge
        && a.Knowledge.Arguments.SequenceEqual(b.Knowledge.Arguments) && a.Knowledge.ResultFields.SequenceEqual(b.Knowledge.ResultFields);

    private bool HasRoom(ControlSnapshot snapshot, string agent) => !snapshot.Tools.TryGetValue(agent, out var tools) || tools.Count < options.Value.Limits.ToolsPerAgent;

    private Tally TallyOf(ToolDefinition tool)
    {
        var tally = _tallies.GetOrAdd((tool.Agent, tool.Name), static (_, t) => new(t), tool);
        // An agent that was removed and registered again has other tools of the same names.
        return tally.FirstSeenAt == tool.FirstSeenAt ? tally : _tallies[(tool.Agent, tool.Name)] = new(tool);
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "Tools that agents named could not be recorded; they are noted again with their next call")]
    private static partial void LogNotRecorded(ILogger logger, Exception exception);

    /// <summary>What was seen of a tool.</summary>
    private sealed record SeenTool(string Agent, string Name)
    {
        public Offer? Offer { get; init; }
        public ImmutableArray<ObservedField> Arguments { get; init; } = [];
        public ImmutableArray<ObservedField> ResultFields { get; init; } = [];
    }

    /// <summary>How it was offered.</summary>
    private sealed record Offer(string? Description, string Fingerprint, string? Schema);

    /// <summary>Counts of one tool's names, from what is written down on.</summary>
    private sealed class Tally(ToolDefinition tool)
    {
        private readonly Lock _lock = new();
        private readonly List<ObservedField> _arguments = [.. tool.Knowledge.Arguments], _results = [.. tool.Knowledge.ResultFields];

        public DateTimeOffset FirstSeenAt => tool.FirstSeenAt;

        public ImmutableArray<ObservedField> AddArguments(JsonElement arguments, ToolKnowledge written)
        {
            lock (_lock) return Add(_arguments, ObservedField.OfArguments(arguments), written.Arguments);
        }

        public ImmutableArray<ObservedField> AddResult(ImmutableArray<ObservedField> fields, ToolKnowledge written)
        {
            lock (_lock) return Add(_results, fields, written.ResultFields);
        }

        // What is worth writing down; nearly always nothing.
        private static ImmutableArray<ObservedField> Add(List<ObservedField> counted, ImmutableArray<ObservedField> seen, ImmutableArray<ObservedField> written)
        {
            ImmutableArray<ObservedField>.Builder? news = null;
            foreach (var field in seen)
            {
                var at = counted.FindIndex(f => f.Name == field.Name);
                if (at < 0 && counted.Count >= ObservedField.MaxNames) continue;
                var now = at < 0 ? field : counted[at].Plus(field);
                if (at < 0) counted.Add(now);
                else counted[at] = now;
                if (IsNews(now, written)) (news ??= ImmutableArray.CreateBuilder<ObservedField>()).Add(now);
            }
            return news?.ToImmutable() ?? [];
        }

        private static bool IsNews(ObservedField field, ImmutableArray<ObservedField> written)
        {
            foreach (var known in written)
                if (known.Name == field.Name) return known.Kind != field.Kind || known.LongTexts == 0 && field.LongTexts > 0 || field.Seen >= known.Seen * 10;
            return written.Length < ObservedField.MaxNames;
        }
    }
}
