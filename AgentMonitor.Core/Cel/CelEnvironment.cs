using System.Collections.Immutable;

namespace AgentMonitor.Core.Cel;

/// <summary>What an expression may name: variables, functions and types. Immutable; the <c>With</c> methods give changed copies.</summary>
public sealed record CelEnvironment
{
    /// <summary>The language with all extensions, and no variables.</summary>
    public static readonly CelEnvironment Standard = Of(CelExtensions.All);

    private CelEnvironment() { }

    /// <summary>The extensions that are on.</summary>
    public CelExtensions Extensions { get; private init; }

    /// <summary>The namespace in which names are looked up first, then outward; empty for none.</summary>
    public string Container { get; init; } = "";

    /// <summary>Variables by full name.</summary>
    public ImmutableDictionary<string, CelType> Variables { get; private init; } = ImmutableDictionary<string, CelType>.Empty;

    /// <summary>Functions by full name.</summary>
    public ImmutableDictionary<string, CelFunction> Functions { get; private init; } = ImmutableDictionary<string, CelFunction>.Empty;

    /// <summary>Types that can be named, by full name.</summary>
    public ImmutableDictionary<string, CelType> TypeNames { get; private init; } = ImmutableDictionary<string, CelType>.Empty;

    /// <summary>The language with some extensions, and no variables.</summary>
    public static CelEnvironment Of(CelExtensions extensions)
    {
        var environment = new CelEnvironment
        {
            Extensions = extensions,
            TypeNames = CelDeclarations.TypeNames.Where(type => extensions.HasFlag(type.Extension)).ToImmutableDictionary(type => type.Name, type => type.Type, StringComparer.Ordinal),
        };
        return CelDeclarations.Functions.Where(function => extensions.HasFlag(function.Extension)).Aggregate(environment, (built, function) => built.WithFunction(function));
    }

    /// <summary>With a variable; a dotted name (<c>a.b</c>) is one variable.</summary>
    public CelEnvironment WithVariable(string name, CelType type) => this with { Variables = Variables.SetItem(name, type) };

    /// <summary>With a function, or with more overloads of one that is there.</summary>
    public CelEnvironment WithFunction(CelFunction function) => this with
    {
        Functions = Functions.SetItem(function.Name, Functions.TryGetValue(function.Name, out var present) ? present with { Overloads = [.. present.Overloads, .. function.Overloads] } : function),
    };

    /// <summary>The names that a name may stand for, in the order in which they are tried. A leading dot leaves only the name itself.</summary>
    public IEnumerable<string> Candidates(string name)
    {
        if (name.StartsWith('.'))
        {
            yield return name[1..];
            yield break;
        }
        for (var scope = Container; scope.Length > 0; scope = scope.LastIndexOf('.') is var dot and > 0 ? scope[..dot] : "") yield return $"{scope}.{name}";
        yield return name;
    }
}
