using System.Collections.Immutable;
using System.Text.Json.Nodes;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;
using AgentMonitor.Tests.Support;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Identity;
using AgentMonitor.Web.Live;
using Xunit;

namespace AgentMonitor.Tests.Conformance;

/// <summary>Runs <c>conformance/roles.json</c> against what pages and API both call: a page that forgot to hide a button changes nothing.</summary>
public sealed class RoleTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly JsonArray Actions = ConformanceFile.Read("roles.json")["actions"]!.AsArray();

    public static TheoryData<string, OperatorRole> Cases
    {
        get
        {
            var data = new TheoryData<string, OperatorRole>();
            foreach (var action in Actions)
                foreach (var role in Enum.GetValues<OperatorRole>()) data.Add(action!["action"]!.GetValue<string>(), role);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Action_WithARole_IsDoneOrRefused(string action, OperatorRole role)
    {
        var needed = Operator.Parse(Actions.Single(a => a!["action"]!.GetValue<string>() == action)!["role"]!.GetValue<string>())!.Value;
        var agent = await server.Api.RegisterAsync();
        var before = (server.Get<LiveFeed>().LastSequence, server.Get<ControlRoom>().Current.Revision);
        RefusedException? refused = null;
        try { await DoAsync(action, new Operator("somebody", role), agent); }
        catch (RefusedException e) { refused = e; }
        if (role < needed)
        {
            Assert.Equal((403, "role-required"), (refused?.Status, refused?.Code));
            Assert.Equal(before, (server.Get<LiveFeed>().LastSequence, server.Get<ControlRoom>().Current.Revision));
        }
        else Assert.NotEqual("role-required", refused?.Code);
    }

    private async Task DoAsync(string action, Operator actor, TestAgent agent)
    {
        var actions = server.Get<OperatorActions>();
        var accounts = server.Get<AccountActions>();
        switch (action)
        {
            case "set-switch": await actions.SetSwitchAsync(actor, SwitchTarget.ForAgent(agent.Id), "because", null, default); break;
            case "lift-switch": await actions.LiftSwitchAsync(actor, SwitchTarget.ForAgent(agent.Id), null, default); break;
            case "clear-label": await actions.ClearLabelAsync(actor, new(agent.Id, "s"), "x", "because", default); break;
            case "answer-approval": await actions.AnswerApprovalAsync(actor, "unknown", true, null, default); break;
            case "save-tool": await actions.SaveToolAsync(actor, new ToolDefinition(agent.Id, "t", ImmutableArray<ToolTag>.Empty), default); break;
            case "save-policy": await actions.SavePolicyAsync(actor, PolicyDocument.Empty, server.Get<ControlRoom>().Current.Policy.Revision, null, default); break;
            case "use-preset": await actions.UsePresetAsync(actor, "seed", null, null, default); break;
            case "save-agent": await actions.SaveAgentAsync(actor, new AgentDefinition { Id = agent.Id, Name = "Renamed" }, default); break;
            case "delete-agent": await actions.DeleteAgentAsync(actor, agent.Id, default); break;
            case "create-key": await actions.CreateKeyAsync(actor, agent.Id, "another", null, default); break;
            case "revoke-key": await actions.RevokeKeyAsync(actor, agent.Id, "unknown", default); break;
            case "list-accounts": await accounts.ListAsync(actor, default); break;
            case "create-account": await accounts.CreateAsync(actor, $"user-{Guid.NewGuid():N}", "a long enough password", OperatorRole.Viewer); break;
            case "change-role": await accounts.SetRoleAsync(actor, "unknown", OperatorRole.Admin); break;
            case "disable-account": await accounts.SetDisabledAsync(actor, "unknown", true); break;
            case "set-password": await accounts.SetPasswordAsync(actor, "unknown", "a long enough password"); break;
            default: throw new InvalidOperationException(action);
        }
    }
}
