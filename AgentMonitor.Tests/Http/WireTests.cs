using AgentMonitor.Tests.Support;
using Xunit;

namespace AgentMonitor.Tests.Http;

public sealed class WireTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Decision_OfTheTrifecta_IsDeniedWithTheSeedsMessage()
    {
        var agent = await (await server.Api.RegisterAsync()).WithTrifectaAsync();
        Assert.Equal("allow", (await agent.CallAsync("s", "read")).Expect(200).Decision);
        Assert.Equal("allow", (await agent.CallAsync("s", "sql")).Expect(200).Decision);
        var denied = (await agent.CallAsync("s", "comment")).Expect(200);
        Assert.Equal("deny", denied.Decision);
        Assert.Equal("Tool execution blocked: disallowing external communication because untrusted content and private data have been accessed.", denied.Message);
    }
}
