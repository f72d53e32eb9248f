using AgentMonitor.Core.Cel;
using Xunit;

namespace AgentMonitor.Tests.Core.Cel;

/// <summary>The syntax of RE2 where it differs from the platform's.</summary>
public sealed class RegexTests
{
    [Theory]
    [InlineData("abc", "b", true)]
    [InlineData("abc\n", "c$", false)]
    [InlineData("abc\n", "(?m)c$", true)]
    [InlineData("x\ny", "(?m)^y", true)]
    [InlineData("x\ny", "^y", false)]
    [InlineData("x\ny", "x.y", false)]
    [InlineData("x\ny", "(?s)x.y", true)]
    [InlineData("٣", @"\d", false)]
    [InlineData("é", @"\w", false)]
    [InlineData("\v", @"\s", false)]
    [InlineData("é", @"\pL", true)]
    [InlineData("É", @"^\p{Lu}$", true)]
    [InlineData("a", @"^[^\p{Lu}]$", true)]
    [InlineData("A", @"^[^\p{Lu}]$", false)]
    [InlineData("🐱", "^.$", true)]
    [InlineData("🐱🐱", "^🐱{2}$", true)]
    [InlineData("🐱", "^[🐰-🐲]$", true)]
    [InlineData("🐳", "^[🐰-🐲]$", false)]
    [InlineData("🐱", "^[^a]$", true)]
    [InlineData("a-b", "[[:alpha:]]-[[:^digit:]]", true)]
    [InlineData("a.b", @"\Qa.b\E", true)]
    [InlineData("axb", @"\Qa.b\E", false)]
    [InlineData("AB", "(?i)ab", true)]
    [InlineData("AB", "(?i:a)b", false)]
    [InlineData("Ab", "(?i:a)b", true)]
    [InlineData("abab", "^(?P<pair>ab)+?$", true)]
    [InlineData("a]", "^[]a]+$", true)]
    [InlineData("a{,2}", @"a{,2}", true)]
    [InlineData("\u0041", @"\x41\x{41}?", true)]
    [InlineData("A", @"\101", true)]
    [InlineData("", "a|", true)]
    [InlineData("a[b", @"^[a[b]+$", true)]
    [InlineData("a\tb", @"a\tb", true)]
    [InlineData("a#b c", "a#b c", true)]
    public void Pattern_MeansWhatRe2Says(string text, string pattern, bool matches)
    {
        var regex = Re2.Compile(pattern, out var error);
        Assert.True(regex is not null, error);
        Assert.Equal(matches, regex.IsMatch(text));
    }

    [Theory]
    [InlineData(@"(a)\1")]
    [InlineData("(?=a)")]
    [InlineData("(?!a)")]
    [InlineData("(?<=a)b")]
    [InlineData("(?>a)")]
    [InlineData("a**")]
    [InlineData("a{2}{3}")]
    [InlineData("a++")]
    [InlineData("*a")]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("[b-a]")]
    [InlineData("a{1001}")]
    [InlineData("((a{100}){100}){100}")]
    [InlineData(@"\Z")]
    [InlineData(@"\")]
    [InlineData(@"\p{NoSuchScript}")]
    [InlineData("(?#comment)")]
    [InlineData("(?x)a")]
    public void Pattern_ThatRe2DoesNotHave_IsRefused(string pattern)
    {
        Assert.Null(Re2.Compile(pattern, out var error));
        Assert.NotEmpty(error!);
    }

    [Fact]
    public void Pattern_ThatNestsOrGrows_IsRefusedAndDoesNotHang()
    {
        Assert.Null(Re2.Compile(new string('(', 500) + new string(')', 500), out _));
        Assert.Null(Re2.Compile(new string('a', CelRunLimits.MaxPattern + 1), out _));
        Assert.Null(Re2.Compile(string.Concat(Enumerable.Repeat("a{1000}", 100)), out _));
    }

    [Fact]
    public void Matching_OfAPatternThatMakesOthersBacktrack_IsLinear() =>
        Assert.True(Run.Over($$"""{"a":"{{new string('a', 50_000)}}!"}""", "!args.a.matches('^(a+)+$')").IsTrue);
}
