using System.Text.Json.Nodes;
using AgentMonitor.Tests.Support;
using Xunit;

namespace AgentMonitor.Tests.Conformance;

/// <summary>Runs <c>conformance/decisions.json</c>: stories of several requests, over HTTP and nothing else.</summary>
public sealed class DecisionScenarioTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly JsonObject File = ConformanceFile.Read("decisions.json");

    public static TheoryData<string> Scenarios => Scenario.Names(File);

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Scenario_HasItsDecisions(string name) => Scenario.RunAsync(server.Api, File, name);
}
