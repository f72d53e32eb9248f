using System.Collections.Immutable;
using AgentMonitor.Core.Cel;

namespace AgentMonitor.Bench.CelConformance;

/// <summary>Puts one expression through everything that the language does, and says what is wrong with how it took it.</summary>
internal static class CelFuzzTarget
{
    private static readonly CelEnvironment Environment = CelEnvironment.Standard
        .WithVariable("i", CelType.Int).WithVariable("u", CelType.Uint).WithVariable("d", CelType.Double).WithVariable("s", CelType.String).WithVariable("b", CelType.Bool).WithVariable("y", CelType.Bytes)
        .WithVariable("l", new CelType.List(CelType.Int)).WithVariable("ls", new CelType.List(CelType.String)).WithVariable("m", new CelType.Map(CelType.String, CelType.Int)).WithVariable("x", CelType.Dyn)
        .WithVariable("t", CelType.Timestamp).WithVariable("r", CelType.Duration).WithVariable("o", new CelType.Optional(CelType.Int)).WithVariable("a.b.c", CelType.Int)
        .WithVariable("rec", new CelType.Record("thing", ImmutableDictionary.CreateRange(StringComparer.Ordinal,
            [KeyValuePair.Create("name", CelType.String), KeyValuePair.Create("verified", CelType.Bool), KeyValuePair.Create("tags", (CelType)new CelType.List(CelType.String))])));

    /// <summary>How far expressions came, to see that enough of them come far.</summary>
    internal sealed class Counts
    {
        public long NotRead, Refused, Failed, Values;
    }

    /// <summary>Null when all went well; what the language refuses or cannot evaluate went well too.</summary>
    /// <param name="source">The expression.</param>
    /// <param name="seed">Chooses the values of the variables.</param>
    /// <param name="counts">Counts how far it came.</param>
    public static string? Run(string source, int seed, Counts counts)
    {
        try
        {
            return Tried(source, seed, counts);
        }
        catch (Exception error)
        {
            return $"threw {error}";
        }
    }

    private static string? Tried(string source, int seed, Counts counts)
    {
        if (CelParser.Parse(source, CelLimits.Default, out var issues) is not { } ast)
        {
            counts.NotRead++;
            return Wrong(source, issues);
        }
        CelPolicyEnvironment.Check(source, CelLimits.Default, out issues);
        if (issues.Length > 0 && Wrong(source, issues) is { } wrong) return wrong;
        var bindings = Bindings(seed);
        var free = CelPlanner.PlanUnchecked(ast, "").Evaluate(bindings);
        var freeText = CelCaseValues.Show(free);
        if (Unexpected(free)) return $"unchecked: {freeText}";
        if (CelChecker.Check(ast, Environment, out issues) is not { } known)
        {
            counts.Refused++;
            return Wrong(source, issues);
        }
        var value = CelPlanner.Plan(known).Evaluate(bindings);
        var text = CelCaseValues.Show(value);
        if (value.IsError) counts.Failed++;
        else counts.Values++;
        if (Unexpected(value)) return $"checked: {text}";
        var type = known.Types[ast.Root.Id];
        if (!value.IsError && !Has(value.Plain(), type, 0)) return $"has type {type} and value {text}";
        // Without the checker the same must come out; errors may be worded differently.
        return value.IsError == free.IsError && (value.IsError || text == freeText) ? null : $"checked: {text}; unchecked: {freeText}";
    }

    private static bool Unexpected(CelValue value) => value.IsError && value.AsError.Message.StartsWith("the evaluation failed", StringComparison.Ordinal);

    private static string? Wrong(string source, ImmutableArray<CelIssue> issues)
    {
        if (issues.IsEmpty) return "was refused without an issue";
        foreach (var issue in issues)
        {
            if (issue.Position < 0 || issue.Position > source.Length) return $"points outside of the source: {issue}";
            if (string.IsNullOrWhiteSpace(issue.Message) || issue.Message.Length > 1_000) return $"says too little or too much: {issue}";
            if (CelDiagnostics.Format(source, issue).Split('\n').Length != 3) return $"is not shown in three lines: {issue}";
        }
        return null;
    }

