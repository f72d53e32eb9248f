using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Ledger;
using AgentMonitor.Web.Api;
using AgentMonitor.Web.Configuration;

namespace AgentMonitor.Web.Decisions;

/// <summary>Reads the requests of agents from JSON, within the limits.</summary>
internal static class RequestReader
{
    private static readonly JsonElement NoArguments = JsonDocument.Parse("{}").RootElement;
    private static readonly string NoArgumentsDigest = LedgerChain.Digest("{}");

    public static ToolCallRequest ToolCall(JsonElement body, LimitOptions limits)
    {
        var fields = new JsonFields(body);
        var session = Session(fields.Object("session"), limits);
        var tool = ToolName(fields.Element("tool"), "/tool", fields.Has("tool") || body.TryGetProperty("tool", out _));
        var arguments = NoArguments;
        var digest = NoArgumentsDigest;
        if (fields.Has("arguments"))
        {
            arguments = fields.Element("arguments");
            if (arguments.ValueKind != JsonValueKind.Object) throw JsonFields.WrongType("/arguments", "an object");
            digest = Digest(arguments);
        }
        return new(session, Users(fields, limits), tool, arguments, digest, fields.OptionalForeignId("callId"), Prompt(fields, limits));
    }

    public static ModelCallRequest ModelCall(JsonElement body, LimitOptions limits)
    {
        var fields = new JsonFields(body);
        var names = new HashSet<string>(StringComparer.Ordinal);
        return new(Session(fields.Object("session"), limits), Users(fields, limits), Prompt(fields, limits), fields.List("tools", limits.OfferedTools, (item, at) =>
        {
            var tool = JsonFields.ObjectItem(item, at);
            var name = ToolName(tool.Element("name"), $"{at}/name", item.TryGetProperty("name", out _));
            if (!names.Add(name)) throw JsonFields.BadValue($"{at}/name", "a tool of that name was offered before in this list");
            var description = tool.OptionalString("description");
            var schema = tool.Element("schema");
            return new OfferedTool(name, description, LedgerChain.Digest($"{name}\n{description}\n{(schema.ValueKind == JsonValueKind.Undefined ? "" : schema.GetRawText())}"), schema);
        }), fields.OptionalForeignId("callId"));
    }

    public static ToolResultRequest Result(JsonElement body)
    {
        var fields = new JsonFields(body);
        var status = fields.String("status");
        if (status is not ("ok" or "error")) throw JsonFields.BadValue("/status", "write `ok` or `error`");
        if (fields.OptionalNumber("durationMs") is < 0) throw JsonFields.BadValue("/durationMs", "a duration is not negative");
        SessionKey? from = null;
        if (fields.Has("fromSession")) from = Parent(fields.Object("fromSession"));
        return new(status, fields.OptionalNumber("durationMs"), fields.Has("content") ? Encoding.UTF8.GetByteCount(fields.Element("content").GetRawText()) : null,
            fields.Has("labels") ? fields.Slugs("labels", 64) : [], from) { Content = fields.Element("content") };
    }

    public static (ImmutableArray<string> Labels, string? Why) Labels(JsonElement body)
    {
        var fields = new JsonFields(body);
        var labels = fields.Slugs("labels", 64);
        return labels.IsEmpty ? throw JsonFields.BadValue("/labels", "name at least one label") : (labels, fields.OptionalString("why"));
    }

    private static SessionRequest Session(JsonFields fields, LimitOptions limits) => new(
        fields.ForeignId("id"),
        fields.OptionalList("parents", limits.Parents, (item, at) => Parent(JsonFields.ObjectItem(item, at))),
        fields.Has("grants") ? fields.Slugs("grants", 64) : null);

    private static SessionKey Parent(JsonFields fields)
    {
        var agent = fields.String("agent");
        return Identifiers.IsSlug(agent) ? new(agent, fields.ForeignId("id")) : throw JsonFields.BadValue($"{fields.Path}/agent", "that is not an agent id");
    }

    // A token would make a user verified; without a configured issuer it cannot be validated, and what is not validated is asserted.
    private static ImmutableArray<ActingUser> Users(JsonFields fields, LimitOptions limits) => fields.OptionalList("users", limits.Users, (item, at) =>
    {
        var user = JsonFields.ObjectItem(item, at);
        _ = user.OptionalString("token");
        return new ActingUser(user.ForeignId("id"), Verified: false, user.OptionalList("roles", 64, JsonFields.Text));
    });

    private static string? Prompt(JsonFields fields, LimitOptions limits) =>
        fields.OptionalString("prompt") is { } text ? text.Length <= limits.PromptCharacters ? text : text[..limits.PromptCharacters] : null;

    private static string ToolName(JsonElement value, string at, bool present)
    {
        if (!present) throw new RefusedException(400, "missing-member", $"`{at}` is missing") { Member = at };
        var name = JsonFields.Text(value, at);
        return Identifiers.IsToolName(name) ? name : throw JsonFields.BadValue(at, $"a tool's name has 1 to {Identifiers.MaxToolNameLength} characters, without control characters or surrounding blanks");
    }

    private static string Digest(JsonElement arguments)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(arguments), hash);
        return Convert.ToHexStringLower(hash);
    }
}
