using AgentMonitor.Core.Ledger;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Ledger;

namespace AgentMonitor.Web.Components.Pages.Sessions;

/// <summary>
/// Tells the entries of one session as a story: the user's words, the tools a model was shown, each call with all that followed
/// on it, and the moment at which each label was gained.
/// </summary>
public sealed class SessionStory
{
    private readonly List<StoryItem> _items = [];
    private readonly Dictionary<string, CallItem> _calls = new(StringComparer.Ordinal);
    private readonly HashSet<string> _labels = new(StringComparer.Ordinal);
    private string? _lastWords;

    /// <summary>What happened, oldest first.</summary>
    public IReadOnlyList<StoryItem> Items => _items;
    /// <summary>The labels that the story ends with.</summary>
    public IReadOnlyCollection<string> Labels => _labels;
    /// <summary>Calls, denials, and calls that wait.</summary>
    public (int Calls, int Denied, int Waiting) Counts =>
        (_calls.Count, _calls.Values.Count(c => c.Decision == "deny"), _calls.Values.Count(c => c.Decision == "pending"));

    /// <summary>Tells the story of the entries of one session.</summary>
    /// <param name="entries">The entries, oldest first.</param>
    /// <param name="complete">False when older entries were left out: the first call then says what the session carried before it.</param>
    public static SessionStory Of(IReadOnlyList<LedgerEntry> entries, bool complete = true)
    {
        var story = new SessionStory();
        if (!complete) story.StartWith(entries);
        foreach (var entry in entries) story.Add(entry);
        return story;
    }

    /// <summary>The call of a decision; null when the story does not have it.</summary>
    public CallItem? Call(string decisionId) => _calls.GetValueOrDefault(decisionId);

    /// <summary>What the spine shows for these labels.</summary>
    public static SpineStage StageOf(IEnumerable<string> labels)
    {
        bool untrusted = false, sensitive = false;
        foreach (var label in labels)
        {
            untrusted |= label == Tag.UntrustedContent;
            sensitive |= label == Tag.SensitiveData;
        }
        return (untrusted, sensitive) switch
        {
            (true, true) => SpineStage.Both,
            (true, false) => SpineStage.Untrusted,
            (false, true) => SpineStage.Sensitive,
            _ => SpineStage.Clean,
        };
    }

    /// <summary>The stage in words, for those who do not see the colour.</summary>
    public static string Describe(SpineStage stage) => stage switch
    {
        SpineStage.Clean => "clean: neither untrusted content nor sensitive data was read",
        SpineStage.Untrusted => "tainted: untrusted content was read",
        SpineStage.Sensitive => "sensitive data was read",
        SpineStage.Both => "tainted: untrusted content and sensitive data were read",
        _ => throw new InvalidOperationException("unknown stage"),
    };

