using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Components.Kit;
using AgentMonitor.Web.Components.Pages.Tools;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Identity;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace AgentMonitor.Tests.Components;

public sealed class ToolPageTests : PageContext
{
    private const string Name = "send/email";

    private ControlRoom Room => Services.GetRequiredService<ControlRoom>();
    private ToolDefinition Saved => Room.Current.FindTool("support", Name)!;

    [Fact]
    public async Task Suggestions_AreAcceptedOneByOne_AndCountWhenSaved()
    {
        var cut = await ShowAsync(OperatorRole.Author);
        Assert.Contains("5 suggestions wait", cut.Markup, StringComparison.Ordinal);
        Assert.Contains("is an e-mail address by its schema", cut.Markup, StringComparison.Ordinal);

        await ClickAsync(cut, "Accept the suggestion Destination for to");
        Assert.Contains("4 suggestions wait", cut.Markup, StringComparison.Ordinal);
        Assert.Contains("Not saved yet. Destinations: + to.", cut.Markup, StringComparison.Ordinal);
        Assert.Empty(Saved.Destinations);

        await ClickAsync(cut, "Accept all suggestions");
        await ClickAsync(cut, "Classify");
        cut.WaitForAssertion(() => Assert.Contains("Classified.", cut.Find(".save-done").TextContent, StringComparison.Ordinal));
        Assert.Equal([Tag.ExternalCommunication, Tag.StateChange], Saved.Tags.Select(t => t.Name));
        Assert.Equal(["to", "body", "kim"], [.. Saved.Destinations, .. Saved.FreeText, Saved.Classification!.By]);
        Assert.Single(Services.GetRequiredService<Toasts>().Shown);
    }

