using System.Text;
using System.Text.Json;

namespace AgentMonitor.Bench.Origins;

/// <summary>Results of tools, made up and the same in every run. Each is as long as asked, in characters.</summary>
internal sealed class Texts(int length)
{
    private static readonly string[] Common =
        ["the", "of", "and", "to", "a", "in", "is", "that", "for", "it", "as", "was", "with", "be", "by", "on", "not", "he", "this", "are", "or", "his", "from", "at", "which", "but", "have", "an", "had", "they", "you", "were", "their", "one",
         "all", "we", "can", "her", "has", "there", "been", "if", "more", "when", "will", "would", "who", "so", "no"];

    private ulong _state = 0x9e3779b97f4a7c15;

    /// <summary>Prose: sentences of common and rarer words, names, now and then an address, a link or an account number.</summary>
    public string Prose()
    {
        var text = new StringBuilder(length + 200);
        while (text.Length < length)
        {
            var words = 6 + Next(14);
            for (var i = 0; i < words; i++)
            {
                var word = Next(100) switch
                {
                    < 50 => Common[Next(Common.Length)],
                    < 92 => Word(Next(4_000)),
                    < 98 => Capital(Word(Next(400))),
                    98 => Address(),
                    _ => Next(2) == 0 ? $"https://{Word(Next(400))}.example.com/{Word(Next(4_000))}" : $"DE{10 + Next(90)} 3704 0044 {1_000 + Next(9_000)} {1_000 + Next(9_000)} 00",
                };
                text.Append(i == 0 ? Capital(word) : word).Append(i == words - 1 ? ". " : Next(12) == 0 ? ", " : " ");
            }
            if (Next(6) == 0) text.Append('\n');
        }
        return text.ToString(0, length);
    }

    /// <summary>A list of records as JSON: ids, senders, dates, short texts.</summary>
    public string Json()
    {
        var text = new StringBuilder("[", length + 400);
        while (text.Length < length - 300)
        {
            if (text.Length > 1) text.Append(',');
            text.Append(JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["id"] = Next(1_000_000),
                ["sender"] = Address(),
                ["date"] = $"2026-{1 + Next(12):00}-{1 + Next(28):00}",
                ["subject"] = $"{Capital(Word(Next(4_000)))} {Word(Next(4_000))}",
                ["amount"] = Next(100_000) / 100m,
                ["body"] = string.Join(' ', Enumerable.Range(0, 12).Select(_ => Word(Next(4_000)))),
            }));
        }
        return text.Append(']').ToString();
    }

    /// <summary>The same kind of records as serialisers of YAML write them.</summary>
    public string Yaml()
    {
        var text = new StringBuilder(length + 400);
        while (text.Length < length - 300)
            text.Append($"- id_: '{Next(1_000_000)}'\n  sender: {Address()}\n  date: 2026-{1 + Next(12):00}-{1 + Next(28):00}\n  subject: {Capital(Word(Next(4_000)))} {Word(Next(4_000))}\n  body: {string.Join(' ', Enumerable.Range(0, 12).Select(_ => Word(Next(4_000))))}\n");
        return text.ToString();
    }

    /// <summary>Tokens that are all different and all look like something: capitals, digits, brackets, so that every path of a scanner runs.</summary>
    public string Distinct()
    {
        var text = new StringBuilder(length + 40);
        for (var i = 0; text.Length < length; i++) text.Append((i % 4) switch { 0 => $"A{i:x} ", 1 => $"{i:0000} ", 2 => $"K{i:x}(x{i:x}) ", _ => $"Z{i:x}/{i:x} " });
        return text.ToString(0, length);
    }

    /// <summary>One line without a blank: what minified code or encoded data looks like.</summary>
    public string OneLine()
    {
        var text = new StringBuilder(length + 40);
        while (text.Length < length) text.Append(Word(Next(100_000))).Append("=,;:(){}"[Next(8)]);
        return text.ToString(0, length);
    }

    /// <summary>Names of one capital letter after another: the most names of several words that a text can hold.</summary>
    public string Names()
    {
        var text = new StringBuilder(length + 40);
        for (var i = 0; text.Length < length; i++) text.Append((char)('A' + i % 26)).Append((char)('a' + i / 26 % 26)).Append((char)('a' + i / 676 % 26)).Append(' ');
        return text.ToString(0, length);
    }

    private string Address() => $"{Word(Next(400))}.{Word(Next(4_000))}@{Word(Next(60))}.example.com";

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    // The n-th made-up word: syllables, so that lengths vary as those of words do.
    private static string Word(int n)
    {
        const string Consonants = "bcdfghklmnprstvw", Vowels = "aeiou";
        var text = new StringBuilder();
        for (n += 80; n > 0; n /= 80) text.Append(Consonants[n % 16]).Append(Vowels[n / 16 % 5]);
        return text.ToString();
    }

    private int Next(int below)
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return (int)((_state >> 11) % (ulong)below);
    }
}
