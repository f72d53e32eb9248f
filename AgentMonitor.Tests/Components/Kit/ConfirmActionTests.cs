using AgentMonitor.Web.Components.Kit;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Control;
using AngleSharp.Dom;
using Bunit;
using Xunit;

namespace AgentMonitor.Tests.Components.Kit;

public sealed class ConfirmActionTests : KitContext
{
    private readonly List<ConfirmInput> _confirmed = [];
    private bool _open = true;

    private IRenderedComponent<ConfirmAction> Show(Func<ConfirmInput, Task<ConfirmOutcome?>>? act = null, bool askUntil = false) => Render<ConfirmAction>(p => p
        .Add(c => c.Open, true)
        .Add(c => c.OpenChanged, open => _open = open)
        .Add(c => c.Title, "Quarantine agent support?")
        .Add(c => c.Verb, "Quarantine")
        .Add(c => c.AskReason, true)
        .Add(c => c.AskUntil, askUntil)
        .Add(c => c.Consequence, () => "support has 3 active sessions and 2 calls in flight.")
        .Add(c => c.Act, act ?? (input =>
        {
            _confirmed.Add(input);
            return Task.FromResult<ConfirmOutcome?>(new("Quarantined: agent support."));
        })));

    private static IElement Submit(IRenderedComponent<ConfirmAction> cut) => cut.Find("button[type=submit]");

    [Fact]
    public void Open_StatesTheConsequenceAndMarksTheReasonForTheFocus()
    {
        var cut = Show();
        Assert.Contains("3 active sessions and 2 calls in flight", cut.Markup, StringComparison.Ordinal);
        Assert.True(cut.Find("input[data-first]").HasAttribute("data-first"));
        Assert.Contains(JSInterop.Invocations, i => i.Identifier == "agentMonitor.openDialog");
    }

    [Fact]
    public void Enter_ConfirmsWithTheReasonAndSaysWhatItDid()
    {
        var cut = Show();
        cut.Find("input[data-first]").Input("  incident 42 ");
        cut.Find("form").Submit();
        Assert.Equal([new ConfirmInput("incident 42", null)], _confirmed);
        Assert.Contains("Quarantined: agent support.", cut.Find("[role=status]").TextContent, StringComparison.Ordinal);
        Assert.True(_open);
    }

    [Fact]
    public void Enter_WithoutAReason_AsksForOneAndDoesNothing()
    {
        var cut = Show();
        cut.Find("form").Submit();
        Assert.Empty(_confirmed);
        Assert.Equal("true", cut.Find("input[data-first]").GetAttribute("aria-invalid"));
    }

    [Fact]
    public async Task Escape_LeavesWithoutActing()
    {
        var cut = Show();
        // The browser closes a modal dialog on Esc by itself, and tells.
        await cut.Find("dialog").TriggerEventAsync("onclose", EventArgs.Empty);
        Assert.False(_open);
        Assert.Empty(_confirmed);
    }

    [Fact]
    public void Cancel_LeavesWithoutActing()
    {
        var cut = Show();
        cut.Find("button:contains('Cancel')").Click();
        Assert.False(_open);
        Assert.Empty(_confirmed);
    }

    [Fact]
    public async Task DoubleClick_ActsOnce()
    {
        var gate = new TaskCompletionSource();
        var cut = Show(async input =>
        {
            _confirmed.Add(input);
            await gate.Task;
            return new("Done.");
        });
        cut.Find("input[data-first]").Input("why");
        var first = cut.Find("form").SubmitAsync();
        var second = cut.Find("form").SubmitAsync();
        Assert.True(Submit(cut).HasAttribute("disabled"));
        gate.SetResult();
        await Task.WhenAll(first, second);
        cut.WaitForAssertion(() => Assert.Contains("Done.", cut.Markup, StringComparison.Ordinal));
        Assert.Single(_confirmed);
    }

    [Fact]
    public void Refused_SaysWhyInPlaceAndCanBeTriedAgain()
    {
        var refuse = true;
        var cut = Show(_ => refuse ? throw new RefusedException(403, "role-required", "this needs the role operator") : Task.FromResult<ConfirmOutcome?>(new("Done.")));
        cut.Find("input[data-first]").Input("why");
        cut.Find("form").Submit();
        Assert.Contains("This needs the role operator.", cut.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.False(Submit(cut).HasAttribute("disabled"));
        refuse = false;
        cut.Find("form").Submit();
        Assert.Contains("Done.", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void UntilAnHour_IsPassedAsAnInstant()
    {
        var cut = Show(askUntil: true);
        cut.Find("input[data-first]").Input("why");
        cut.FindAll("label.choice").Single(l => l.TextContent.Contains("1 hour", StringComparison.Ordinal)).QuerySelector("input")!.Change(true);
        cut.Find("form").Submit();
        Assert.Equal(Clock.Now.AddHours(1), Assert.Single(_confirmed).Until);
    }

    [Fact]
    public void Receipt_ProvesTheSwitch()
    {
        var at = Clock.Now;
        var call = new AllowedCall("d1", "support", "chat-1", "refund", at.AddMilliseconds(-22), []);
        var cut = Show(_ => Task.FromResult<ConfirmOutcome?>(new("Quarantined.", new SwitchReceipt(at, call, [call], 1))));
        cut.Find("input[data-first]").Input("why");
        cut.Find("form").Submit();
        var text = string.Join(" ", cut.Find("[role=status]").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("In force since 12:00:00.000", text, StringComparison.Ordinal);
        Assert.Contains("Last allowed call: 11:59:59.978 (refund of support, still running)", text, StringComparison.Ordinal);
        Assert.Contains("1 call in flight may still finish", text, StringComparison.Ordinal);
        Assert.Contains("1 waiting approval was cancelled", text, StringComparison.Ordinal);
    }
}
