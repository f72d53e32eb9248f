using System.Collections.Immutable;

namespace AgentMonitor.Core.Cel;

#pragma warning disable CA1720 // The names are the language's own.
/// <summary>A static type of the Common Expression Language. Types are equal when they are written the same.</summary>
public abstract record CelType
{
    private CelType() { }

    /// <summary>Anything: decided when the expression runs.</summary>
    public static readonly CelType Dyn = new Simple("dyn");
    /// <summary>The type of <c>null</c>.</summary>
    public static readonly CelType Null = new Simple("null_type");
    /// <summary><c>bool</c>.</summary>
    public static readonly CelType Bool = new Simple("bool");
    /// <summary>64-bit signed.</summary>
    public static readonly CelType Int = new Simple("int");
    /// <summary>64-bit unsigned.</summary>
    public static readonly CelType Uint = new Simple("uint");
    /// <summary>IEEE 754 double.</summary>
    public static readonly CelType Double = new Simple("double");
    /// <summary>Unicode code points.</summary>
    public static readonly CelType String = new Simple("string");
    /// <summary>Bytes.</summary>
    public static readonly CelType Bytes = new Simple("bytes");
    /// <summary>An instant with nanoseconds.</summary>
    public static readonly CelType Timestamp = new Simple("google.protobuf.Timestamp");
    /// <summary>A span of time with nanoseconds.</summary>
    public static readonly CelType Duration = new Simple("google.protobuf.Duration");
    /// <summary>An IP address (network extension).</summary>
    public static readonly CelType Ip = new Simple("net.IP");
    /// <summary>An IP network (network extension).</summary>
    public static readonly CelType Cidr = new Simple("net.CIDR");

    /// <summary>A type without parameters, by its name in the language.</summary>
    public sealed record Simple(string Name) : CelType
    {
        /// <inheritdoc/>
        public override string ToString() => Name;
    }
    /// <summary><c>list(E)</c>.</summary>
    public sealed record List(CelType Element) : CelType
    {
        /// <inheritdoc/>
        public override string ToString() => $"list({Element})";
    }
    /// <summary><c>map(K, V)</c>.</summary>
    public sealed record Map(CelType Key, CelType Value) : CelType
    {
        /// <inheritdoc/>
        public override string ToString() => $"map({Key}, {Value})";
    }
    /// <summary>The type of a type.</summary>
    public sealed record Type(CelType Of) : CelType
    {
        /// <inheritdoc/>
        public override string ToString() => $"type({Of})";
    }
    /// <summary>A value that may be absent.</summary>
    public sealed record Optional(CelType Of) : CelType
    {
        /// <inheritdoc/>
        public override string ToString() => $"optional_type({Of})";
    }
    /// <summary>A type parameter of a function.</summary>
    public sealed record Param(string Name) : CelType
    {
        /// <inheritdoc/>
        public override string ToString() => Name;
    }
    /// <summary>An abstract type of the host, with parameters.</summary>
    public sealed record Abstract(string Name, ImmutableArray<CelType> Parameters) : CelType
    {
        /// <inheritdoc/>
        public override string ToString() => Parameters.IsDefaultOrEmpty ? Name : $"{Name}({string.Join(", ", Parameters)})";
        /// <inheritdoc/>
        public bool Equals(Abstract? other) => other is not null && Name == other.Name && Parameters.AsSpan().SequenceEqual(other.Parameters.AsSpan());
        /// <inheritdoc/>
        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
    }
    /// <summary>An object of the host whose fields are known: a field that is not there is an error when the expression is checked.</summary>
    public sealed record Record(string Name, ImmutableDictionary<string, CelType> Fields) : CelType
    {
        /// <inheritdoc/>
        public override string ToString() => Name;
        /// <inheritdoc/>
        public bool Equals(Record? other) => other is not null && Name == other.Name;
        /// <inheritdoc/>
        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
    }
}
