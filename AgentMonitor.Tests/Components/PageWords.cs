using AngleSharp.Dom;

namespace AgentMonitor.Tests.Components;

/// <summary>What a reader reads: the texts of elements one after the other, whatever white space or none stands between them in the markup.</summary>
internal static class PageWords
{
    public static string Words(this INode node) =>
        string.Join(' ', node.GetDescendants().OfType<IText>().SelectMany(text => text.Data.Split([' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries)));
}
