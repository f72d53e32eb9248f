using System.Text.Json.Nodes;

namespace AgentMonitor.Tests.Conformance;

/// <summary>Reads the cases of <c>conformance/</c>.</summary>
internal static class ConformanceFile
{
    public static JsonObject Read(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "conformance", name)))!.AsObject();

    /// <summary>Sets the member that a JSON pointer names; objects on the way must be there.</summary>
    public static void Set(JsonObject root, string pointer, JsonNode? value)
    {
        var (parent, name) = Parent(root, pointer);
        parent[name] = value;
    }

    /// <summary>Removes the member that a JSON pointer names.</summary>
    public static void Remove(JsonObject root, string pointer)
    {
        var (parent, name) = Parent(root, pointer);
        if (!parent.Remove(name)) throw new InvalidOperationException($"{pointer} is not there");
    }

    /// <summary>Null when <paramref name="actual"/> holds everything that <paramref name="wanted"/> names; else where it does not.</summary>
    public static string? Difference(JsonNode? wanted, JsonNode? actual, string at = "")
    {
        switch (wanted)
        {
            case JsonObject members:
                if (actual is not JsonObject found) return $"{at}: wanted an object, got {actual?.ToJsonString() ?? "nothing"}";
                foreach (var (name, value) in members)
                    if (Difference(value, found[name], $"{at}/{name}") is { } difference) return difference;
                return null;
            case JsonArray items:
                if (actual is not JsonArray list || list.Count != items.Count) return $"{at}: wanted {items.ToJsonString()}, got {actual?.ToJsonString() ?? "nothing"}";
                for (var i = 0; i < items.Count; i++)
                    if (Difference(items[i], list[i], $"{at}/{i}") is { } difference) return difference;
                return null;
            default:
                return JsonNode.DeepEquals(wanted, actual) ? null : $"{at}: wanted {wanted?.ToJsonString() ?? "null"}, got {actual?.ToJsonString() ?? "nothing"}";
        }
    }

    private static (JsonObject Parent, string Name) Parent(JsonObject root, string pointer)
    {
        var parts = pointer[1..].Split('/');
        var parent = root;
        foreach (var part in parts[..^1]) parent = parent[part]!.AsObject();
        return (parent, parts[^1]);
    }
}
