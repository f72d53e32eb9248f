using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMonitor.Web.Control;

/// <summary>What a preset did to recorded sessions: measured by <c>bench/replay</c>, shipped with the program.</summary>
/// <param name="Preset">The preset.</param>
/// <param name="Attacks">Recorded attacks that succeeded.</param>
/// <param name="Stopped">Those of them that it stops.</param>
/// <param name="Benign">Recorded sessions of ordinary work.</param>
/// <param name="Untouched">Those of them in which nothing was denied or asked.</param>
/// <param name="ApprovalsPerSession">How often a person is asked in a session of ordinary work, on average.</param>
/// <param name="Granted">The same where every session declares what its task needs; null where that makes no difference.</param>
public sealed record PresetEffect(string Preset, int Attacks, int Stopped, int Benign, int Untouched, double ApprovalsPerSession, GrantedEffect? Granted = null);

/// <summary>What a preset did to the same sessions when each declared the capabilities that its task needs.</summary>
/// <param name="Stopped">Attacks that it stops.</param>
/// <param name="Untouched">Sessions of ordinary work in which nothing was denied or asked.</param>
public sealed record GrantedEffect(int Stopped, int Untouched);

/// <summary>The measured effect of all presets.</summary>
/// <param name="Measured">When it was measured, as a date.</param>
/// <param name="Source">On what, in a sentence.</param>
/// <param name="Presets">The presets.</param>
public sealed record PresetEffects(string Measured, string Source, IReadOnlyList<PresetEffect> Presets)
{
    private static readonly Lazy<PresetEffects> Loaded = new(() =>
    {
        using var stream = typeof(PresetEffects).Assembly.GetManifestResourceStream("preset-effects.json") ?? throw new InvalidOperationException("preset-effects.json is not in the assembly");
        return JsonSerializer.Deserialize(stream, PresetEffectsJson.Default.PresetEffects)!;
    });

    /// <summary>The figures that came with this program.</summary>
    public static PresetEffects Shipped => Loaded.Value;

    /// <summary>The figures of a preset; null when it was not measured.</summary>
    public PresetEffect? Of(string preset) => Presets.FirstOrDefault(p => p.Preset == preset);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PresetEffects))]
internal sealed partial class PresetEffectsJson : JsonSerializerContext;
