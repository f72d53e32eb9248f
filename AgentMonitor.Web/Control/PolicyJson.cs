using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMonitor.Core.Policy;

namespace AgentMonitor.Web.Control;

/// <summary>The policy as JSON. Reading is strict: a member that is not known is an error, not a silent nothing.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false, RespectNullableAnnotations = true,
    Converters = [typeof(KebabEnumConverter<RuleMode>), typeof(KebabEnumConverter<RuleEffect>), typeof(KebabEnumConverter<RuleApplies>), typeof(KebabEnumConverter<RuleDestinations>), typeof(GrantedConverter)])]
[JsonSerializable(typeof(PolicyBody))]
[JsonSerializable(typeof(RuleDocument))]
internal sealed partial class PolicyJson : JsonSerializerContext;

/// <summary>The body of <c>PUT /v1/policy</c>: what <c>GET</c> answers can be sent back as it is.</summary>
/// <param name="Rules">The rules.</param>
/// <param name="Revision">The revision that was read; <c>If-Match</c> is what counts.</param>
internal sealed record PolicyBody([property: JsonRequired] System.Collections.Immutable.ImmutableArray<RuleDocument> Rules, long? Revision = null);

/// <summary><c>granted</c> as people write it: <c>any</c>, or <c>false</c>.</summary>
internal sealed class GrantedConverter : JsonConverter<RuleGranted>
{
    public override RuleGranted Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.False => RuleGranted.No,
        JsonTokenType.String when reader.ValueTextEquals("any"u8) => RuleGranted.Any,
        JsonTokenType.String when reader.ValueTextEquals("false"u8) => RuleGranted.No,
        _ => throw new JsonException("`granted` is \"any\" or false"),
    };

    public override void Write(Utf8JsonWriter writer, RuleGranted value, JsonSerializerOptions options)
    {
        if (value == RuleGranted.No) writer.WriteBooleanValue(false);
        else writer.WriteStringValue("any"u8);
    }
}

/// <summary>Enumerations as the lower-case words of the wire contract.</summary>
internal sealed class KebabEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) where T : struct, Enum;
