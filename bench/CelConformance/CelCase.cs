using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Cel;

namespace AgentMonitor.Bench.CelConformance;

/// <summary>A case of the language's conformance suite, one line of a case file.</summary>
internal sealed class CelCase(JsonElement json)
{
    public string Id => json.GetProperty("id").GetString()!;
    public string File => json.GetProperty("file").GetString()!;
    public string Expression => json.GetProperty("expr").GetString()!;
    public string Container => json.TryGetProperty("container", out var container) ? container.GetString() ?? "" : "";
    public bool NeedsMessages => Flag("proto");
    public bool Unchecked => Flag("disable_check");
    public bool CheckOnly => Flag("check_only");
    public JsonElement Expect => json.GetProperty("expect");

    private bool Flag(string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>The cases of a file; a line that is none names itself in the exception.</summary>
    public static IEnumerable<CelCase> Read(string path)
    {
        var number = 0;
        foreach (var line in System.IO.File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            CelCase read;
            try
            {
                using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 512 });
                read = new(document.RootElement.Clone());
                _ = (read.Id, read.File, read.Expression, read.Expect);
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new FormatException($"{path}:{number} is no case: {error.Message}", error);
            }
            yield return read;
        }
    }

    /// <summary>Whether the case is about something that the engine does not have on purpose, and what.</summary>
    public string? LeftOut => NeedsMessages ? "protocol buffer messages" : File == "block_ext" ? "block_ext (macros of the suite itself)" : null;

    public CelEnvironment Environment()
    {
        var environment = CelEnvironment.Standard with { Container = Container };
        if (!json.TryGetProperty("typeEnv", out var declarations) || declarations.ValueKind != JsonValueKind.Array) return environment;
        foreach (var declaration in declarations.EnumerateArray())
        {
            var name = declaration.GetProperty("name").GetString()!;
            environment = declaration.TryGetProperty("overloads", out var overloads)
                ? environment.WithFunction(new(name, "", [.. overloads.EnumerateArray().Select(Overload)]))
                : environment.WithVariable(name, CelCaseValues.Type(declaration.GetProperty("type")));
        }
        return environment;
    }

    public Dictionary<string, CelValue> Bindings()
    {
        var values = new Dictionary<string, CelValue>(StringComparer.Ordinal);
        if (json.TryGetProperty("bindings", out var bindings) && bindings.ValueKind == JsonValueKind.Object)
            foreach (var binding in bindings.EnumerateObject()) values.Add(binding.Name, CelCaseValues.Value(binding.Value));
        return values;
    }

    private static CelOverload Overload(JsonElement overload) => new(
        overload.GetProperty("id").GetString()!,
        [.. overload.GetProperty("params").EnumerateArray().Select(CelCaseValues.Type)],
        CelCaseValues.Type(overload.GetProperty("result")),
        overload.TryGetProperty("instance", out var instance) && instance.GetBoolean());
}
