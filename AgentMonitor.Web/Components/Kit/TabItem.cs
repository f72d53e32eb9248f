namespace AgentMonitor.Web.Components.Kit;

/// <summary>A tab.</summary>
/// <param name="Id">Its name in the address.</param>
/// <param name="Name">Its name on the page.</param>
/// <param name="Count">A number beside it.</param>
public sealed record TabItem(string Id, string Name, long? Count = null);

/// <summary>A filter in force, shown as a chip that takes it away.</summary>
/// <param name="Key">Its name in the address.</param>
/// <param name="Name">Its name on the page.</param>
/// <param name="Value">What it demands; may be untrusted text.</param>
public sealed record FilterItem(string Key, string Name, string? Value);
