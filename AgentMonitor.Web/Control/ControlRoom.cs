using AgentMonitor.Core.Decisions;

namespace AgentMonitor.Web.Control;

/// <summary>Holds the current snapshot of everything that operators control.</summary>
public sealed class ControlRoom
{
    private ControlSnapshot _current = null!;

    /// <summary>The current snapshot. Readers take it once and never lock.</summary>
    public ControlSnapshot Current => Volatile.Read(ref _current);
}
