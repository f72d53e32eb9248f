using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Redaction;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace AgentMonitor.Tests.Core;

public sealed class GlobTests
{
    [Fact]
    public void Glob_OfAnyPattern_EqualsTheRegularExpression() => Check.One(Worlds.Runs(5_000), Prop.ForAll(
        Gen.Elements("a", "b", "*", ".", "*").ListOf().Select(string.Concat).ToArbitrary(), Gen.Elements("a", "b", ".", "\n").ListOf().Select(string.Concat).ToArbitrary(),
        (pattern, text) => Glob.Matches(pattern, text) == Regex.IsMatch(text, $"\\A{string.Join(".*", pattern.Split('*').Select(Regex.Escape))}\\z", RegexOptions.Singleline | RegexOptions.NonBacktracking)));

    [Fact]
    public void Glob_MadeToBacktrack_StaysQuick()
    {
        // A matcher that tries every split would not end today.
        Assert.False(Glob.Matches(string.Concat(Enumerable.Repeat("*a", 60)) + "b", new string('a', 120)));
    }

    [Theory]
    [InlineData("Read", "read")]
    [InlineData("r?ad", "read")]
    [InlineData("", "read")]
    public void Glob_HasNoOtherWildcardsAndMindsCase(string pattern, string text) => Assert.False(Glob.Matches(pattern, text));
}

