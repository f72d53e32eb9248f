using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMonitor.Core.Json;

namespace AgentMonitor.Core.Redaction;

/// <summary>
/// Makes arguments and texts fit to be kept: secrets masked, long values cut. What is cut or masked cannot be got back; the digest
/// of the original is kept beside it.
/// </summary>
public static partial class Redactor
{
    /// <summary>Longest string that is kept whole, in characters.</summary>
    public const int MaxString = 2_000;
    /// <summary>Longest redacted JSON that is kept, in characters; beyond it further members are left out.</summary>
    public const int MaxTotal = 16_000;
    // The longest secret that a pattern knows, a private key, fits.
    private const int SecretReach = 8_192;
    private const string Mask = "•••";

    /// <summary>The arguments as kept: JSON with the same shape.</summary>
    public static string Arguments(JsonElement arguments)
    {
        if (arguments.ValueKind == JsonValueKind.Undefined) return "{}";
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(writer, arguments, secret: false);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Whether redacted arguments may say less than they were: something was masked or cut.</summary>
    /// <param name="redacted">What <see cref="Arguments"/> gave.</param>
    public static bool IsAltered(string redacted) =>
        redacted.Contains(Mask, StringComparison.Ordinal) || redacted.Contains('…', StringComparison.Ordinal) || redacted.Contains("(not a Unicode", StringComparison.Ordinal);

    /// <summary>A text as kept: masked first and cut then, since a cut through a secret would leave a part that no pattern knows.</summary>
    public static string Text(string text, int max = MaxString)
    {
        // What lies far behind the cut is not kept, so it need not be searched.
        var reach = Math.Min(text.Length, max + SecretReach);
        if (reach < text.Length && char.IsHighSurrogate(text[reach - 1])) reach--;
        var masked = SecretScanner.Masked.Replace(text[..reach], Masked);
        if (masked.Length <= max && reach == text.Length) return masked;
        var end = Math.Min(max, masked.Length);
        if (char.IsHighSurrogate(masked[end - 1])) end--;
        return $"{masked.AsSpan(0, end)}… ({Math.Max(1, text.Length - end)} more characters)";
    }

    /// <summary>Cuts a text to at most <paramref name="max"/> characters, never inside a surrogate pair, and says how much is gone.</summary>
    public static string Cut(string text, int max)
    {
        if (text.Length <= max) return text;
        var end = char.IsHighSurrogate(text[max - 1]) ? max - 1 : max;
        return $"{text.AsSpan(0, end)}… ({text.Length - end} more characters)";
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, bool secret)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    if (Full(writer)) break;
                    var name = Sound(member);
                    writer.WritePropertyName(Cut(name, 200));
                    Write(writer, member.Value, secret || SecretNames().IsMatch(name));
                }
                if (Full(writer)) writer.WriteString("…", "cut");
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    if (Full(writer)) break;
                    Write(writer, item, secret);
                }
                if (Full(writer)) writer.WriteStringValue("… cut");
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(secret ? Mask : Text(Sound(value)));
                break;
            case JsonValueKind.Number when secret:
                writer.WriteStringValue(Mask);
                break;
            case JsonValueKind.Number when value.GetRawText() is { Length: > 100 } digits:
                writer.WriteStringValue(Cut(digits, 100));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static bool Full(Utf8JsonWriter writer) => writer.BytesCommitted + writer.BytesPending > MaxTotal;

    // A string may hold an escaped lone surrogate, which no UTF-16 text can carry.
    private static string Sound(JsonElement value) => SoundText.Of(value) ?? "(not a Unicode text)";

    private static string Sound(JsonProperty member) => SoundText.Of(member) ?? "(not a Unicode name)";

    private static string Masked(Match match) => match.Groups["keep"].Success ? match.Groups["keep"].Value + Mask : Mask;

    [GeneratedRegex(@"^(?:.*[_\-.])?(?:pass(?:word|wd|phrase)?|secret|api[_-]?key|apikey|access[_-]?key|private[_-]?key|token|auth(?:orization)?|credentials?|pin|cvv|ssn)$|(?:password|secret|apikey|token)$",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex SecretNames();
}
