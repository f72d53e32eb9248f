using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMonitor.Core.Policy;

namespace AgentMonitor.Web.Control;

/// <summary>The policy as JSON. Reading is strict: a member that is not known is an error, not a silent nothing.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false, RespectNullableAnnotations = true,
    Converters = [typeof(KebabEnumConverter<RuleMode>), typeof(KebabEnumConverter<RuleEffect>), typeof(KebabEnumConverter<RuleApplies>)])]
[JsonSerializable(typeof(PolicyBody))]
[JsonSerializable(typeof(RuleDocument))]
internal sealed partial class PolicyJson : JsonSerializerContext;

/// <summary>The body of <c>PUT /v1/policy</c>: what <c>GET</c> answers can be sent back as it is.</summary>
/// <param name="Rules">The rules.</param>
/// <param name="Revision">The revision that was read; <c>If-Match</c> is what counts.</param>
internal sealed record PolicyBody([property: JsonRequired] System.Collections.Immutable.ImmutableArray<RuleDocument> Rules, long? Revision = null);

/// <summary>Enumerations as the lower-case words of the wire contract.</summary>
internal sealed class KebabEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) where T : struct, Enum;
