using AgentMonitor.Core.Policy;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace AgentMonitor.Tests.Core.Origins;

/// <summary>The laws of switching presets, over random other rules.</summary>
public sealed class PresetTests
{
    [Fact]
    public void Preset_ThatWasApplied_IsTheOneThatThePolicyFollows() =>
        Check((policy, preset) => Presets.Of(Presets.Apply(policy, preset, Worlds.Now))?.Id == preset.Id);

    [Fact]
    public void Preset_Applied_LeavesOtherRulesAsTheyAre() => Check((policy, preset) =>
        Presets.Apply(policy, preset, Worlds.Now).Rules.Where(r => !Presets.RuleIds.Contains(r.Id)).SequenceEqual(policy.Rules.Where(r => !Presets.RuleIds.Contains(r.Id))));

    [Fact]
    public void Preset_AppliedAgain_ChangesNothing() => Check((policy, preset) =>
    {
        var once = Presets.Apply(policy, preset, Worlds.Now);
        return once.Rules.SequenceEqual(Presets.Apply(once, preset, Worlds.Now.AddDays(1)).Rules);
    });

    [Fact]
    public void Preset_AppliedOverAnother_IsAsIfTheOtherHadNeverBeen() => Check((policy, preset) => Presets.All.All(other =>
        Ids(Presets.Apply(Presets.Apply(policy, other, Worlds.Now), preset, Worlds.Now)).SequenceEqual(Ids(Presets.Apply(policy, preset, Worlds.Now)))));

    [Fact]
    public void Preset_WhoseRuleSomebodyChanged_IsNotFollowedAnyMore() => Check((policy, preset) =>
    {
        var applied = Presets.Apply(policy, preset, Worlds.Now);
        return Enumerable.Range(0, preset.Rules.Length).All(i =>
            Presets.Of(new(applied.Rules.SetItem(i, applied.Rules[i] with { Mode = RuleMode.Off }))) is null && Presets.Of(new(applied.Rules.RemoveAt(i))) is null
            && Presets.Of(new(applied.Rules.SetItem(i, applied.Rules[i] with { Message = "In other words." })))?.Id == preset.Id);
    });

    [Fact]
    public void Presets_AreValidPoliciesWithRulesOfTheirOwn()
    {
        Assert.Equal(["seed", "balanced", "strict"], Presets.All.Select(p => p.Id));
        foreach (var preset in Presets.All)
        {
            Assert.Equal(preset.Rules.Length, Worlds.Compile(new(preset.Rules)).ById.Count);
            Assert.Same(preset, Presets.Find(preset.Id));
        }
        Assert.Null(Presets.Find("none"));
        Assert.Null(Presets.Of(PolicyDocument.Empty));
        // A new installation follows the mildest.
        Assert.Equal("seed", Presets.Of(StarterPolicy.Create(Worlds.Now))?.Id);
    }

    private static IEnumerable<string> Ids(PolicyDocument policy) => policy.Rules.Select(r => r.Id);

    private static void Check(Func<PolicyDocument, Preset, bool> law) => FsCheck.Check.One(Worlds.Runs(200), Prop.ForAll(
        (from world in Worlds.World()
         from ofPresets in Gen.SubListOf(Presets.All.SelectMany(p => p.Rules).DistinctBy(r => r.Id).ToArray())
         from preset in Gen.Elements(Presets.All.ToArray())
         select (Policy: new PolicyDocument(world.Policy.Rules.AddRange(ofPresets)), Preset: preset)).ToArbitrary(), made => law(made.Policy, made.Preset)));
}