    /// <summary>Whether a value is one of a type; elements of lists and maps too, as far down as it is quick.</summary>
    private static bool Has(CelValue value, CelType type, int depth) => depth > 4 || type switch
    {
        CelType.Simple { Name: "dyn" } => true,
        // Null stands for these too.
        CelType.Simple { Name: "google.protobuf.Timestamp" or "google.protobuf.Duration" or "net.IP" or "net.CIDR" } or CelType.Record or CelType.Optional when value.Kind == CelKind.Null => true,
        CelType.Simple simple => value.TypeName == simple.Name,
        CelType.List list => value.Kind == CelKind.List && Enumerable.Range(0, Math.Min(8, value.AsList.Count)).All(i => Has(value.AsList[i].Plain(), list.Element, depth + 1)),
        CelType.Map map => value.Kind == CelKind.Map && Enumerable.Range(0, Math.Min(8, value.AsMap.Count)).All(i => Has(value.AsMap.KeyAt(i).Plain(), map.Key, depth + 1) && Has(value.AsMap.ValueAt(i).Plain(), map.Value, depth + 1)),
        CelType.Optional optional => value.Kind == CelKind.Optional && (!value.HasValue || Has(value.Unwrapped.Plain(), optional.Of, depth + 1)),
        CelType.Type => value.Kind == CelKind.Type,
        CelType.Record record => value.Kind == CelKind.Record && value.TypeName == record.Name,
        _ => true,
    };

    private static CelBindings Bindings(int seed)
    {
        var random = new Random(seed);
        T Pick<T>(params ReadOnlySpan<T> from) => from[random.Next(from.Length)];
        var text = Pick("", "abc", "10.0.0.1", "héllo 😀", "2024-01-31T00:00:00Z", "a,b,c", new string('a', 2_000));
        CelValue[] any = [CelValue.Null, CelValue.True, CelValue.Of(1L), CelValue.Of(2UL), CelValue.Of(1.5), CelValue.Of(text), CelValue.Of([1, 2, 255]), CelValue.ListOf(CelValue.Of(1L), CelValue.Of("a"), CelValue.ListOf()), CelValue.MapOf([(CelValue.Of("a"), CelValue.Of(1L)), (CelValue.Of(1L), CelValue.Null)]), CelValue.Duration(1_500_000_000), CelValue.None, CelValue.Some(CelValue.Of(1L)), CelValue.TypeNamed("int"), CelValue.Of(new Thing())];
        var values = new Dictionary<string, CelValue>(StringComparer.Ordinal)
        {
            ["i"] = CelValue.Of(Pick(0L, 1L, -1L, 5L, long.MaxValue, long.MinValue)),
            ["u"] = CelValue.Of(Pick(0UL, 1UL, ulong.MaxValue)),
            ["d"] = CelValue.Of(Pick(0.0, -0.0, 1.5, double.NaN, double.PositiveInfinity, double.MaxValue)),
            ["s"] = CelValue.Of(text),
            ["b"] = CelValue.Of(Pick(true, false)),
            ["y"] = CelValue.Of(Pick<byte[]>([], [0, 255], [.. "abc"u8])),
            ["l"] = CelValue.ListOf([.. Enumerable.Range(0, Pick(0, 1, 3, 50)).Select(i => CelValue.Of((long)i))]),
            ["ls"] = CelValue.ListOf([.. Enumerable.Range(0, Pick(0, 1, 3)).Select(i => CelValue.Of("t" + i))]),
            ["m"] = CelValue.MapOf(Enumerable.Range(0, Pick(0, 1, 3)).Select(i => (CelValue.Of(((char)('a' + i)).ToString()), CelValue.Of((long)i)))),
            ["x"] = any[random.Next(any.Length)],
            ["t"] = CelValue.Timestamp(Pick(0L, 1_700_000_000L, 253402300799L, -62135596800L), Pick(0, 999_999_999)),
            ["r"] = CelValue.Duration(Pick(0L, 1L, -1_500_000_000L, long.MaxValue, long.MinValue)),
            ["o"] = Pick(CelValue.None, CelValue.Some(CelValue.Of(3L))),
            ["a.b.c"] = CelValue.Of(7L),
            ["rec"] = CelValue.Of(new Thing()),
        };
        return new(values);
    }

    private sealed class Thing : CelRecord
    {
        public override string TypeName => "thing";

        public override bool TryGet(string field, out CelValue value)
        {
            value = field switch { "name" => CelValue.Of("tool-1"), "verified" => CelValue.True, "tags" => CelValue.ListOf(CelValue.Of("a")), _ => default };
            return !value.IsError;
        }

        public override bool SameAs(CelRecord other) => other is Thing;
    }
}
