using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AgentMonitor.Web.Components.Pages.Sessions;

/// <summary>Says in a few words what a call wanted. The result is untrusted text.</summary>
public static class ArgumentWords
{
    /// <summary>The arguments as "request_id 7 · body “Thanks for…”", cut to <paramref name="max"/> characters; empty when there are none.</summary>
    public static string Brief(JsonElement arguments, int max = 120)
    {
        if (arguments.ValueKind != JsonValueKind.Object) return arguments.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? "" : Cut(Value(arguments), max);
        var text = new StringBuilder();
        foreach (var member in arguments.EnumerateObject())
        {
            if (text.Length > 0) text.Append(" · ");
            if (text.Length >= max) break;
            text.Append(member.Name).Append(' ').Append(Value(member.Value));
        }
        return Cut(text.ToString(), max);
    }

    /// <summary>The arguments as indented JSON, for the details.</summary>
    public static string Full(JsonElement arguments) =>
        arguments.ValueKind == JsonValueKind.Undefined ? "{}" : JsonSerializer.Serialize(arguments, Indented);

    /// <summary>Cuts a text to a length on one line, marked with an ellipsis.</summary>
    public static string Cut(string text, int max)
    {
        var line = text.ReplaceLineEndings(" ");
        if (line.Length <= max) return line;
        var end = char.IsHighSurrogate(line[max - 1]) ? max - 1 : max;
        return string.Concat(line.AsSpan(0, end).TrimEnd(), "…");
    }

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => $"“{Cut(value.GetString()!, 60)}”",
        JsonValueKind.Array => value.GetArrayLength() switch
        {
            0 => "none",
            1 => Value(value[0]),
            var n => string.Create(CultureInfo.InvariantCulture, $"{Value(value[0])} and {n - 1} more"),
        },
        JsonValueKind.Object => "{…}",
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Null => "none",
        _ => value.GetRawText(),
    };
}
