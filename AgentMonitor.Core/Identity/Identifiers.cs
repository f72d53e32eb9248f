using System.Globalization;
using System.Text;

namespace AgentMonitor.Core.Identity;

/// <summary>
/// What may be an id. Agents, rules, tags and labels are slugs that people type and read in addresses; session, tool, user and
/// call ids come from other programs and may be any text without control characters, within a length.
/// </summary>
public static class Identifiers
{
    /// <summary>Longest agent id, rule id, tag or label, in characters.</summary>
    public const int MaxSlugLength = 64;
    /// <summary>Longest tool name, in characters (the bound of MCP's tool names).</summary>
    public const int MaxToolNameLength = 128;
    /// <summary>Longest session, user or call id, in characters.</summary>
    public const int MaxForeignIdLength = 256;

    /// <summary>Longest name of an argument or of a field of a result, in characters.</summary>
    public const int MaxFieldNameLength = 128;

    /// <summary>A lower-case slug: a letter or digit first, then letters, digits, <c>.</c>, <c>_</c> or <c>-</c>.</summary>
    public static bool IsSlug(string? text)
    {
        if (text is not { Length: > 0 and <= MaxSlugLength } || !char.IsAsciiLetterLower(text[0]) && !char.IsAsciiDigit(text[0])) return false;
        foreach (var c in text)
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('.' or '_' or '-')) return false;
        return true;
    }

    /// <summary>A tool's name: 1 to <see cref="MaxToolNameLength"/> characters, no control or invisible characters, no lone surrogates, no surrounding blanks.</summary>
    public static bool IsToolName(string? text) => IsForeign(text, MaxToolNameLength) && text != "*";

    /// <summary>A session, user or call id: 1 to <see cref="MaxForeignIdLength"/> characters, no control or invisible characters, no lone surrogates, no surrounding blanks.</summary>
    public static bool IsForeignId(string? text) => IsForeign(text, MaxForeignIdLength);

    /// <summary>
    /// The name of an argument or of a field of a result: 1 to <see cref="MaxFieldNameLength"/> characters as in a tool's name, and
    /// neither <c>*</c> nor beginning with <c>!</c>, which mean something in lists of such names.
    /// </summary>
    public static bool IsFieldName(string? text) => IsForeign(text, MaxFieldNameLength) && text != "*" && text![0] != '!';

    private static bool IsForeign(string? text, int max)
    {
        if (text is null || text.Length == 0 || text.Length > max || char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1])) return false;
        foreach (var rune in text.EnumerateRunes())
            if (rune == Rune.ReplacementChar || IsInvisible(Rune.GetUnicodeCategory(rune))) return false;
        return true;
    }

    // Text that hides itself or reorders its neighbours would let one id pass for another on a page.
    private static bool IsInvisible(UnicodeCategory category) =>
        category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
