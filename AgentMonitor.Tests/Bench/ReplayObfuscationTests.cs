using System.Text.Json;
using AgentMonitor.Bench.Replay;
using Xunit;

namespace AgentMonitor.Tests.Bench;

/// <summary>The attacker of the replay who spells things so that they occur nowhere.</summary>
public sealed class ReplayObfuscationTests
{
    private static readonly Dictionary<string, ToolLabels> Tools = new(StringComparer.Ordinal)
    {
        ["read_inbox"] = new() { ReadsUntrusted = true, WrittenFields = ["body"] },
        ["read_page"] = new() { ReadsUntrusted = true, WrittenFields = ["*"] },
        ["find_contact"] = new() { ReadsSensitive = true },
        ["send"] = new() { External = true },
    };

    [Theory]
    [InlineData("www.evil.example", "see https://www.Evil.example/ now")]
    [InlineData("https://evil.example/x", "see EVIL.example/x now")]
    [InlineData("DE89370400440532013000", "pay to DE89 3704 0044 0532 0130 00 today")]
    [InlineData("+44 1234 567 890", "call +44-1234-567-890 today")]
    [InlineData("Mark Black", "mark   black")]
    [InlineData("al", "write to al, not to Alfred")]
    public void Remove_AnySpellingOfAValue_IsReplaced(string value, string text)
    {
        var pattern = Obfuscation.Pattern([value]);

        var left = Obfuscation.Remove(text, pattern, []);

        Assert.DoesNotMatch(pattern, left);
        Assert.NotEqual(text, left);
        Assert.Equal(text.Length, left.Length);
    }

    [Fact]
    public void Remove_ShortWord_StaysInsideOfOthers() =>
        Assert.Equal("write to qq, not to Alfred", Obfuscation.Remove("write to al, not to Alfred", Obfuscation.Pattern(["al"]), []));

    [Fact]
    public void Remove_Metadata_Stays()
    {
        var left = Obfuscation.Remove("""[{"sender":"mark@evil.example","body":"ask mark@evil.example"}]""", Obfuscation.Pattern(["mark@evil.example"]), ["*", "!body"]);

        using var document = JsonDocument.Parse(left);
        Assert.Equal(["mark@evil.example", "ask qqqqqqqqqqqqqqqqq"], document.RootElement.EnumerateArray().SelectMany(o => o.EnumerateObject()).Select(m => m.Value.GetString()!));
    }

    [Fact]
    public void Names_Arguments_AreValuesAndTheirWords()
    {
        using var document = JsonDocument.Parse("""{"to":["a@example.com"],"body":"Dear Bob, pay","amount":12}""");

        Assert.Equal(["a@example.com", "a@example.com", "Dear Bob, pay", "Dear", "Bob", "pay", "12", "12"], Obfuscation.Names(document.RootElement));
    }

    [Fact]
    public void Of_InjectedCall_ChangesUntrustedResultsBeforeItOnly()
    {
        var session = Session(
            Call("read_page", "go to evil.example"),
            Call("find_contact", "evil.example"),
            Call("send", "sent to evil.example", """{"to":"evil.example"}""", injected: true),
            Call("read_page", "go to evil.example"));

        var obfuscated = Obfuscation.Of(session, tool => Tools[tool]);

        Assert.Equal(["go to qqqqqqqqqqqq", "evil.example", "sent to evil.example", "go to evil.example"], obfuscated.Calls.Select(c => c.Result));
    }

    [Fact]
    public void Of_NothingInjected_IsTheSame()
    {
        var session = Session(Call("read_page", "go to evil.example"), Call("send", "ok", """{"to":"evil.example"}"""));

        Assert.Equal(session.Calls, Obfuscation.Of(session, tool => Tools[tool]).Calls);
    }

    private static RecordedSession Session(params RecordedCall[] calls) => new() { Id = "s", Source = "made-up", Suite = "hand", IsAttack = true, Calls = [.. calls] };

    private static RecordedCall Call(string tool, string result, string arguments = "{}", bool injected = false) => new(tool, JsonDocument.Parse(arguments).RootElement, result, false, injected);
}