    [Fact]
    public async Task Undo_BringsBackWhatWas_EvenThatNobodyHadClassifiedIt()
    {
        var cut = await ShowAsync(OperatorRole.Author);
        await ClickAsync(cut, "Accept all suggestions");
        cut.Find("#tool-description").Input("in my words");
        await ClickAsync(cut, "Classify");
        cut.WaitForAssertion(() => Assert.Contains(cut.FindAll("button"), b => b.TextContent == "Undo"));
        Assert.False(Saved.DescriptionFromAgent);

        await ClickAsync(cut, "Undo");
        cut.WaitForAssertion(() => Assert.False(Saved.IsClassified));
        Assert.Equal(("Sends it.", true, 0), (Saved.Description, Saved.DescriptionFromAgent, Saved.Destinations.Length));
        cut.WaitForAssertion(() => Assert.Contains("Undone", cut.Find(".save-done").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_AreTypedAndTakenOut_WithTheKeyboard()
    {
        var cut = await ShowAsync(OperatorRole.Author);
        var list = cut.FindComponents<NameList>().Single(l => l.Instance.Label == "Result metadata");
        await TypeAsync(list, "*", "Enter");
        cut.WaitForAssertion(() => Assert.Single(list.FindAll("li")));
        await TypeAsync(list, "!body", "Enter");
        cut.WaitForAssertion(() => Assert.Equal(2, list.FindAll("li").Count));
        await TypeAsync(list, "!", "Enter");
        cut.WaitForAssertion(() => Assert.Contains("not the name of a field", list.Find("[role=alert]").TextContent, StringComparison.Ordinal));
        await TypeAsync(list, "!", "Escape");
        cut.WaitForAssertion(() => Assert.Empty(list.FindAll("[role=alert]")));
        await list.InvokeAsync(() => list.Find("button[aria-label='Remove !body from result metadata']").Click());

        await ClickAsync(cut, "Classify");
        cut.WaitForAssertion(() => Assert.Equal(["*"], Saved.ResultMetadata));
    }

    [Fact]
    public async Task Roles_AreChosenInTheTables()
    {
        var cut = await ShowAsync(OperatorRole.Author);
        Select(cut, "Role of body", nameof(ArgumentRole.Destination));
        Select(cut, "Who wrote sender", "system");
        await ClickAsync(cut, "Classify");
        cut.WaitForAssertion(() => Assert.Equal((1, 1), (Saved.Destinations.Length, Saved.ResultMetadata.Length)));
        Assert.Equal(["body", "sender"], [.. Saved.Destinations, .. Saved.ResultMetadata]);
    }

    [Fact]
    public async Task Viewer_SeesEverything_AndChangesNothing()
    {
        var cut = await ShowAsync(OperatorRole.Viewer);

        Assert.Contains("needs the role author", cut.Markup, StringComparison.Ordinal);
        Assert.Contains("is an e-mail address by its schema", cut.Markup, StringComparison.Ordinal);
        Assert.Empty(cut.FindAll(".save-bar"));
        Assert.All(cut.FindAll("textarea, .tags-field input, .table select"), i => Assert.True(i.HasAttribute("disabled")));
        Assert.All(cut.FindAll("button"), b => Assert.DoesNotContain("Accept", b.TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Leaving_WithUnsavedChanges_Asks()
    {
        var cut = await ShowAsync(OperatorRole.Author);
        var navigation = Services.GetRequiredService<NavigationManager>();
        var here = navigation.Uri;
        await ClickAsync(cut, "Accept all suggestions");

        await cut.InvokeAsync(() => navigation.NavigateTo("/tools"));
        cut.WaitForAssertion(() => Assert.Contains("Leave without saving?", cut.Markup, StringComparison.Ordinal));
        Assert.Equal(here, navigation.Uri);
        cut.FindAll("dialog .dialog-foot button").Single(b => b.TextContent == "Leave without saving").Click();
        cut.WaitForAssertion(() => Assert.EndsWith("/tools", navigation.Uri, StringComparison.Ordinal));
        Assert.False(Saved.IsClassified);
    }

    [Fact]
    public async Task ChangeByAColleague_WhileEditing_IsSaid_AndWhatIsTypedStays()
    {
        var cut = await ShowAsync(OperatorRole.Author);
        Select(cut, "Role of to", nameof(ArgumentRole.Destination));
        await Actions.SaveToolAsync(Admin, new ToolDefinition("support", Name, [new(Tag.Financial)]), Xunit.TestContext.Current.CancellationToken);
        cut.Render();
        cut.WaitForAssertion(() => Assert.Contains("dana changed this tool meanwhile", cut.Markup, StringComparison.Ordinal));
        Assert.Contains("Destinations: + to", cut.Markup, StringComparison.Ordinal);
        await cut.InvokeAsync(() => cut.FindAll("button").Single(b => b.TextContent.StartsWith("Discard mine", StringComparison.Ordinal)).Click());

        cut.WaitForAssertion(() => Assert.True(cut.Find("#tag-financial").HasAttribute("checked")));
        Assert.Contains("every call counts as unvouched", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownTool_IsSaid_WithAWayOn()
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("/agents/support/tools/none");
        var cut = Render<ToolPage>(p => p.Add(c => c.Agent, "support").Add(c => c.Tool, "none").AddCascadingValue(SignIn(OperatorRole.Author)));
        cut.WaitForAssertion(() => Assert.Contains("has not named this tool", cut.Markup, StringComparison.Ordinal));
        Assert.Equal("/tools", cut.Find(".empty a").GetAttribute("href"));
    }

    // As an agent would have offered it, called it and reported on it.
    private async Task<IRenderedComponent<ToolPage>> ShowAsync(OperatorRole role)
    {
        var knowledge = ToolKnowledge.Nothing.WithSchema("""{"properties":{"to":{"type":"string","format":"email"},"body":{"type":"string"},"loud":{"type":"boolean"}}}""")
            .WithFields([], [new("sender", FieldKind.Text, 3, 0), new("body", FieldKind.Text, 3, 3)]);
        var tool = new ToolDefinition("support", Name, null) { Description = "Sends it.", DescriptionFromAgent = true, Knowledge = knowledge, FirstSeenAt = StoryEntries.Noon };
        await Room.ChangeAsync(s => s.WithTool(tool), _ => ([], [new Web.Storage.StateChange.SaveTool(tool)]), tightens: false);
        Services.GetRequiredService<NavigationManager>().NavigateTo(Links.Tool("support", Name));
        var cut = Render<ToolPage>(p => p.Add(c => c.Agent, "support").Add(c => c.Tool, Name).AddCascadingValue(SignIn(role)));
        cut.WaitForElement(".tags-field");
        return cut;
    }

    // Found and clicked in one turn: the page draws itself anew when the feed moves.
    private static Task ClickAsync(IRenderedComponent<ToolPage> cut, string text) => cut.InvokeAsync(() => cut.FindAll("button").Single(b => b.TextContent.Trim() == text).Click());

    private static void Select(IRenderedComponent<ToolPage> cut, string label, string value)
    {
        var id = cut.FindAll("label").Single(l => l.TextContent == label).GetAttribute("for");
        cut.Find($"#{id}").Change(value);
    }

    private static async Task TypeAsync(IRenderedComponent<NameList> list, string text, string key)
    {
        await list.InvokeAsync(() => list.Find("input").Input(text));
        await list.InvokeAsync(() => list.Find("input").KeyDown(new KeyboardEventArgs { Key = key }));
    }
}
