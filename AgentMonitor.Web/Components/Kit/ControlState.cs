namespace AgentMonitor.Web.Components.Kit;

/// <summary>
/// Cascaded by the frame to whatever shows a switch. Such a component has nothing but names as parameters, and would not be drawn
/// again when the switch changes: a control must never look on when it is off, or off when it is on.
/// </summary>
/// <param name="Revision">The control snapshot's revision.</param>
/// <param name="InForce">Switches that hold now: one that ends by itself changes no revision.</param>
public sealed record ControlState(long Revision, int InForce);
