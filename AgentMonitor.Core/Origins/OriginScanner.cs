using System.Buffers;

namespace AgentMonitor.Core.Origins;

/// <summary>
/// Finds in a text everything that can name a destination: addresses, links, numbers, paths, ids, names. One pass, in time linear in the
/// length of the text.
/// </summary>
public static class OriginScanner
{
    /// <summary>Most words of one name, such as a hotel or a street address, in the user's words.</summary>
    public const int MaxWordsOfName = 6;
    /// <summary>Longest text of a user in which names of lower-case words are looked for, in characters; a longer one is a document, not a request.</summary>
    public const int MaxRequestLength = 16_384;
    private const int MaxNameLength = 160;

    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \t\r\n\u00a0");
    private static readonly SearchValues<char> Lists = SearchValues.Create(",;|\t");
    private static readonly SearchValues<char> Quotes = SearchValues.Create("'\"");
    private static readonly SearchValues<char> Separators = SearchValues.Create(",;|\t'\":");
    private static readonly SearchValues<char> Brackets = SearchValues.Create("()[]<>\"");
    private static readonly SearchValues<char> Inner = SearchValues.Create(",;:=()[]{}<>|\"`“”");

    /// <summary>What a user said: words, and names of several words whatever their case.</summary>
    public static void ScanUserWords(ReadOnlySpan<char> text, OriginCollector into) =>
        Scan(text, into, ValueOrigin.User, anyCase: text.Length <= MaxRequestLength);

    /// <summary>Free text that third parties wrote.</summary>
    public static void ScanUntrusted(ReadOnlySpan<char> text, OriginCollector into) => Scan(text, into, ValueOrigin.Untrusted, anyCase: false);

    /// <summary>A value of a result that nobody but the system wrote: the whole, its lines and parts, and the words in it.</summary>
    public static void ScanTrusted(ReadOnlySpan<char> text, OriginCollector into)
    {
        // A single word is added as such below.
        if (text.ContainsAny(Blanks)) into.Add(text, ValueOrigin.Trusted);
        foreach (var lineRange in text.Split('\n'))
        {
            var line = text[lineRange];
            if (line.Length < text.Length) Name(line);
            if (line.Length > MaxNameLength * 4 || !line.ContainsAny(Separators)) continue;
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon > 0)
            {
                Name(line[..colon]);
                Name(line[(colon + 2)..]);
            }
            Parts(line, Lists);
            // One quote alone is an apostrophe.
            if (line.IndexOfAny(Quotes) is >= 0 and var first && line[(first + 1)..].ContainsAny(Quotes)) Parts(line, Quotes);
        }
        Scan(text, into, ValueOrigin.Trusted, anyCase: false);

        void Parts(ReadOnlySpan<char> line, SearchValues<char> separators)
        {
            if (!line.ContainsAny(separators)) return;
            foreach (var part in line.SplitAny(separators)) Name(line[part]);
        }

