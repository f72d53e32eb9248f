using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMonitor.Web.Api;

/// <summary>Writes JSON answers.</summary>
internal static class Answer
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Answers with an object whose members <paramref name="members"/> writes.</summary>
    public static async Task JsonAsync(HttpContext context, int status, Action<Utf8JsonWriter> members)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, Readable);
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
    }

    /// <summary>Writes a member whose value a serializer context knows.</summary>
    public static void Member<T>(Utf8JsonWriter writer, string name, T value, JsonSerializerContext json)
    {
        writer.WritePropertyName(name);
        JsonSerializer.Serialize(writer, value, typeof(T), json);
    }

    /// <summary>Writes an instant, or null.</summary>
    public static void Instant(Utf8JsonWriter writer, string name, DateTimeOffset? at)
    {
        if (at is { } value) writer.WriteString(name, value.UtcDateTime);
        else writer.WriteNull(name);
    }
}
