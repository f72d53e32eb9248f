using System.Collections.Frozen;

namespace AgentMonitor.Core.Cel;

/// <summary>The words of the language, for highlighting and for messages.</summary>
public static class CelWords
{
    /// <summary>Words that the language keeps for itself and for languages around it: they cannot be variables, and can be fields.</summary>
    public static readonly FrozenSet<string> Reserved = FrozenSet.Create(StringComparer.Ordinal,
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while");

    /// <summary>Words with a meaning of their own: neither variables nor fields.</summary>
    public static readonly FrozenSet<string> Keywords = FrozenSet.Create(StringComparer.Ordinal, "true", "false", "null", "in");
}

/// <summary>Parts of the language beyond the standard, each to be switched on.</summary>
[Flags]
public enum CelExtensions
{
    /// <summary>The standard only.</summary>
    None = 0,
    /// <summary>Values that may be absent: <c>optional.of</c>, <c>a.?b</c>, <c>[?x]</c>, <c>optMap</c>.</summary>
    Optionals = 1,
    /// <summary>More methods of strings.</summary>
    Strings = 2,
    /// <summary><c>math.greatest</c> and what else is in <c>math</c>.</summary>
    Math = 4,
    /// <summary><c>base64</c>.</summary>
    Encoders = 8,
    /// <summary><c>cel.bind</c>.</summary>
    Bindings = 16,
    /// <summary>Macros with two variables.</summary>
    Comprehensions = 32,
    /// <summary><c>sets</c>.</summary>
    Sets = 64,
    /// <summary>IP addresses and networks.</summary>
    Network = 128,
    /// <summary>Everything.</summary>
    All = Optionals | Strings | Math | Encoders | Bindings | Comprehensions | Sets | Network,
}