        // What is longer than any name is prose: the words in it are found below.
        void Name(ReadOnlySpan<char> value)
        {
            if (value.Length <= MaxNameLength) into.Add(value, ValueOrigin.Trusted);
        }
    }

    /// <summary>The addresses, links and account numbers in a text, in order.</summary>
    /// <param name="text">The text.</param>
    /// <param name="found">Receives each with its kind.</param>
    /// <param name="most">At most so many.</param>
    public static void FindAddresses(string text, ICollection<(string Value, DestinationKind Kind)> found, int most)
    {
        var at = 0;
        while (found.Count < most && NextWord(text, ref at, out var start, out var end))
        {
            // A number or an IBAN in groups is several words.
            if (NumberRun(text, start, end, out var runEnd) is { } kind)
            {
                found.Add((text[start..runEnd].Trim(), kind));
                at = runEnd;
                continue;
            }
            Addresses(text.AsSpan(start, end - start), found, most);
        }
    }

    /// <summary>Words and names with a given origin.</summary>
    internal static void Scan(ReadOnlySpan<char> text, OriginCollector into, ValueOrigin origin) => Scan(text, into, origin, anyCase: false);

    private static void Addresses(ReadOnlySpan<char> word, ICollection<(string, DestinationKind)> found, int most)
    {
        if (word.Length < 4) return;
        var kind = DestinationText.KindOf(word);
        // "see:www.example.com,or" is one word to white space, and "[text](https://…)" is a link in Markdown.
        if (kind is DestinationKind.Other or DestinationKind.Link && word.IndexOfAny(Inner) >= 0 && (kind == DestinationKind.Other || Parts(word) > 1 && !LooksWhole(word)))
        {
            var rest = word;
            while (!rest.IsEmpty && found.Count < most)
            {
                var cut = PartEnd(rest);
                var part = DestinationText.Trim(rest[..cut]);
                var partKind = DestinationText.KindOf(part);
                if (partKind != DestinationKind.Other) found.Add((part.ToString(), partKind));
                rest = cut < rest.Length ? rest[(cut + 1)..] : [];
            }
            return;
        }
        if (kind != DestinationKind.Other) found.Add((DestinationText.Trim(word).ToString(), kind));
    }

    private static bool LooksWhole(ReadOnlySpan<char> word) => DestinationText.Trim(word).IndexOfAny(Brackets) < 0;

    private static int Parts(ReadOnlySpan<char> word)
    {
        var parts = 0;
        while (!word.IsEmpty)
        {
            var cut = PartEnd(word);
            if (cut > 0) parts++;
            word = cut < word.Length ? word[(cut + 1)..] : [];
        }
        return parts;
    }

    // A colon that begins "://" or a port belongs to its part.
    private static int PartEnd(ReadOnlySpan<char> word)
    {
        var query = false;
        for (var i = 0; i < word.Length; i++)
        {
            if (char.IsAsciiLetterOrDigit(word[i])) continue;
            query |= word[i] == '?';
            if (!Inner.Contains(word[i])) continue;
            if (word[i] == ':' && i + 1 < word.Length && (word[i + 1] == '/' || char.IsAsciiDigit(word[i + 1]))) continue;
            if (word[i] == '=' && query) continue;
            return i;
        }
        return word.Length;
    }

    private static void Scan(ReadOnlySpan<char> text, OriginCollector into, ValueOrigin origin, bool anyCase)
    {
        // The starts of the words of the name that is being read.
        Span<int> starts = stackalloc int[MaxWordsOfName];
        int names = 0, at = 0, runUntil = 0;
        // Past the bound nothing is kept, and whoever asks is told that any value may have stood in the rest.
        while (!into.Overflowed && NextWord(text, ref at, out var start, out var end, out var marks))
        {
            var word = text[start..end];
            if ((marks & CharMarks.Special) == CharMarks.None) into.Add(word, origin);
            else AddWord(word, into, origin);
            // A small letter is in no group of a number.
            if (start >= runUntil && (marks & CharMarks.Small) == CharMarks.None && NumberRun(text, start, end, out var runEnd) is not null)
            {
                into.Add(text[start..runEnd], origin);
                runUntil = runEnd;
            }

            if (!anyCase && !BeginsName(word)) names = 0;
            else
            {
                if (names == MaxWordsOfName)
                {
                    starts[1..].CopyTo(starts);
                    names--;
                }
                starts[names++] = start;
                for (var i = 0; i < names - 1; i++)
                    if (end - starts[i] <= MaxNameLength) into.Add(text[starts[i]..end], origin);
            }
        }
    }

    private static void AddWord(ReadOnlySpan<char> word, OriginCollector into, ValueOrigin origin)
    {
        into.Add(word, origin);
        if (word.Length < 3) return;
        if (word[^1] is 's' or 'S' && word[^2] is '\'' or '’') into.Add(word[..^2], origin);
        if (origin == ValueOrigin.User && SentenceEnd(word) is > 0 and var stop)
        {
            into.Add(word[..stop], origin);
            into.Add(word[(stop + 1)..], origin);
        }
        var link = word.IndexOf("://", StringComparison.Ordinal);
        if (link >= 0 || word.StartsWith("www.", StringComparison.OrdinalIgnoreCase))
        {
            var host = link >= 0 ? word[(link + 3)..] : word;
            var end = host.IndexOfAny("/?#");
            if (end > 0) into.Add(host[..end], origin);
        }
        else if (word.IndexOf('@') < 0)
        {
            var slash = word.LastIndexOfAny('/', '\\');
            if (slash >= 0 && slash < word.Length - 1) into.Add(word[(slash + 1)..], origin);
        }
        if (word.IndexOfAny(Inner) < 0) return;
        var rest = word;
        var first = true;
        while (!rest.IsEmpty)
        {
            var cut = PartEnd(rest);
            if (cut > 0 && !(first && cut == word.Length)) into.Add(rest[..cut], origin);
            rest = cut < rest.Length ? rest[(cut + 1)..] : [];
            first = false;
        }
    }

    // People forget the space after a sentence ("…our website www.example.com.They sent…").
    private static int SentenceEnd(ReadOnlySpan<char> word)
    {
        for (var i = 1; i < word.Length - 1; i++)
            if (word[i] == '.' && char.IsUpper(word[i + 1]) && char.IsLower(word[i - 1])) return i;
        return -1;
    }

    // A name in prose goes on while its words begin with a capital or a digit.
    private static bool BeginsName(ReadOnlySpan<char> word)
    {
        foreach (var c in word)
            if (char.IsLetterOrDigit(c)) return char.IsUpper(c) || char.IsDigit(c);
        return word is "&" or "-";
    }

    /// <summary>Words that together are one number or IBAN in groups ("DE89 3704 0044 0532 0130 00", "+44 1234 567 890").</summary>
    private static DestinationKind? NumberRun(ReadOnlySpan<char> text, int start, int end, out int runEnd)
    {
        runEnd = end;
        if (!IsGroup(text[start..end])) return null;
        DestinationKind? kind = null;
        int at = end, next = end;
        for (var words = 1; words < 10; words++)
        {
            // Groups of one number stand on one line with one space between them.
            if (next + 1 >= text.Length || text[next] != ' ' || !NextWord(text, ref at, out var from, out var to) || from != next + 1 || !IsGroup(text[from..to])) break;
            next = to;
            var candidate = text[start..next];
            if (next - start > 42) break;
            var found = DestinationText.IsIban(DestinationText.Trim(candidate)) ? DestinationKind.Iban : DestinationText.KindOf(candidate);
            if (found is not (DestinationKind.Iban or DestinationKind.Number)) continue;
            kind = found;
            runEnd = next;
        }
        return kind;
    }

    private static bool IsGroup(ReadOnlySpan<char> word)
    {
        word = DestinationText.Trim(word);
        if (word.IsEmpty || word.Length > 8) return false;
        foreach (var c in word)
            if (!char.IsAsciiDigit(c) && !char.IsAsciiLetterUpper(c) && c is not ('+' or '-' or '/')) return false;
        return word.IndexOfAnyInRange('0', '9') >= 0 || word.Length <= 4;
    }

    private static bool NextWord(ReadOnlySpan<char> text, ref int at, out int start, out int end) => NextWord(text, ref at, out start, out end, out _);

    /// <summary>The next word, and what kinds of characters it has.</summary>
    private static bool NextWord(ReadOnlySpan<char> text, ref int at, out int start, out int end, out CharMarks marks)
    {
        var kinds = Kinds;
        marks = CharMarks.None;
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
        start = at;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c < kinds.Length) marks |= kinds[c];
            else marks |= char.IsWhiteSpace(c) ? CharMarks.Blank : CharMarks.Special;
            if ((marks & CharMarks.Blank) != CharMarks.None) break;
        }
        end = at;
        return end > start;
    }

    [Flags]
    private enum CharMarks : byte { None = 0, Blank = 1, Small = 2, Special = 4 }

    private static ReadOnlySpan<CharMarks> Kinds => _kinds;
    private static readonly CharMarks[] _kinds = MakeKinds();

    // Special is what makes of a word more than one value: marks that divide it, and what links, paths and possessives are known by.
    private static CharMarks[] MakeKinds()
    {
        var kinds = new CharMarks[128];
        for (var c = '\0'; c < kinds.Length; c++)
            kinds[c] = char.IsWhiteSpace(c) ? CharMarks.Blank : char.IsAsciiLetterLower(c) ? CharMarks.Small : Inner.Contains(c) || c is '/' or '\\' or '.' or '\'' ? CharMarks.Special : CharMarks.None;
        return kinds;
    }
}
