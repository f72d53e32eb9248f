using System.Collections.Immutable;

namespace AgentMonitor.Core.Cel;

/// <summary>One way to call a function.</summary>
/// <param name="Id">A name of its own, for tools.</param>
/// <param name="Parameters">The types it takes; of a method, the first is what it is called on. <see cref="CelType.Param"/> stands for any type, the same wherever it has the same name.</param>
/// <param name="Result">The type it gives.</param>
/// <param name="IsInstance">Whether it is a method: <c>x.f(y)</c> and not <c>f(x, y)</c>.</param>
public sealed record CelOverload(string Id, ImmutableArray<CelType> Parameters, CelType Result, bool IsInstance)
{
    /// <summary>The signature as people write it, such as <c>string.contains(string) -> bool</c>.</summary>
    public string Signature(string function) => IsInstance
        ? $"{CelDiagnostics.Name(Parameters[0])}.{function}({string.Join(", ", Parameters.Skip(1).Select(CelDiagnostics.Name))}) -> {CelDiagnostics.Name(Result)}"
        : $"{function}({string.Join(", ", Parameters.Select(CelDiagnostics.Name))}) -> {CelDiagnostics.Name(Result)}";
}

/// <summary>A function: its overloads under one name.</summary>
/// <param name="Name">The name, with its namespace if it has one (<c>math.ceil</c>).</param>
/// <param name="Summary">What it does, in one sentence; empty for operators.</param>
/// <param name="Overloads">The ways to call it.</param>
/// <param name="Extension">The extension it belongs to, or none.</param>
public sealed record CelFunction(string Name, string Summary, ImmutableArray<CelOverload> Overloads, CelExtensions Extension = CelExtensions.None)
{
    /// <summary>
    /// Declares a function by signatures: <c>(int, list(A)) bool</c> for a call, <c>string.(int) string</c> for a method. A single capital
    /// letter is a type parameter.
    /// </summary>
    /// <exception cref="FormatException">A signature is not one.</exception>
    public static CelFunction Of(string name, string summary, CelExtensions extension, params IEnumerable<string> signatures) =>
        new(name, summary, [.. signatures.Select((signature, index) => new SignatureReader(signature).Overload($"{name}/{index}"))], extension);

    private sealed class SignatureReader(string text)
    {
        private int _at;

        public CelOverload Overload(string id)
        {
            var parameters = ImmutableArray.CreateBuilder<CelType>();
            var isInstance = text[0] != '(';
            if (isInstance)
            {
                parameters.Add(Type());
                Expect('.');
            }
            Expect('(');
            while (text[_at] != ')')
            {
                parameters.Add(Type());
                if (text[_at] == ',') _at += 2;
            }
            Expect(')');
            Expect(' ');
            var result = Type();
            return _at == text.Length ? new(id, parameters.DrainToImmutable(), result, isInstance) : throw new FormatException(text);
        }

        private void Expect(char c)
        {
            if (_at >= text.Length || text[_at++] != c) throw new FormatException(text);
        }

        private CelType Type()
        {
            var start = _at;
            while (_at < text.Length && char.IsAsciiLetter(text[_at])) _at++;
            var name = text[start.._at];
            if (name is "list" or "optional" or "map" or "type")
            {
                Expect('(');
                var first = Type();
                CelType type;
                if (name == "map")
                {
                    Expect(',');
                    Expect(' ');
                    type = new CelType.Map(first, Type());
                }
                else type = name switch { "list" => new CelType.List(first), "optional" => new CelType.Optional(first), _ => new CelType.Type(first) };
                Expect(')');
                return type;
            }
            return name switch
            {
                "dyn" => CelType.Dyn,
                "bool" => CelType.Bool,
                "int" => CelType.Int,
                "uint" => CelType.Uint,
                "double" => CelType.Double,
                "string" => CelType.String,
                "bytes" => CelType.Bytes,
                "timestamp" => CelType.Timestamp,
                "duration" => CelType.Duration,
                "ip" => CelType.Ip,
                "cidr" => CelType.Cidr,
                [>= 'A' and <= 'Z'] => new CelType.Param(name),
                _ => throw new FormatException(text),
            };
        }
    }
}