    private void StartWith(IReadOnlyList<LedgerEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Kind == LedgerKind.ToolCall)
            {
                var call = EntryData.ToolCall(entry);
                _labels.UnionWith(call.Labels.Except(call.LabelsAdded));
                return;
            }
            if (entry.Kind == LedgerKind.ModelCall)
            {
                _labels.UnionWith(EntryData.ModelCall(entry).Labels);
                return;
            }
        }
    }

    private void Add(LedgerEntry entry)
    {
        switch (entry.Kind)
        {
            case LedgerKind.ToolCall: AddCall(entry); break;
            case LedgerKind.ToolResult: AddResult(entry); break;
            case LedgerKind.ModelCall: AddModelCall(entry); break;
            case LedgerKind.Switch: AddSwitch(entry); break;
            case LedgerKind.Approval: AddApproval(entry); break;
            default: AddAction(entry); break;
        }
    }

    private void AddCall(LedgerEntry entry)
    {
        var data = EntryData.ToolCall(entry);
        // A decision that waited is recorded again when a person has answered: that is the same call, not another one.
        if (entry.DecisionId is { } id && _calls.TryGetValue(id, out var known))
        {
            known.Decision = entry.Decision ?? known.Decision;
            known.Reason = entry.Reason ?? known.Reason;
            known.Sentence = data.Sentence ?? known.Sentence;
            Gain(entry, data.LabelsAdded.Count > 0 ? data.LabelsAdded : data.Labels, known.Tool, []);
            return;
        }
        AddWords(entry, data.Prompt, data.Users);
        if (data.Linked.Count > 0) Place(new LinkItem { Sequence = entry.Sequence, At = entry.At, Sessions = data.Linked });
        var (before, added) = Split(data);
        Gain(entry, before, null, data.Linked);
        var call = new CallItem
        {
            Sequence = entry.Sequence,
            At = entry.At,
            DecisionId = entry.DecisionId ?? $"#{entry.Sequence}",
            Tool = entry.Tool ?? "",
            Decision = entry.Decision ?? "allow",
            Reason = entry.Reason,
            Data = data,
            Sentence = data.Sentence,
        };
        _calls[call.DecisionId] = call;
        Place(call);
        Gain(entry, added, call.Tool, []);
    }

    // What the session carried before the call's own tags were added, such as what came with a parent, and what the call added.
    private static (List<string> Before, List<string> Added) Split(ToolCallData data)
    {
        var byRule = data.Matched.Any(m => m.Effect == "label");
        bool IsInherited(string label) => data.Linked.Count > 0 && !byRule && !data.Tags.Contains(label);
        return ([.. data.Labels.Except(data.LabelsAdded), .. data.LabelsAdded.Where(IsInherited)], [.. data.LabelsAdded.Where(label => !IsInherited(label))]);
    }

    private void AddResult(LedgerEntry entry)
    {
        var data = EntryData.ToolResult(entry);
        if (data.FromSession is { } from) Place(new LinkItem { Sequence = entry.Sequence, At = entry.At, Sessions = [from], Output = true });
        if (entry.DecisionId is { } id && _calls.TryGetValue(id, out var call))
        {
            call.Result = data;
            call.ResultAt = entry.At;
            Gain(entry, data.LabelsAdded, call.Tool, data.FromSession is { } origin ? [origin] : []);
            return;
        }
        Place(new NoteItem
        {
            Sequence = entry.Sequence,
            At = entry.At,
            Kind = entry.Kind,
            Action = data.Status,
            Sentence = data.Status == "error" ? $"{entry.Tool ?? "A tool"} reported an error." : $"{entry.Tool ?? "A tool"} reported its result.",
        });
        Gain(entry, data.LabelsAdded, entry.Tool, data.FromSession is { } session ? [session] : []);
    }

    private void AddModelCall(LedgerEntry entry)
    {
        var data = EntryData.ModelCall(entry);
        AddWords(entry, data.Prompt, data.Users);
        // An agent asks its model again after every call, mostly with the same answer: said once, with a count.
        if (_items.LastOrDefault(i => i is ModelItem) is ModelItem last && Same(last, entry, data) && !_items.SkipWhile(i => i != last).Skip(1).Any(i => i is WordsItem))
        {
            last.Times++;
        }
        else
        {
            Place(new ModelItem
            {
                Sequence = entry.Sequence,
                At = entry.At,
                DecisionId = entry.DecisionId,
                Decision = entry.Decision ?? "allow",
                Reason = entry.Reason,
                Tools = data.Tools,
                Filtered = data.Filtered,
            });
        }
        Gain(entry, data.Labels, null, []);
    }

    private static bool Same(ModelItem last, LedgerEntry entry, ModelCallData data) =>
        last.Decision == (entry.Decision ?? "allow") && last.Reason == entry.Reason
        && last.Tools.SequenceEqual(data.Tools) && last.Filtered.SequenceEqual(data.Filtered);

    private void AddSwitch(LedgerEntry entry)
    {
        var data = EntryData.Switch(entry);
        var what = data.Switch == "tool-disable" ? ("disabled", "enabled again") : data.Switch == "stop" ? ("stopped", "resumed") : ("quarantined", "released from quarantine");
        var target = data.Switch switch
        {
            "session-quarantine" => "This session",
            "agent-quarantine" => "The agent",
            "stop" => "Everything",
            _ => Capital(data.Target),
        };
        var sentence = data.Change switch
        {
            "lifted" => $"{target} was {what.Item2}",
            "expired" => $"{target} was {what.Item2}: the time was over",
            _ => $"{target} was {what.Item1}",
        };
        Place(new NoteItem
        {
            Sequence = entry.Sequence,
            At = entry.At,
            Kind = entry.Kind,
            Action = data.Change,
            Sentence = entry.Actor is null || data.Change == "expired" ? $"{sentence}." : $"{sentence} by {entry.Actor}.",
            Actor = entry.Actor,
            Why = data.Reason,
            Stops = data.Change is not ("lifted" or "expired"),
        });
    }

    private void AddApproval(LedgerEntry entry)
    {
        var data = EntryData.Approval(entry);
        var note = new NoteItem
        {
            Sequence = entry.Sequence,
            At = entry.At,
            Kind = entry.Kind,
            Action = data.Change,
            Sentence = data.Sentence.Length > 0 ? data.Sentence : "A call that waited for a person was decided.",
            Actor = entry.Actor,
            Why = data.ReasonGiven,
        };
        if (entry.DecisionId is not { } id || !_calls.TryGetValue(id, out var call))
        {
            Place(note);
            Gain(entry, data.LabelsAdded, entry.Tool, []);
            return;
        }
        call.Approvals.Add(note);
        call.Decision = entry.Decision ?? call.Decision;
        call.Reason = entry.Reason ?? call.Reason;
        Gain(entry, data.LabelsAdded, call.Tool, []);
        note.Stage = StageOf(_labels);
    }

    private void AddAction(LedgerEntry entry)
    {
        var data = EntryData.Action(entry);
        var note = new NoteItem
        {
            Sequence = entry.Sequence,
            At = entry.At,
            Kind = entry.Kind,
            Action = data.Action,
            Sentence = !string.IsNullOrWhiteSpace(data.Sentence) ? data.Sentence : data.Action.Length > 0 ? Capital(data.Action.Replace('-', ' ')) + "." : "Something was recorded whose details were erased.",
            Actor = entry.Actor,
            Why = data.Reason,
        };
        if (data.Action.Contains("clear", StringComparison.Ordinal) || data.Action.Contains("remove", StringComparison.Ordinal))
        {
            _labels.ExceptWith(data.Labels);
            Place(note);
            return;
        }
        if (data.Other is { } other && data.Action.Contains("link", StringComparison.Ordinal))
            Place(new LinkItem { Sequence = entry.Sequence, At = entry.At, Sessions = [other] });
        else
            Place(note);
        Gain(entry, data.Labels, null, data.Other is { } from ? [from] : []);
    }

    private void AddWords(LedgerEntry entry, string? words, IReadOnlyList<UserData> users)
    {
        // Frameworks repeat the same words with each call of one turn.
        if (string.IsNullOrWhiteSpace(words) || words == _lastWords) return;
        _lastWords = words;
        Place(new WordsItem { Sequence = entry.Sequence, At = entry.At, Text = words, Users = users });
    }

    private void Gain(LedgerEntry entry, IEnumerable<string> labels, string? tool, IReadOnlyList<string> from)
    {
        var before = StageOf(_labels);
        var gained = labels.Where(_labels.Add).ToList();
        if (gained.Count == 0) return;
        var standard = Tag.Standard;
        gained.Sort((a, b) => Rank(a) != Rank(b) ? Rank(a).CompareTo(Rank(b)) : string.CompareOrdinal(a, b));
        var item = new GainItem
        {
            Sequence = entry.Sequence,
            At = entry.At,
            Labels = gained,
            Tool = tool,
            DecisionId = entry.DecisionId,
            From = from,
            Completes = before != SpineStage.Both && StageOf(_labels) == SpineStage.Both,
        };
        Place(item);

        int Rank(string label) => standard.IndexOf(label) is >= 0 and var index ? index : int.MaxValue;
    }

    private void Place(StoryItem item)
    {
        item.Stage = StageOf(_labels);
        item.Number = _items.Count > 0 && _items[^1].Sequence == item.Sequence ? _items[^1].Number + 1 : 0;
        _items.Add(item);
    }

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
