using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using AgentMonitor.Core.Json;

namespace AgentMonitor.Core.Cel;

/// <summary>
/// Reading of JSON where it lies, without exceptions. A JSON text may hold an escaped lone surrogate, which no UTF-16 text can carry:
/// the platform throws then, these say false.
/// </summary>
internal static class JsonText
{
    public static CelValue Number(JsonElement json) =>
        json.TryGetInt64(out var integer) ? CelValue.Of(integer) : CelValue.Of(Double(json));

    public static double Double(JsonElement json) => json.TryGetDouble(out var number) ? number : double.NaN;

    public static bool TryGetString(JsonElement json, [NotNullWhen(true)] out string? text)
    {
        text = SoundText.Of(json);
        return text is not null;
    }

    public static bool TryGetName(JsonProperty member, [NotNullWhen(true)] out string? name)
    {
        name = SoundText.Of(member);
        return name is not null;
    }

    public static bool TryGetProperty(JsonElement json, string name, out JsonElement value)
    {
        try { return json.TryGetProperty(name, out value); }
        catch (InvalidOperationException) { value = default; return false; }
    }

    public static bool TryGetProperty(JsonElement json, ReadOnlySpan<byte> name, out JsonElement value)
    {
        try { return json.TryGetProperty(name, out value); }
        catch (InvalidOperationException) { value = default; return false; }
    }

    public static bool Equals(JsonElement json, string text)
    {
        try { return json.ValueEquals(text); }
        catch (InvalidOperationException) { return false; }
    }

    public static bool Equals(JsonElement json, ReadOnlySpan<byte> utf8)
    {
        try { return json.ValueEquals(utf8); }
        catch (InvalidOperationException) { return false; }
    }

    /// <summary>The bytes of a string that is written without escapes; false when it has some.</summary>
    public static bool TryGetRaw(JsonElement json, out ReadOnlySpan<byte> utf8)
    {
        var raw = JsonMarshal.GetRawUtf8Value(json);
        utf8 = raw[1..^1];
        return !utf8.Contains((byte)'\\');
    }

    /// <summary>The number of code points; -1 when it is not Unicode text.</summary>
    public static int Size(JsonElement json)
    {
        if (!TryGetRaw(json, out var raw)) return TryGetString(json, out var text) ? CodePoints.Count(text) : -1;
        var continuations = 0;
        foreach (var b in raw)
            if ((b & 0xC0) == 0x80) continuations++;
        return raw.Length - continuations;
    }
}
