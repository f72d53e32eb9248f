using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using AgentMonitor.Web.Configuration;

namespace AgentMonitor.Web.Api;

/// <summary>Reads a request's JSON, strictly: what is ambiguous or broken is refused with a code that says how, and nothing is done.</summary>
internal static class RequestBody
{
    /// <summary>The body as JSON. Dispose the document when nothing of it is needed any more.</summary>
    public static async ValueTask<JsonDocument> ReadAsync(HttpContext context, LimitOptions limits)
    {
        var request = context.Request;
        if (!IsJson(request.ContentType))
            throw new RefusedException(415, "unsupported-media-type", "send JSON with `Content-Type: application/json`");
        if (request.ContentLength > limits.RequestBytes) throw TooLarge(limits);

        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            if (result.Buffer.Length > limits.RequestBytes)
            {
                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                throw TooLarge(limits);
            }
            if (!result.IsCompleted)
            {
                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }
            // The document outlives the pipe's buffer, so it gets its own copy.
            var body = result.Buffer.ToArray();
            reader.AdvanceTo(result.Buffer.End);
            return Parse(body, limits);
        }
    }

    /// <summary>Parses a body and says exactly what is wrong with one that cannot be taken.</summary>
    public static JsonDocument Parse(byte[] body, LimitOptions limits)
    {
        if (body.Length == 0) throw new RefusedException(400, "malformed-json", "the request has no body; send a JSON object");
        if (!Utf8.IsValid(body)) throw new RefusedException(400, "invalid-utf8", "the body is not valid UTF-8");
        try
        {
            var document = JsonDocument.Parse(body, new() { MaxDepth = limits.JsonDepth, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                // Only an escape can smuggle half of a surrogate pair past the UTF-8 check.
                if (body.AsSpan().IndexOf("\\u"u8) < 0 || HasSoundNames(document.RootElement)) return document;
                document.Dispose();
                throw new RefusedException(400, "malformed-json", "a member's name holds half of a surrogate pair");
            }
            document.Dispose();
            throw new RefusedException(400, "wrong-type", "the body must be a JSON object") { Member = "" };
        }
        catch (JsonException e)
        {
            throw WhatIsWrong(body, limits, e);
        }
        catch (InvalidOperationException)
        {
            // The search for duplicates has to read the names.
            throw new RefusedException(400, "malformed-json", "a member's name holds half of a surrogate pair");
        }
    }

    // Off the common path: parses again with one restriction lifted at a time, so that the code does not rest on a message's wording.
    private static RefusedException WhatIsWrong(byte[] body, LimitOptions limits, JsonException error)
    {
        if (Parses(body, limits.JsonDepth, duplicates: true)) return new(400, "duplicate-member", "an object has the same member twice");
        if (Parses(body, 100_000, duplicates: true)) return new(400, "too-deep", $"the body is nested deeper than {limits.JsonDepth} levels");
        return new(400, "malformed-json", $"the body is not JSON: line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}");
    }

    private static bool HasSoundNames(JsonElement element)
    {
        try
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var member in element.EnumerateObject())
                        if (member.Name is null || !HasSoundNames(member.Value)) return false;
                    return true;
                case JsonValueKind.Array:
                    foreach (var item in element.EnumerateArray())
                        if (!HasSoundNames(item)) return false;
                    return true;
                default:
                    return true;
            }
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool Parses(byte[] body, int depth, bool duplicates)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new() { MaxDepth = depth, AllowDuplicateProperties = duplicates });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsJson(string? contentType)
    {
        if (contentType is null) return false;
        var type = contentType.AsSpan();
        var end = type.IndexOf(';');
        var parameters = end < 0 ? default : type[(end + 1)..].Trim();
        if (end >= 0) type = type[..end];
        return type.Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase)
            && (parameters.IsEmpty || parameters.Equals("charset=utf-8", StringComparison.OrdinalIgnoreCase) || parameters.Equals("charset=\"utf-8\"", StringComparison.OrdinalIgnoreCase));
    }

    private static RefusedException TooLarge(LimitOptions limits) => new(413, "too-large", $"the body is larger than {limits.RequestBytes:N0} bytes");
}