public sealed class IdentifierTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("pm-portal")]
    [InlineData("a.b_c-d")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Slug_OfLowerCaseLettersAndDigits_IsOne(string text) => Assert.True(Identifiers.IsSlug(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("-a")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    [InlineData("*")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Slug_OfAnythingElse_IsNone(string? text) => Assert.False(Identifiers.IsSlug(text));

    [Theory]
    [InlineData("chat-42")]
    [InlineData("a b")]
    [InlineData("team/alpha?x=1#y%2F")]
    [InlineData("日本語")]
    [InlineData("🙂")]
    [InlineData("..")]
    public void ForeignId_OfAnyPrintableText_IsOne(string text) => Assert.True(Identifiers.IsForeignId(text));

    [Theory]
    [InlineData("")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("a\u0000b")]
    [InlineData("a\nb")]
    [InlineData("a\u007fb")]
    [InlineData("a\u0085b")]
    [InlineData("a\u202eb")]
    [InlineData("a\u2066b")]
    [InlineData("a\u200bb")]
    [InlineData("a\ufeffb")]
    [InlineData("a\u00adb")]
    [InlineData("a\u061cb")]
    [InlineData("a\u2028b")]
    [InlineData("a\U000e0041b")]
    public void ForeignId_ThatHidesOrReordersText_IsNone(string text) => Assert.False(Identifiers.IsForeignId(text));

    [Fact]
    public void ForeignId_OfALoneSurrogate_IsNone()
    {
        Assert.False(Identifiers.IsForeignId("a\ud800b"));
        Assert.False(Identifiers.IsForeignId("\udc00"));
    }

    [Fact]
    public void Length_OfIds_IsBounded()
    {
        Assert.True(Identifiers.IsForeignId(new('x', 256)));
        Assert.False(Identifiers.IsForeignId(new('x', 257)));
        Assert.True(Identifiers.IsToolName(new('x', 128)));
        Assert.False(Identifiers.IsToolName(new('x', 129)));
        Assert.False(Identifiers.IsToolName("*"));
    }
}

public sealed class RedactorTests
{
    [Theory]
    [InlineData("the key is sk-abcdefghijklmnopqrstuvwx ok", "abcdefghijklmnop")]
    [InlineData("ghp_0123456789abcdefghijABCDEFGHIJ012345", "0123456789abcdef")]
    [InlineData("AKIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "dozjgNryP4J3")]
    [InlineData("Authorization: Bearer abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnop")]
    [InlineData("password=hunter2-is-secret", "hunter2")]
    [InlineData("PASSWORD: \"hunter2\"", "hunter2")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----", "MIIEpAIBAAKCAQEA")]
    [InlineData("xoxb-123456789012-abcdefghijkl", "123456789012")]
    [InlineData("amk_0123456789_abcdefghijklmnopqrstuvwxyz012345abcdef", "abcdefghijklmnop")]
    public void Secret_InAText_IsMasked(string text, string secret)
    {
        Assert.Contains(secret, text, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, Redactor.Text(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("password")]
    [InlineData("Password")]
    [InlineData("db_password")]
    [InlineData("newPassword")]
    [InlineData("api_key")]
    [InlineData("apiKey")]
    [InlineData("client-secret")]
    [InlineData("clientSecret")]
    [InlineData("access_token")]
    [InlineData("accessToken")]
    [InlineData("privateKey")]
    [InlineData("accessKey")]
    [InlineData("cvv")]
    public void Secret_ByTheNameOfItsMember_IsMasked(string name)
    {
        foreach (var value in new[] { "\"swordfish\"", "12345678", "[\"swordfish\"]", "{\"value\":\"swordfish\",\"n\":12345678}" })
        {
            var kept = Redact($$"""{"{{name}}":{{value}},"other":"stays"}""");
            Assert.DoesNotContain("swordfish", kept, StringComparison.Ordinal);
            Assert.DoesNotContain("12345678", kept, StringComparison.Ordinal);
            Assert.Contains("stays", kept, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("passenger")]
    [InlineData("author")]
    [InlineData("opinion")]
    [InlineData("tokens_used")]
    [InlineData("pinned")]
    public void Name_ThatOnlyLooksLikeASecret_IsKept(string name) => Assert.Contains("visible", Redact($$"""{"{{name}}":"visible"}"""), StringComparison.Ordinal);

    [Fact]
    public void Secret_ThatACutWouldSplit_IsMaskedNevertheless()
    {
        // The part before the cut is too short to be recognised, but it is part of the secret all the same.
        var text = new string('x', Redactor.MaxString - 18) + " sk-abcdefghijklmnopqrstuvwxyz0123456789";
        Assert.DoesNotContain("abcdefgh", Redactor.Text(text), StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_KeepsWholeCharactersAndSaysHowMuchIsGone()
    {
        Assert.Equal("abc", Redactor.Cut("abc", 3));
        Assert.Equal("ab… (2 more characters)", Redactor.Cut("abcd", 2));
        Assert.Equal("a… (3 more characters)", Redactor.Cut("a🙂b", 2));
    }

    [Fact]
    public void Arguments_OfAnyJson_AreKeptAsJsonWithinTheBound() => Check.One(Worlds.Runs(1_000), Prop.ForAll(Json(4).ToArbitrary(), text =>
    {
        var kept = Redact($$"""{"a":{{text}}}""");
        using var document = JsonDocument.Parse(kept);
        return document.RootElement.ValueKind == JsonValueKind.Object && kept.Length < Redactor.MaxTotal + 20_000;
    }));

    [Fact]
    public void Arguments_ThatAreHuge_AreCut()
    {
        Assert.InRange(Redact($$"""{"a":[{{string.Join(',', Enumerable.Range(0, 200_000))}}]}""").Length, 1_000, Redactor.MaxTotal + 1_000);
        Assert.InRange(Redact($$"""{"a":"{{new string('x', 1_000_000)}}"}""").Length, 1_000, Redactor.MaxString + 200);
        Assert.InRange(Redact($$"""{"{{new string('x', 100_000)}}":1}""").Length, 100, 1_000);
        Assert.InRange(Redact($$"""{"a":{{new string('9', 100_000)}}}""").Length, 100, 1_000);
    }

    [Fact]
    public void Arguments_WithHalfASurrogatePair_AreKeptWithoutIt()
    {
        Assert.Contains("not a Unicode text", Redact("""{"a":"\ud800"}"""), StringComparison.Ordinal);
        _ = JsonDocument.Parse(Redact("""{"\ud800":1,"b":2}"""));
    }

    [Fact]
    public void Arguments_WithoutAny_AreAnEmptyObject() => Assert.Equal("{}", Redactor.Arguments(default));

    private static string Redact(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Redactor.Arguments(document.RootElement);
    }

    private static Gen<string> Json(int depth)
    {
        var leaf = Gen.OneOf(
            Gen.Elements("null", "true", "false", "0", "-1.5e300", "1e-999", "\"\"", "\"\\u0000\"", "\"\\ud83d\\ude42\"", "\"\\ud800\"", "\"password=abcdefgh\"", "123456789012345678901234567890"),
            Gen.Choose(0, 0x2FF).ListOf().Select(codes => JsonSerializer.Serialize(string.Concat(codes.Select(c => new Rune(c).ToString())))));
        if (depth == 0) return leaf;
        var name = Gen.Elements("a", "b", "password", "token", "", "x y", "\\u0000", "ü");
        return Gen.Frequency(
            (2, leaf),
            (1, Json(depth - 1).ListOf(4).Select(items => $"[{string.Join(',', items)}]")),
            (1, name.ListOf(4).SelectMany(names => Gen.CollectToArray(names.Distinct().Select(n => Json(depth - 1).Select(v => $"\"{n}\":{v}")))).Select(members => $"{{{string.Join(',', members)}}}")));
    }
}
