using AgentMonitor.Core.Switches;
using Microsoft.AspNetCore.Components;

namespace AgentMonitor.Web.Components.Kit;

/// <summary>
/// Where buttons ask for a switch to be set or lifted. The dialog belongs to the frame, not to the button: a button that goes away
/// because its switch was lifted must not take the receipt with it.
/// </summary>
public sealed class SwitchDesk
{
    /// <summary>What is asked about.</summary>
    public SwitchTarget Target { get; private set; } = SwitchTarget.StopAll;
    /// <summary>To lift it rather than to set it.</summary>
    public bool Lift { get; private set; }
    /// <summary>Whether the dialog is open.</summary>
    public bool Open { get; private set; }
    /// <summary>Told after it was set or lifted.</summary>
    public EventCallback OnDone { get; private set; }
    /// <summary>Raised when something of this changes.</summary>
    public event EventHandler? Changed;

    /// <summary>Opens the dialog.</summary>
    public void Ask(SwitchTarget target, bool lift, EventCallback onDone)
    {
        (Target, Lift, OnDone, Open) = (target, lift, onDone, true);
        Changed?.Invoke(this, EventArgs.Empty);
    }

    /// <summary>Closes it.</summary>
    public void Close()
    {
        Open = false;
        Changed?.Invoke(this, EventArgs.Empty);
    }
}
