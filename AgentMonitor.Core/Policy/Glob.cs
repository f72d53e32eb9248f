namespace AgentMonitor.Core.Policy;

/// <summary>Names with <c>*</c> for any run of characters. Matching takes linear time for each star and never backtracks further than the last one.</summary>
public static class Glob
{
    /// <summary>Whether the pattern names exactly one thing.</summary>
    public static bool IsExact(string pattern) => !pattern.Contains('*');

    /// <summary>Whether <paramref name="text"/> matches, ordinal and case-sensitive.</summary>
    public static bool Matches(string pattern, string text)
    {
        if (pattern == "*") return true;
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*') { star = p++; mark = t; }
            else if (p < pattern.Length && pattern[p] == text[t]) { p++; t++; }
            else if (star >= 0) { p = star + 1; t = ++mark; }
            else return false;
        }
        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }
}
