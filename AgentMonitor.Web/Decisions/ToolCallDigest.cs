namespace AgentMonitor.Web.Decisions;

/// <summary>What makes two requests under one call id the same: the tool and the arguments.</summary>
internal static class ToolCallDigest
{
    public static string Of(string tool, string argumentsDigest) => $"{tool}\n{argumentsDigest}";
}
