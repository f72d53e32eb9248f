using System.Collections.Immutable;
using System.Threading.Channels;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Storage;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Control;

/// <summary>A tool as an agent named or offered it.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Name">The tool.</param>
/// <param name="Description">What the agent says it is for; null when it did not say. Untrusted.</param>
/// <param name="Fingerprint">Digest of name, description and schema as offered; null when it was only called.</param>
public sealed record SeenTool(string Agent, string Name, string? Description, string? Fingerprint);

/// <summary>
/// Puts tools into the catalogue when an agent first names them, unclassified, so that people see what they have not judged yet.
/// Decisions do not wait for it: an unknown tool is decided as an unclassified one.
/// </summary>
public sealed partial class ToolObserver(ControlRoom control, IOptions<MonitorOptions> options, TimeProvider clock, ILogger<ToolObserver> logger) : BackgroundService
{
    /// <summary>Longest description that is kept, in characters.</summary>
    public const int MaxDescription = 2_000;

    // What a cut text says about how much is gone still fits.
    private const int CutNote = 40;

    // Dropping is harmless: the tool is seen again with its next call.
    private readonly Channel<SeenTool> _seen = Channel.CreateBounded<SeenTool>(new BoundedChannelOptions(4_096) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Notes a tool if the snapshot does not know it as offered.</summary>
    public void Observe(ControlSnapshot snapshot, SeenTool seen)
    {
        if (IsNews(snapshot, seen)) _seen.Writer.TryWrite(seen);
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
        var changed = new List<(ToolDefinition Tool, bool First)>();
        var now = clock.GetUtcNow();
        await control.ChangeAsync(snapshot =>
        {
            foreach (var seen in batch)
            {
                // Earlier ones of the batch may have made it old news, or filled the catalogue, or the agent may be gone.
                if (!snapshot.Agents.ContainsKey(seen.Agent) || !IsNews(snapshot, seen)) continue;
                var known = snapshot.FindTool(seen.Agent, seen.Name);
                var agentWrites = known is null || known.DescriptionFromAgent || known.Description.Length == 0;
                var description = agentWrites && seen.Description is not null ? Core.Redaction.Redactor.Cut(seen.Description, MaxDescription - CutNote) : known?.Description ?? "";
                var tool = new ToolDefinition(seen.Agent, seen.Name, known is { IsClassified: true } ? known.Tags : null)
                {
                    Description = description,
                    DescriptionFromAgent = known?.DescriptionFromAgent ?? true,
                    Fingerprint = seen.Fingerprint ?? known?.Fingerprint,
                    Destinations = known?.Destinations ?? [],
                    FreeText = known?.FreeText ?? [],
                    ResultMetadata = known?.ResultMetadata ?? [],
                    FirstSeenAt = known?.FirstSeenAt ?? now,
                };
                changed.Add((tool, known is null));
                snapshot = snapshot.WithTool(tool);
            }
            return snapshot;
        }, snapshot => (
            [.. changed.Select(c => new LedgerEntry
            {
                At = now,
                Kind = LedgerKind.Registry,
                Agent = c.Tool.Agent,
                Tool = c.Tool.Name,
                PolicyRevision = snapshot.Policy.Revision,
                Data = c.First
                    ? LedgerText.Action("tool-seen", $"{c.Tool.Agent} named a tool for the first time; it is unclassified.")
                    : LedgerText.Action("tool-changed", $"{c.Tool.Agent} offers this tool with another description or schema than before."),
            })],
            [.. changed.Select(c => new StateChange.SaveTool(c.Tool))]), tightens: false).ConfigureAwait(false);
    }

    private bool IsNews(ControlSnapshot snapshot, SeenTool seen)
    {
        if (snapshot.FindTool(seen.Agent, seen.Name) is { } known) return seen.Fingerprint is not null && seen.Fingerprint != known.Fingerprint;
        return !snapshot.Tools.TryGetValue(seen.Agent, out var tools) || tools.Count < options.Value.Limits.ToolsPerAgent;
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "Tools that agents named could not be recorded; they are noted again with their next call")]
    private static partial void LogNotRecorded(ILogger logger, Exception exception);
}
