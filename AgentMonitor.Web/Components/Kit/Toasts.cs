namespace AgentMonitor.Web.Components.Kit;

/// <summary>Short messages of one circuit that go away by themselves: for what succeeded out of sight.</summary>
public sealed class Toasts
{
    private readonly List<ToastMessage> _shown = [];

    /// <summary>What is shown, oldest first.</summary>
    public IReadOnlyList<ToastMessage> Shown => _shown;
    /// <summary>Raised when that changes.</summary>
    public event EventHandler? Changed;

    /// <summary>Shows a message for six seconds.</summary>
    public void Show(string text, Tone tone = Tone.Neutral)
    {
        var message = new ToastMessage(Guid.NewGuid(), text, tone);
        _shown.Add(message);
        // More than four at once would cover the page.
        if (_shown.Count > 4) _shown.RemoveAt(0);
        Changed?.Invoke(this, EventArgs.Empty);
        _ = LeaveAsync(message);
    }

    /// <summary>Takes a message away.</summary>
    public void Dismiss(ToastMessage message)
    {
        if (_shown.Remove(message)) Changed?.Invoke(this, EventArgs.Empty);
    }

    private async Task LeaveAsync(ToastMessage message)
    {
        await Task.Delay(TimeSpan.FromSeconds(6));
        Dismiss(message);
    }
}

/// <summary>A short message.</summary>
public sealed record ToastMessage(Guid Id, string Text, Tone Tone);
