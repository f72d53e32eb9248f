namespace AgentMonitor.Core.Cel;

/// <summary>What a host adds to the language: variables and functions that are read directly instead of through an activation.</summary>
internal abstract class CelHost
{
    /// <summary>The node of a variable; null when the host has none of that name.</summary>
    public virtual CelNode? Variable(string name) => null;
    /// <summary>The node of a field of a variable; null when it is to be read from the variable's value.</summary>
    public virtual CelNode? Field(string variable, string field) => null;
    /// <summary>Why a call of a function can never give a value, as far as its constant arguments tell; null when it can.</summary>
    public virtual string? Refuse(string name, CelNode[] arguments) => null;
    /// <summary>The node of a call of a global function; null when the host has none of that name.</summary>
    public virtual CelNode? Function(string name, CelNode[] arguments, int position) => null;
}
