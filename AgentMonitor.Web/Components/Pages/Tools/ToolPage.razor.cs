using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Components.Kit;
using AgentMonitor.Web.Components.Pages.Shared;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Identity;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace AgentMonitor.Web.Components.Pages.Tools;

/// <summary>One tool: what it does, its arguments and results, what is suggested, and what was seen.</summary>
public sealed partial class ToolPage : FeedPage
{
    private static readonly (string, string)[] Writers = [("system", "Metadata: the system wrote it"), ("people", "Text: people wrote it")];

    private ToolDefinition? _tool;
    private ToolForm? _form;
    private ToolSuggestions _suggestions = new();
    private IReadOnlyList<KnownArgument> _arguments = [];
    private long _calls, _denials;
    private bool _loaded, _busy, _meanwhile, _asking, _lift;
    private string? _refused, _ownError, _leaving;
    private SavedTool? _saved;
    private SwitchTarget _target = SwitchTarget.StopAll;

    /// <summary>The agent's id.</summary>
    [Parameter] public string Agent { get; set; } = "";
    /// <summary>The tool's name as routing decoded it; the address says it exactly.</summary>
    [Parameter] public string? Tool { get; set; }
    /// <summary>Who looks.</summary>
    [CascadingParameter] public Operator? Me { get; set; }

    /// <inheritdoc/>
    // The counts go over a day of entries.
    protected override TimeSpan Interval => TimeSpan.FromSeconds(3);

    private bool May => Me?.May(OperatorRole.Author) == true;
    private bool MaySwitch => Me?.May(OperatorRole.Operator) == true;
    private UnclassifiedTools Setting => Room.Current.Agents.GetValueOrDefault(_tool!.Agent)?.UnclassifiedTools ?? UnclassifiedTools.Allow;
    private Switch? InForce => Room.Current.DisabledTool(_tool!.Agent, _tool.Name, Time.GetUtcNow());

    private IReadOnlyList<string> FieldNames => [.. _tool!.Knowledge.ResultFields.SelectMany(f => (string[])[f.Name, $"!{f.Name}"]), ToolDefinition.All];

    /// <inheritdoc/>
    protected override async Task LoadAsync()
    {
        var (agent, name) = ToolAddress.OfPage(Navigation.ToBaseRelativePath(Navigation.Uri)) ?? (Agent, Tool ?? "");
        Show(Room.Current.FindTool(agent, name));
        if (_tool is not null)
        {
            var counts = await Ledger.ToolCountsAsync(agent, Time.GetUtcNow().AddDays(-1), Gone);
            var count = counts.FirstOrDefault(c => c.Tool == name);
            (_calls, _denials) = (count?.Calls ?? 0, count?.Denials ?? 0);
        }
        _loaded = true;
    }

    private void Show(ToolDefinition? tool)
    {
        if (ReferenceEquals(tool, _tool)) return;
        if (tool is null || tool.Agent != _tool?.Agent || tool.Name != _tool.Name) (_form, _saved, _refused, _meanwhile) = (null, null, null, false);
        _tool = tool;
        if (tool is null) return;
        // What is being typed stays, whatever is seen of the tool meanwhile.
        if (_form is null || !_form.IsChanged) Restart(tool);
        else _meanwhile = ToolWords.Changes(_form.Before, tool).Count > 0;
        _suggestions = ToolSuggestions.For(tool);
        _arguments = KnownArgument.Of(tool);
    }

    private void Restart(ToolDefinition tool)
    {
        var own = _form?.OwnTag ?? "";
        _form = ToolForm.From(tool);
        _form.OwnTag = own;
        _meanwhile = false;
    }

    private void Discard()
    {
        Restart(_tool!);
        (_refused, _ownError) = (null, null);
    }

    private void Edit(Action change)
    {
        if (!May) return;
        change();
        Touched();
    }

    private void Touched() => (_saved, _refused) = (null, null);

    private void AddOwn()
    {
        _ownError = _form!.AddOwn();
        Touched();
    }

