using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMonitor.Core.Policy;

namespace AgentMonitor.Web.Control;

/// <summary>The policy as JSON. Reading is strict: a member that is not known is an error, not a silent nothing.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false, RespectNullableAnnotations = true,
    Converters = [typeof(KebabEnumConverter<RuleMode>), typeof(KebabEnumConverter<RuleEffect>), typeof(KebabEnumConverter<RuleApplies>)])]
[JsonSerializable(typeof(PolicyDocument))]
[JsonSerializable(typeof(RuleDocument))]
internal sealed partial class PolicyJson : JsonSerializerContext;

/// <summary>Enumerations as the lower-case words of the wire contract.</summary>
internal sealed class KebabEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) where T : struct, Enum;
