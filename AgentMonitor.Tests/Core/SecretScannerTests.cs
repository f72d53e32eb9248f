using System.Text.Json;
using AgentMonitor.Core.Redaction;
using Xunit;

namespace AgentMonitor.Tests.Core;

public sealed class SecretScannerTests
{
    [Theory]
    [InlineData("key AKIAIOSFODNN7EXAMPLE.", "aws-access-key")]
    [InlineData("ghp_0123456789abcdefghijABCDEFGHIJ012345", "github-token")]
    [InlineData("github_pat_11ABCDEFG0123456789_abcdefghij", "github-token")]
    [InlineData("glpat-0123456789abcdefghij", "gitlab-token")]
    [InlineData("xoxb-123456789012-abcdefghijkl", "slack-token")]
    [InlineData("sk_live_0123456789abcdefghij", "stripe-key")]
    [InlineData("sk-proj-0123456789abcdefghij", "openai-key")]
    [InlineData("sk-ant-" + "api03-0123456789abcdefghij", "anthropic-key")]
    [InlineData("AIzaSyA0123456789abcdefghijklmnopqrstuv", "google-api-key")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "jwt")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----", "private-key")]
    [InlineData("Authorization: Bearer abcdefghijklmnopqrstuvwxyz", "bearer-token")]
    [InlineData("my password=hunter2-is-secret", "password-assignment")]
    [InlineData("$2b$12$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234", "password-hash")]
    [InlineData("amk_0123456789_abcdefghijklmnopqrstuvwxyz", "agentmonitor-key")]
    [InlineData("pay with 4111 1111 1111 1111 now", "payment-card")]
    [InlineData("5500-0055-5555-5559", "payment-card")]
    public void Secret_OfAKnownFormat_IsNamed(string text, string kind)
    {
        Assert.Equal([kind], SecretScanner.Scan(text));
        using var document = JsonDocument.Parse(JsonSerializer.Serialize(new { a = 1, b = new object[] { "x", new { c = text } } }));
        Assert.Equal([kind], SecretScanner.Scan(document.RootElement));
        Assert.Contains(kind, SecretScanner.Kinds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("please reset my password and tell me")]
    [InlineData("4111 1111 1111 1112")]
    [InlineData("order 12345678901234567890123")]
    [InlineData("call +49 170 1234567")]
    [InlineData("task-force, risk-averse, desk-0123456789abcdefghij")]
    [InlineData("GB33BUKB20201555555555")]
    public void Text_WithoutSecrets_HasNone(string text) => Assert.Empty(SecretScanner.Scan(text));

    [Fact]
    public void Values_OfSeveralSecrets_NameEachKindOnceInOrder() =>
        Assert.Equal(["aws-access-key", "github-token", "password-assignment"], SecretScanner.Scan("password: swordfish ghp_0123456789abcdefghij AKIAIOSFODNN7EXAMPLE ghp_0123456789abcdefghik"));

    [Fact]
    public void Input_ThatIsHuge_IsSearchedUpToABound()
    {
        Assert.Empty(SecretScanner.Scan(new string(' ', SecretScanner.MaxText) + "AKIAIOSFODNN7EXAMPLE"));
        using var document = JsonDocument.Parse($"[{string.Join(',', Enumerable.Repeat("\"\"", 100_000))},\"AKIAIOSFODNN7EXAMPLE\"]");
        Assert.Empty(SecretScanner.Scan(document.RootElement));
        Assert.Equal(["aws-access-key"], SecretScanner.Scan("AKIAIOSFODNN7EXAMPLE" + new string(' ', 10_000_000)));
    }
}