    private void OwnKey(KeyboardEventArgs key)
    {
        if (key.Key == "Enter") AddOwn();
        else if (key.Key == "Escape") (_form!.OwnTag, _ownError) = ("", null);
    }

    private async Task SaveAsync()
    {
        if (_busy || !May) return;
        if ((_ownError = _form!.AddOwn()) is not null) return;
        if (_form.Validate() is { Count: > 0 } wrong)
        {
            _refused = string.Join(" ", wrong);
            return;
        }
        await SaveAsync(_form.ToDefinition(), _tool!.IsClassified ? "Saved." : "Classified.", canUndo: true);
    }

    private Task UndoAsync(ToolDefinition former) => SaveAsync(former, "Undone: it is as it was before.", canUndo: false);

    private async Task SaveAsync(ToolDefinition wanted, string sentence, bool canUndo)
    {
        (_busy, _refused) = (true, null);
        try
        {
            var before = _tool!;
            var saved = await Actions.SaveToolAsync(await Current.RequireAsync(), wanted, CancellationToken.None);
            // The feed may have shown it already, beside what was being typed.
            Show(saved);
            Restart(saved);
            _saved = new(sentence, ToolWords.Changes(before, saved), canUndo ? before : null);
            Toasts.Show($"{sentence.TrimEnd('.')}: {saved.Name} of {saved.Agent}");
        }
        catch (RefusedException e) { _refused = e.Message; }
        finally { _busy = false; }
    }

    private void LeavingAsync(LocationChangingContext context)
    {
        if (!May || _form?.IsChanged != true || _leaving is not null) return;
        context.PreventNavigation();
        _leaving = context.TargetLocation;
        StateHasChanged();
    }

    private void Leave()
    {
        var to = _leaving!;
        // What is not changed does not stop anybody.
        Restart(_tool!);
        _leaving = null;
        Navigation.NavigateTo(to);
    }

    private static string Sentence(IReadOnlyList<string> changes) =>
        string.Join("; ", changes) is { Length: > 0 } all ? $"{char.ToUpperInvariant(all[0])}{all[1..]}." : "";

    private void Ask(SwitchTarget target, bool lift) => (_target, _lift, _asking) = (target, lift, true);

    private IReadOnlyList<(string, string)> RolesFor(string argument)
    {
        // Under the asterisk an argument is a destination unless it is free text.
        var every = _form!.Destinations.Contains(ToolDefinition.All) && !_form.Destinations.Contains(argument);
        return every
            ? [(nameof(ArgumentRole.Destination), "Destination (by *)"), (nameof(ArgumentRole.FreeText), "Free text")]
            : [(nameof(ArgumentRole.Destination), "Destination"), (nameof(ArgumentRole.FreeText), "Free text"), (nameof(ArgumentRole.None), "—")];
    }

    private sealed record SavedTool(string Sentence, IReadOnlyList<string> Changes, ToolDefinition? Undo);
}

/// <summary>An argument that the schema names or that was seen in calls.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, in words.</param>
/// <param name="Description">What the schema says that it is for.</param>
/// <param name="Seen">Whether it was seen in calls, in words.</param>
public sealed record KnownArgument(string Name, string Type, string Description, string Seen)
{
    /// <summary>Those of a tool: the schema's first, in its order.</summary>
    public static IReadOnlyList<KnownArgument> Of(ToolDefinition tool)
    {
        var schema = ToolSchema.Read(tool.Knowledge.Schema).Arguments;
        var seen = tool.Knowledge.Arguments;
        return [
            .. schema.Select(a => new KnownArgument(a.Name, ToolWords.Type(a), a.Description, seen.FirstOrDefault(s => s.Name == a.Name) is { } found ? ToolWords.Seen(found.Seen, "call") : "not yet")),
            .. seen.Where(s => schema.All(a => a.Name != s.Name)).Select(s => new KnownArgument(s.Name, ToolWords.Kind(s), "", ToolWords.Seen(s.Seen, "call")))];
    }
}
