using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AgentMonitor.Core.Cel;

/// <summary>
/// Regular expressions in the syntax of RE2, which the language asks for, on the platform's engine without backtracking: matching is
/// linear in the text, whatever the pattern. What means something else on the platform is rewritten (<c>\d \w \s</c> are ASCII, <c>$</c> is the end of the
/// text, code points beyond 16 bits are one character); what RE2 does not have is refused (back references, look-around, possessive repetition).
/// One difference remains: <c>\b</c> and <c>\B</c> take letters of all alphabets for word characters.
/// </summary>
internal static class Re2
{
    private const int MaxRepeat = 1_000, MaxSize = 20_000, MaxNesting = 100;

    /// <summary>Compiles; null and the reason when it is no regular expression, or one that is too large.</summary>
    public static Regex? Compile(string pattern, out string? error)
    {
        if (pattern.Length > CelRunLimits.MaxPattern) { error = $"a regular expression is at most {CelRunLimits.MaxPattern} characters long"; return null; }
        var translator = new Translator(pattern);
        if (translator.Translate() is not { } translated) { error = $"not a regular expression: {translator.Error}"; return null; }
        try
        {
            error = null;
            return new(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            error = "not a regular expression that is supported";
            return null;
        }
    }

    private sealed class Translator(string pattern)
    {
        private readonly StringBuilder _out = new();
        private int _at;
        private bool _dotAll, _multiline;

        public string? Error { get; private set; }

        public string? Translate()
        {
            if (Alternatives(0, out var size, out _) && _at < pattern.Length) Fail("an unexpected `)`");
            if (Error is null && size > MaxSize) Fail("it is too large");
            return Error is null ? _out.ToString() : null;
        }

        private bool Fail(string message)
        {
            Error ??= message;
            return false;
        }

        // Size: how many characters the expression stands for with repetitions written out. Repeats: the largest product of nested counts.
        private bool Alternatives(int depth, out long size, out long repeats)
        {
            size = 0;
            repeats = 1;
            if (depth > MaxNesting) return Fail("it is nested too deeply");
            while (_at < pattern.Length && pattern[_at] != ')')
            {
                if (pattern[_at] == '|') { _out.Append('|'); _at++; continue; }
                var start = _out.Length;
                if (!Atom(depth, out var atomSize, out var atomRepeats, out var repeatable) || !Repetition(start, repeatable, ref atomSize, ref atomRepeats)) return false;
                size += atomSize;
                repeats = Math.Max(repeats, atomRepeats);
                if (size > MaxSize) return Fail("it is too large");
            }
            return true;
        }

        private bool Repetition(int start, bool repeatable, ref long size, ref long repeats)
        {
            if (_at >= pattern.Length) return true;
            string quantifier;
            var c = pattern[_at];
            if (c is '*' or '+' or '?') { quantifier = c.ToString(); _at++; }
            else if (c == '{' && Counts(out var min, out var max, out var length))
            {
                quantifier = pattern.Substring(_at, length);
                _at += length;
                if (min > MaxRepeat || max > MaxRepeat || max >= 0 && max < min) return Fail("a repetition is at most 1000 times");
                var count = Math.Max(1, max >= 0 ? max : min);
                repeats *= count;
                size *= count;
                if (repeats > MaxRepeat) return Fail("nested repetitions are at most 1000 times together");
            }
            else return true;
            if (!repeatable) return Fail($"nothing to repeat before `{quantifier}`");
            // Several characters may stand for one atom now.
            _out.Insert(start, "(?:").Append(')').Append(quantifier);
            // Whether as much or as little as possible is taken does not matter for whether there is a match.
            if (_at < pattern.Length && pattern[_at] == '?') _at++;
            if (_at < pattern.Length && (pattern[_at] is '*' or '+' or '?' || pattern[_at] == '{' && Counts(out _, out _, out _))) return Fail("a repetition of a repetition");
            return true;
        }

        private bool Counts(out int min, out int max, out int length)
        {
            min = max = -1;
            length = 0;
            var at = _at + 1;
            if (!Number(ref at, out min)) return false;
            max = min;
            if (at < pattern.Length && pattern[at] == ',')
            {
                at++;
                if (!Number(ref at, out max)) max = -1;
            }
            if (at >= pattern.Length || pattern[at] != '}') return false;
            length = at + 1 - _at;
            return true;
        }

        private bool Number(ref int at, out int value)
        {
            value = 0;
            var start = at;
            while (at < pattern.Length && char.IsAsciiDigit(pattern[at])) value = Math.Min(100_000, value * 10 + (pattern[at++] - '0'));
            return at > start;
        }

        private bool Atom(int depth, out long size, out long repeats, out bool repeatable)
        {
            size = repeats = 1;
            repeatable = true;
            var c = pattern[_at];
            switch (c)
            {
                case '(': return Group(depth, out size, out repeats, out repeatable);
                case '[':
                    if (!Class(out var set)) return false;
                    Append(set);
                    return true;
                case '.': _at++; Append(_dotAll ? CodePointSet.All : CodePointSet.All.Without('\n', '\n')); return true;
                case '^': _at++; _out.Append(_multiline ? "(?m:^)" : "\\A"); return true;
                case '$': _at++; _out.Append(_multiline ? "(?m:$)" : "\\z"); return true;
                case '*' or '+' or '?': return Fail($"nothing to repeat before `{c}`");
                case '\\': return Escape(out size);
                default: Literal(Next()); return true;
            }
        }

        private int Next()
        {
            var length = CodePoints.IsPair(pattern, _at) ? 2 : 1;
            var value = length == 2 ? char.ConvertToUtf32(pattern, _at) : pattern[_at];
            _at += length;
            return value;
        }

        private void Literal(int codePoint)
        {
            if (codePoint > 0xFFFF) _out.Append("(?:").Append(char.ConvertFromUtf32(codePoint)).Append(')');
            else if (char.IsAsciiLetterOrDigit((char)codePoint) || codePoint > 127) _out.Append((char)codePoint);
            else _out.Append(CultureInfo.InvariantCulture, $"\\x{codePoint:x2}");
        }

        private bool Group(int depth, out long size, out long repeats, out bool repeatable)
        {
            size = repeats = 1;
            repeatable = true;
            _at++;
            var (dotAll, multiline) = (_dotAll, _multiline);
            var open = "(?:";
            if (_at < pattern.Length && pattern[_at] == '?')
            {
                _at++;
                var rest = pattern.AsSpan(_at);
                if (rest.StartsWith("P<") || rest.StartsWith("<") && !rest.StartsWith("<=") && !rest.StartsWith("<!"))
                {
                    var start = _at + (rest[0] == 'P' ? 2 : 1);
                    var end = pattern.IndexOf('>', start);
                    if (end <= start || pattern.AsSpan(start, end - start).ContainsAnyExcept(WordCharacters)) return Fail("a group's name has letters, digits and `_`");
                    _at = end + 1;
                }
                else
                {
                    var on = true;
                    bool? ignoreCase = null;
                    var flags = 0;
                    for (; ; _at++, flags++)
                    {
                        if (_at >= pattern.Length) return Fail("a `)` is missing");
                        var flag = pattern[_at];
                        if (flag == '-' && on) { on = false; continue; }
                        if (flag == 'i') ignoreCase = on;
                        else if (flag == 's') _dotAll = on;
                        else if (flag == 'm') _multiline = on;
                        else if (flag != 'U') break;
                    }
                    if (pattern[_at] is not (':' or ')')) return Fail("look-around, atomic groups and conditions are not supported");
                    if (flags == 0 && pattern[_at] == ')') return Fail("an empty group of flags");
                    var written = ignoreCase switch { true => "i", false => "-i", _ => "" };
                    if (pattern[_at] == ')')
                    {
                        // Flags without a group hold until the end of the group around them.
                        _at++;
                        if (written.Length > 0) _out.Append("(?").Append(written).Append(')');
                        repeatable = false;
                        return true;
                    }
                    _at++;
                    open = $"(?{written}:";
                }
            }
            _out.Append(open);
            if (!Alternatives(depth + 1, out size, out repeats)) return false;
            if (_at >= pattern.Length) return Fail("a `)` is missing");
            _at++;
            _out.Append(')');
            (_dotAll, _multiline) = (dotAll, multiline);
            return true;
        }

        private static readonly System.Buffers.SearchValues<char> WordCharacters = System.Buffers.SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

        private bool Escape(out long size)
        {
            size = 1;
            if (_at + 1 >= pattern.Length) return Fail("it ends within an escape");
            var c = pattern[_at + 1];
            switch (c)
            {
                case 'A': _at += 2; _out.Append("\\A"); return true;
                case 'z': _at += 2; _out.Append("\\z"); return true;
                case 'b' or 'B': _at += 2; _out.Append('\\').Append(c); return true;
                case 'Q':
                    var end = pattern.IndexOf("\\E", _at + 2, StringComparison.Ordinal);
                    var stop = end < 0 ? pattern.Length : end;
                    _at += 2;
                    _out.Append("(?:");
                    for (size = 0; _at < stop; size++) Literal(Next());
                    _out.Append(')');
                    _at = end < 0 ? stop : stop + 2;
                    return true;
                default:
                    if (ClassEscape(out var set)) { Append(set); return true; }
                    if (Error is not null || !CharacterEscape(out var codePoint)) return false;
                    Literal(codePoint);
                    return true;
            }
        }

        // \d \s \w \p{…} and their negations. Categories are given to the platform by name, since it has their tables.
        private bool ClassEscape(out CodePointSet set)
        {
            set = default!;
            var c = pattern[_at + 1];
            switch (char.ToLowerInvariant(c))
            {
                case 'd' when c < 128: set = CodePointSet.Digits; break;
                case 's' when c < 128: set = CodePointSet.Spaces; break;
                case 'w' when c < 128: set = CodePointSet.Words; break;
                case 'p' when c < 128:
                    var at = _at + 2;
                    if (at >= pattern.Length) return Fail("it ends within an escape");
                    string name;
                    if (pattern[at] == '{')
                    {
                        var end = pattern.IndexOf('}', at);
                        if (end < 0) return Fail("a `}` is missing");
                        name = pattern[(at + 1)..end];
                        _at = end + 1;
                    }
                    else { name = pattern[at].ToString(); _at = at + 1; }
                    var negated = c == 'P';
                    if (name.StartsWith('^')) { negated = !negated; name = name[1..]; }
                    if (CodePointSet.Category(name) is not { } category) return Fail($"the Unicode class `{name}` is not supported");
                    set = negated ? category.Complement() : category;
                    return true;
                default: return false;
            }
            _at += 2;
            if (char.IsAsciiLetterUpper(c)) set = set.Complement();
            return true;
        }

        private bool CharacterEscape(out int codePoint)
        {
            codePoint = 0;
            var c = pattern[++_at];
            switch (c)
            {
                case 'a': codePoint = 7; break;
                case 'f': codePoint = 12; break;
                case 't': codePoint = 9; break;
                case 'n': codePoint = 10; break;
                case 'r': codePoint = 13; break;
                case 'v': codePoint = 11; break;
                case >= '0' and <= '7':
                    if (c != '0' && !(_at + 1 < pattern.Length && pattern[_at + 1] is >= '0' and <= '7')) return Fail("references to groups are not supported");
                    for (var digits = 0; digits < 3 && _at < pattern.Length && pattern[_at] is >= '0' and <= '7'; digits++) codePoint = codePoint * 8 + (pattern[_at++] - '0');
                    return true;
                case 'x':
                    var hex = pattern.AsSpan(_at + 1);
                    var braces = hex.StartsWith("{");
                    var length = braces ? hex.IndexOf('}') - 1 : 2;
                    if (length < 1 || length > 8 || hex.Length < length + (braces ? 2 : 0)) return Fail("`\\x` needs two digits, or some within braces");
                    if (!int.TryParse(hex.Slice(braces ? 1 : 0, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out codePoint) || codePoint is < 0 or > 0x10FFFF or >= 0xD800 and < 0xE000) return Fail("`\\x` needs the number of a character");
                    _at += 1 + length + (braces ? 2 : 0);
                    return true;
                default:
                    if (char.IsAsciiLetterOrDigit(c) || c > 127) return Fail($"the escape `\\{c}` is not supported");
                    codePoint = c;
                    break;
            }
            _at++;
            return true;
        }

        private bool Class(out CodePointSet set)
        {
            set = CodePointSet.None;
            _at++;
            var negated = _at < pattern.Length && pattern[_at] == '^';
            if (negated) _at++;
            for (var isFirst = true; ; isFirst = false)
            {
                if (_at >= pattern.Length) return Fail("a `]` is missing");
                if (pattern[_at] == ']' && !isFirst) { _at++; break; }
                if (pattern.AsSpan(_at).StartsWith("[:"))
                {
                    var end = pattern.IndexOf(":]", _at + 2, StringComparison.Ordinal);
                    if (end > 0)
                    {
                        var name = pattern[(_at + 2)..end];
                        var not = name.StartsWith('^');
                        if (CodePointSet.Posix(not ? name[1..] : name) is not { } posix) return Fail($"the class `[:{name}:]` is not known");
                        set = set.With(not ? posix.Complement() : posix);
                        _at = end + 2;
                        continue;
                    }
                }
                if (pattern[_at] == '\\')
                {
                    if (_at + 1 >= pattern.Length) return Fail("it ends within an escape");
                    if (ClassEscape(out var part)) { set = set.With(part); continue; }
                    if (Error is not null) return false;
                }
                if (!ClassCharacter(out var low)) return false;
                var high = low;
                if (_at + 1 < pattern.Length && pattern[_at] == '-' && pattern[_at + 1] != ']')
                {
                    _at++;
                    if (!ClassCharacter(out high)) return false;
                    if (high < low) return Fail("a range of characters is the wrong way round");
                }
                set = set.With(low, high);
            }
            if (negated) set = set.Complement();
            return true;
        }

        private bool ClassCharacter(out int codePoint)
        {
            if (pattern[_at] == '\\')
            {
                codePoint = 0;
                return _at + 1 < pattern.Length ? CharacterEscape(out codePoint) : Fail("it ends within an escape");
            }
            codePoint = Next();
            return true;
        }

        private void Append(CodePointSet set) => set.WriteTo(_out);
    }
}

/// <summary>A set of code points: ranges, and categories that the platform knows by name (for characters of 16 bits).</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF;
    private readonly List<(int Low, int High)> _ranges = [];
    private readonly List<string> _categories = [];

    public static readonly CodePointSet None = new(), All = None.With(0, Last), Digits = None.With('0', '9'),
        Spaces = None.With('\t', '\n').With('\f', '\r').With(' ', ' '), Words = Digits.With('A', 'Z').With('_', '_').With('a', 'z');

    public CodePointSet With(int low, int high)
    {
        var result = new CodePointSet();
        result._categories.AddRange(_categories);
        var placed = false;
        foreach (var (l, h) in _ranges)
        {
            if (h + 1 < low) result._ranges.Add((l, h));
            else if (high + 1 < l)
            {
                if (!placed) { result._ranges.Add((low, high)); placed = true; }
                result._ranges.Add((l, h));
            }
            else (low, high) = (Math.Min(low, l), Math.Max(high, h));
        }
        if (!placed) result._ranges.Add((low, high));
        return result;
    }

    public CodePointSet With(CodePointSet other)
    {
        var result = this;
        foreach (var (low, high) in other._ranges) result = result.With(low, high);
        if (other._categories.Count == 0) return result;
        if (ReferenceEquals(result, this)) { result = new(); result._ranges.AddRange(_ranges); result._categories.AddRange(_categories); }
        result._categories.AddRange(other._categories);
        return result;
    }

    public CodePointSet Without(int low, int high) => Complement().With(low, high).Complement();

    public CodePointSet Complement()
    {
        var result = new CodePointSet();
        var next = 0;
        foreach (var (low, high) in _ranges)
        {
            if (low > next) result._ranges.Add((next, low - 1));
            next = high + 1;
        }
        if (next <= Last) result._ranges.Add((next, Last));
        if (_categories.Count == 0) return result;
        // The complement of ranges with categories is an intersection; the platform writes it as a subtraction.
        var both = new CodePointSet { Minus = string.Concat(_categories) };
        both._ranges.AddRange(result._ranges);
        return both;
    }

    private string? Minus { get; init; }

    public static CodePointSet? Category(string name)
    {
        if (name is "Any") return All;
        if (name is not ("L" or "Lu" or "Ll" or "Lt" or "Lm" or "Lo" or "M" or "Mn" or "Mc" or "Me" or "N" or "Nd" or "Nl" or "No" or "P" or "Pc" or "Pd" or "Ps" or "Pe" or "Pi" or "Pf" or "Po"
            or "S" or "Sm" or "Sc" or "Sk" or "So" or "Z" or "Zs" or "Zl" or "Zp" or "C" or "Cc" or "Cf" or "Co")) return null;
        var result = new CodePointSet();
        result._categories.Add($"\\p{{{name}}}");
        return result;
    }

    public static CodePointSet? Posix(string name) => name switch
    {
        "alnum" => Digits.With('A', 'Z').With('a', 'z'),
        "alpha" => None.With('A', 'Z').With('a', 'z'),
        "ascii" => None.With(0, 127),
        "blank" => None.With('\t', '\t').With(' ', ' '),
        "cntrl" => None.With(0, 31).With(127, 127),
        "digit" => Digits,
        "graph" => None.With('!', '~'),
        "lower" => None.With('a', 'z'),
        "print" => None.With(' ', '~'),
        "punct" => None.With('!', '/').With(':', '@').With('[', '`').With('{', '~'),
        "space" => None.With('\t', '\r').With(' ', ' '),
        "upper" => None.With('A', 'Z'),
        "word" => Words,
        "xdigit" => Digits.With('A', 'F').With('a', 'f'),
        _ => null,
    };

    /// <summary>Writes the set for an engine of UTF-16 units: code points beyond 16 bits are pairs of surrogates.</summary>
    public void WriteTo(StringBuilder to)
    {
        var small = new StringBuilder();
        var pairs = new StringBuilder();
        foreach (var (low, high) in _ranges)
        {
            // Surrogates on their own are no characters.
            if (low < 0xD800) Range(small, low, Math.Min(high, 0xD7FF));
            if (high > 0xDFFF && low <= 0xFFFF) Range(small, Math.Max(low, 0xE000), Math.Min(high, 0xFFFF));
            if (high > 0xFFFF) Pairs(pairs, Math.Max(low, 0x10000), high);
        }
        foreach (var category in _categories) small.Append(category);
        var one = small.Length == 0 ? null : Minus is null ? $"[{small}]" : $"[{small}-[{Minus}]]";
        if (one is null && pairs.Length == 0) to.Append("[^\\u0000-\\uffff]");
        else if (pairs.Length == 0) to.Append(one);
        else to.Append("(?:").Append(one).Append(one is null ? "" : "|").Append(pairs).Append(')');
    }

    private static void Range(StringBuilder to, int low, int high) => to.Append(CultureInfo.InvariantCulture, $"\\u{low:x4}-\\u{high:x4}");

    private static void Pairs(StringBuilder to, int low, int high)
    {
        void Add(int leadLow, int leadHigh, int trailLow, int trailHigh)
        {
            if (to.Length > 0) to.Append('|');
            to.Append('[');
            Range(to, leadLow, leadHigh);
            to.Append("][");
            Range(to, trailLow, trailHigh);
            to.Append(']');
        }
        static (int Lead, int Trail) Split(int c) => (0xD800 + (c - 0x10000 >> 10), 0xDC00 + (c - 0x10000 & 0x3FF));
        var (firstLead, firstTrail) = Split(low);
        var (lastLead, lastTrail) = Split(high);
        if (firstLead == lastLead) { Add(firstLead, firstLead, firstTrail, lastTrail); return; }
        if (firstTrail != 0xDC00) { Add(firstLead, firstLead, firstTrail, 0xDFFF); firstLead++; }
        if (lastTrail != 0xDFFF) { Add(lastLead, lastLead, 0xDC00, lastTrail); lastLead--; }
        if (firstLead <= lastLead) Add(firstLead, lastLead, 0xDC00, 0xDFFF);
    }
}
