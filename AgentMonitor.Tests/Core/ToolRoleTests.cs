using AgentMonitor.Core.Tools;
using Xunit;

namespace AgentMonitor.Tests.Core;

public sealed class ToolRoleTests
{
    [Theory]
    [InlineData("", "id", false)]
    [InlineData("id", "id", true)]
    [InlineData("id", "ID", false)]
    [InlineData("*", "id", true)]
    [InlineData("* !body", "id", true)]
    [InlineData("* !body", "body", false)]
    [InlineData("!body *", "body", false)]
    [InlineData("body !body", "body", false)]
    [InlineData("!body", "id", false)]
    [InlineData("! id", "", false)]
    public void Metadata_IsWhatIsListedAndNotExcepted(string entries, string field, bool expected) =>
        Assert.Equal(expected, new ToolDefinition("a", "t", []) { ResultMetadata = [.. entries.Split(' ', StringSplitOptions.RemoveEmptyEntries)] }.IsMetadata(field));

    [Theory]
    [InlineData("to", "body", "to", true)]
    [InlineData("to", "body", "cc", false)]
    [InlineData("*", "body", "cc", true)]
    [InlineData("*", "body", "body", false)]
    [InlineData("* body", "body", "body", true)]
    public void Destination_UnderTheStar_IsWhatIsNotFreeText(string destinations, string freeText, string argument, bool expected)
    {
        var tool = new ToolDefinition("a", "t", []) { Destinations = [.. destinations.Split(' ')], FreeText = [freeText] };
        Assert.Equal(expected, tool.IsDestination(argument));
        Assert.True(tool.IsFreeText(freeText));
    }
}
