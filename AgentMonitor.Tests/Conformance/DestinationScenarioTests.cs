using System.Text.Json.Nodes;
using AgentMonitor.Tests.Support;
using Xunit;

namespace AgentMonitor.Tests.Conformance;

/// <summary>Runs <c>conformance/destinations.json</c>: where values came from and what the task was granted, each with its decision and its words.</summary>
public sealed class DestinationScenarioTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly JsonObject File = ConformanceFile.Read("destinations.json");

    public static TheoryData<string> Scenarios => Scenario.Names(File);

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Scenario_HasItsDecisionsAndItsWords(string name) => Scenario.RunAsync(server.Api, File, name);
}
