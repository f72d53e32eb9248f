using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMonitor.Core.Origins;

namespace AgentMonitor.Bench.Replay;

/// <summary>
/// An attacker who spells things so that they occur nowhere: "mark at black minus marketing dot com". The agent's model puts them together,
/// and no scanner can. What the injected calls of a session name is therefore taken out of every untrusted result that came before them.
/// </summary>
/// <remarks>
/// What the system wrote into a result (its metadata) stays: an attacker does not choose its spelling, and taking it out would make the
/// server see less that vouches for a destination, in its favour.
/// </remarks>
internal static class Obfuscation
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    /// <summary>What is between the words of an argument. Addresses stay whole and are taken apart at their own marks as well.</summary>
    private static readonly char[] Marks = [' ', '\t', '\r', '\n', ',', ';', '"', '\'', '(', ')', '[', ']', '<', '>', '{', '}', '=', '|', '`'];
    /// <summary>Shorter words are replaced only where they stand alone: the letter "a" is in every word.</summary>
    private const int ShortWord = 4;

    /// <summary>The session as such an attacker would have had it; the same when nothing of it is injected.</summary>
    public static RecordedSession Of(RecordedSession session, Func<string, ToolLabels> labelsOf)
    {
        var calls = session.Calls.ToBuilder();
        for (var i = 0; i < calls.Count; i++)
        {
            var labels = labelsOf(calls[i].Tool);
            if (!labels.ReadsUntrusted || calls[i].Result.Length == 0) continue;
            var named = session.Calls.Skip(i + 1).Where(c => c.Injected).SelectMany(c => Names(c.Arguments)).ToHashSet(StringComparer.OrdinalIgnoreCase);
            if (named.Count > 0) calls[i] = calls[i] with { Result = Remove(calls[i].Result, Pattern(named), labels.ResultMetadata) };
        }
        return session with { Calls = calls.ToImmutable() };
    }

    /// <summary>Every value of some arguments and every word in them.</summary>
    public static IEnumerable<string> Names(JsonElement arguments)
    {
        foreach (var field in ResultFields.Of(arguments))
        {
            if (field.IsKey) continue;
            yield return field.Text;
            foreach (var word in field.Text.Split(Marks, StringSplitOptions.RemoveEmptyEntries)) yield return word;
        }
    }

    /// <summary>The result without anything that <paramref name="named"/> finds in the text that people wrote.</summary>
    public static string Remove(string result, Regex named, ImmutableArray<string> metadata)
    {
        var tool = new AgentMonitor.Core.Tools.ToolDefinition("replay", "result", []) { ResultMetadata = metadata };
        using var content = JsonDocument.Parse(JsonSerializer.Serialize(result));
        var fields = metadata.IsEmpty ? [] : ResultFields.Of(content.RootElement);
        if (!fields.Any(IsSystems)) return Replace(result, named);
        // Taken apart and written again, as one object for each value: the server reads the same fields from it.
        return JsonSerializer.Serialize(fields.Where(f => !f.IsKey).Select(f => new Dictionary<string, string>(StringComparer.Ordinal) { [f.Field] = IsSystems(f) ? f.Text : Replace(f.Text, named) }), Plain);

        bool IsSystems(ResultField field) => !field.IsKey && tool.IsMetadata(field.Field) && OriginReader.IsIdentifier(field.Text);
    }

    /// <summary>Finds every spelling of the values that counts as the same value: any case, any grouping of a number, with and without scheme, <c>www.</c> and trailing marks.</summary>
    public static Regex Pattern(IEnumerable<string> names)
    {
        var alternatives = new SortedSet<string>(Comparer<string>.Create((a, b) => a.Length != b.Length ? b.Length.CompareTo(a.Length) : string.CompareOrdinal(a, b)));
        Span<char> scratch = stackalloc char[DestinationText.MaxLength];
        foreach (var name in names)
        {
            var length = DestinationText.Canonical(name, scratch);
            if (length > 0) Add(scratch[..length].ToString());
            Add(name.Trim());
        }
        return new(alternatives.Count == 0 ? "(?!)" : string.Join('|', alternatives), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(30));

        void Add(string core)
        {
            if (core.Length == 0) return;
            var pattern = new StringBuilder();
            var grouped = DestinationText.IsIban(core) || core.All(char.IsAsciiDigit) && core.Length >= DestinationText.MinNumberDigits;
            for (var i = 0; i < core.Length; i++)
            {
                if (core[i] == ' ') pattern.Append(@"\s+");
                else pattern.Append(Regex.Escape(core[i].ToString()));
                if (grouped && i + 1 < core.Length) pattern.Append(@"[ \-()+/\u00a0]*");
            }
            var alone = core.Length < ShortWord || core.All(char.IsAsciiDigit);
            alternatives.Add(alone ? $@"(?<![\p{{L}}\p{{Nd}}]){pattern}(?![\p{{L}}\p{{Nd}}])" : pattern.ToString());
        }
    }

    private static string Replace(string text, Regex named) => named.Replace(text, found => new string('q', found.Length));
}
