using System.Globalization;
using System.Text;

namespace AgentMonitor.Core.Cel;

/// <summary>Stops reading at the first error. Never leaves the parser.</summary>
internal sealed class CelSyntaxException(int position, string message) : Exception(message)
{
    public CelIssue Issue { get; } = new(position, message);
}

internal enum CelTokenKind
{
    End, Name, QuotedName, Int, Uint, Double, String, Bytes,
    Dot, Comma, Colon, Question, OpenParen, CloseParen, OpenBracket, CloseBracket, OpenBrace, CloseBrace,
    Plus, Minus, Star, Slash, Percent, Not, Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, And, Or, In,
    /// <summary>A single <c>=</c>, which the language does not have: the parser says what was meant.</summary>
    Assign,
}

/// <summary>A token; its value is the name, the magnitude of a number (ulong or double), the text or the bytes of a literal.</summary>
internal readonly record struct CelToken(CelTokenKind Kind, int Start, int End, object? Value)
{
    public string Text => (string)Value!;
}

/// <summary>Cuts a source into tokens, one at a time.</summary>
internal sealed class CelLexer(string source)
{
    private int _at;

    /// <summary>The next token; at the end, <see cref="CelTokenKind.End"/> again and again.</summary>
    public CelToken Next()
    {
        SkipBlank();
        if (_at >= source.Length) return new(CelTokenKind.End, source.Length, source.Length, null);
        var start = _at;
        var c = source[_at];
        if (IsNameStart(c)) return NameOrPrefixedString();
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1)))) return Number();
        if (c is '"' or '\'') return Quoted(start, raw: false, bytes: false);
        if (c == '`') return QuotedName();
        return c switch
        {
            '.' => Take(CelTokenKind.Dot, 1),
            ',' => Take(CelTokenKind.Comma, 1),
            ':' => Take(CelTokenKind.Colon, 1),
            '?' => Take(CelTokenKind.Question, 1),
            '(' => Take(CelTokenKind.OpenParen, 1),
            ')' => Take(CelTokenKind.CloseParen, 1),
            '[' => Take(CelTokenKind.OpenBracket, 1),
            ']' => Take(CelTokenKind.CloseBracket, 1),
            '{' => Take(CelTokenKind.OpenBrace, 1),
            '}' => Take(CelTokenKind.CloseBrace, 1),
            '+' => Take(CelTokenKind.Plus, 1),
            '-' => Take(CelTokenKind.Minus, 1),
            '*' => Take(CelTokenKind.Star, 1),
            '/' => Take(CelTokenKind.Slash, 1),
            '%' => Take(CelTokenKind.Percent, 1),
            '!' => Peek(1) == '=' ? Take(CelTokenKind.NotEqual, 2) : Take(CelTokenKind.Not, 1),
            '=' => Peek(1) == '=' ? Take(CelTokenKind.Equal, 2) : Take(CelTokenKind.Assign, 1),
            '<' => Peek(1) == '=' ? Take(CelTokenKind.LessOrEqual, 2) : Take(CelTokenKind.Less, 1),
            '>' => Peek(1) == '=' ? Take(CelTokenKind.GreaterOrEqual, 2) : Take(CelTokenKind.Greater, 1),
            '&' => Peek(1) == '&' ? Take(CelTokenKind.And, 2) : throw new CelSyntaxException(start, "a single & has no meaning: write && for `and`"),
            '|' => Peek(1) == '|' ? Take(CelTokenKind.Or, 2) : throw new CelSyntaxException(start, "a single | has no meaning: write || for `or`"),
            '\u201C' or '\u201D' or '\u201E' or '\u00AB' or '\u00BB' => throw new CelSyntaxException(start, $"{c} is a typographic quote: write \" instead"),
            '\u2018' or '\u2019' or '\u201A' or '\u00B4' => throw new CelSyntaxException(start, $"{c} is a typographic quote: write ' instead"),
            '\u2013' or '\u2014' or '\u2212' => throw new CelSyntaxException(start, $"{c} is a typographic dash: write - instead"),
            '\u2260' => throw new CelSyntaxException(start, "write != instead of \u2260"),
            '\u2264' => throw new CelSyntaxException(start, "write <= instead of \u2264"),
            '\u2265' => throw new CelSyntaxException(start, "write >= instead of \u2265"),
            ';' => throw new CelSyntaxException(start, "a condition is one expression: leave ; out, and join parts with && or ||"),
            _ => throw new CelSyntaxException(start, $"{Show(start)} has no meaning here"),
        };
    }

    private void SkipBlank()
    {
        while (_at < source.Length)
        {
            if (source[_at] is ' ' or '\t' or '\r' or '\n' or '\f') _at++;
            else if (source[_at] == '/' && Peek(1) == '/')
                while (_at < source.Length && source[_at] is not ('\r' or '\n')) _at++;
            else return;
        }
    }

    private char Peek(int ahead) => _at + ahead < source.Length ? source[_at + ahead] : '\0';

    private CelToken Take(CelTokenKind kind, int length, object? value = null)
    {
        var start = _at;
        _at += length;
        return new(kind, start, _at, value);
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';
    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private CelToken NameOrPrefixedString()
    {
        var start = _at;
        // A string may be raw, bytes, or both; the prefix is part of the literal only when the quote follows at once.
        bool raw = false, bytes = false;
        for (var ahead = 0; ahead <= 2; ahead++)
        {
            var c = Peek(ahead);
            if (c is '"' or '\'')
            {
                if (ahead == 0) break;
                _at += ahead;
                return Quoted(start, raw, bytes);
            }
            if (c is 'r' or 'R' && !raw) raw = true;
            else if (c is 'b' or 'B' && !bytes) bytes = true;
            else break;
        }
        var end = start;
        while (end < source.Length && IsNamePart(source[end])) end++;
        var name = source[start..end];
        return Take(name == "in" ? CelTokenKind.In : CelTokenKind.Name, end - start, name);
    }

    private CelToken QuotedName()
    {
        var end = _at + 1;
        while (end < source.Length && (IsNamePart(source[end]) || source[end] is '.' or '-' or '/' or ' ')) end++;
        if (end >= source.Length || source[end] is '\r' or '\n') throw new CelSyntaxException(_at, "this ` is never closed");
        if (source[end] != '`') throw new CelSyntaxException(end, $"{Show(end)} cannot be in a quoted field name (letters, digits, _ . - / and spaces can): write [\"...\"] instead");
        if (end == _at + 1) throw new CelSyntaxException(_at, "a field name is missing between the backticks");
        return Take(CelTokenKind.QuotedName, end + 1 - _at, source[(_at + 1)..end]);
    }

    private CelToken Number()
    {
        var start = _at;
        CelToken token;
        if (source[_at] == '0' && Peek(1) == 'x')
        {
            var end = _at + 2;
            while (end < source.Length && char.IsAsciiHexDigit(source[end])) end++;
            if (end == start + 2) throw new CelSyntaxException(start, "hexadecimal digits are missing after 0x");
            var magnitude = ulong.TryParse(source.AsSpan(start + 2, end - start - 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? hex : (ulong?)null;
            token = Integer(end, magnitude);
        }
        else
        {
            var end = _at;
            var isDouble = false;
            while (end < source.Length && char.IsAsciiDigit(source[end])) end++;
            if (end + 1 < source.Length && source[end] == '.' && char.IsAsciiDigit(source[end + 1]))
            {
                isDouble = true;
                end++;
                while (end < source.Length && char.IsAsciiDigit(source[end])) end++;
            }
            if (end < source.Length && source[end] is 'e' or 'E')
            {
                var digits = end + 1;
                if (digits < source.Length && source[digits] is '+' or '-') digits++;
                if (digits < source.Length && char.IsAsciiDigit(source[digits]))
                {
                    isDouble = true;
                    end = digits;
                    while (end < source.Length && char.IsAsciiDigit(source[end])) end++;
                }
            }
            if (isDouble)
            {
                var value = double.Parse(source.AsSpan(start, end - start), NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture);
                if (double.IsInfinity(value)) throw new CelSyntaxException(start, "this number is too large for a double");
                token = Take(CelTokenKind.Double, end - start, value);
            }
            else token = Integer(end, ulong.TryParse(source.AsSpan(start, end - start), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null);
        }
        if (_at < source.Length && IsNamePart(source[_at]))
        {
            var unit = _at;
            while (unit < source.Length && IsNamePart(source[unit])) unit++;
            var suffix = source[_at..unit];
            throw new CelSyntaxException(_at, suffix is "s" or "m" or "h" or "ms" or "us" or "ns"
                ? $"a span of time is written duration('{source[start.._at]}{suffix}')"
                : $"`{Cut(suffix)}` follows a number directly: an operator is missing");
        }
        return token;
    }

    private CelToken Integer(int end, ulong? magnitude)
    {
        if (magnitude is null) throw new CelSyntaxException(_at, "this number does not fit into 64 bits");
        var unsigned = end < source.Length && source[end] is 'u' or 'U';
        return Take(unsigned ? CelTokenKind.Uint : CelTokenKind.Int, end - _at + (unsigned ? 1 : 0), magnitude.Value);
    }

    private CelToken Quoted(int start, bool raw, bool bytes)
    {
        var quote = source[_at];
        var triple = Peek(1) == quote && Peek(2) == quote;
        var delimiter = triple ? 3 : 1;
        _at += delimiter;
        var text = new StringBuilder();
        var octets = bytes ? new List<byte>() : null;
        while (true)
        {
            if (_at >= source.Length) throw Unclosed(start, quote, delimiter);
            var c = source[_at];
            if (c == quote && (!triple || (Peek(1) == quote && Peek(2) == quote))) break;
            if (c is '\r' or '\n')
            {
                if (!triple) throw Unclosed(start, quote, delimiter);
                // Newlines read the same whichever system the text was written on.
                _at += c == '\r' && Peek(1) == '\n' ? 2 : 1;
                Append('\n');
            }
            else if (c == '\\' && !raw) Escape(Append, bytes, Octet);
            else if (Rune.TryGetRuneAt(source, _at, out var rune)) { _at += rune.Utf16SequenceLength; Append(rune.Value); }
            else throw new CelSyntaxException(_at, "half of a character (an unpaired surrogate) is not text");
        }
        _at += delimiter;
        return new(bytes ? CelTokenKind.Bytes : CelTokenKind.String, start, _at, bytes ? octets!.ToArray() : text.ToString());

        void Append(int codePoint)
        {
            Span<byte> utf8 = stackalloc byte[4];
            var rune = new Rune(codePoint);
            if (octets is null) text.Append(rune.ToString());
            else foreach (var b in utf8[..rune.EncodeToUtf8(utf8)]) octets.Add(b);
        }
        void Octet(int value)
        {
            if (octets is null) Append(value);
            else octets.Add((byte)value);
        }
    }

    private CelSyntaxException Unclosed(int start, char quote, int delimiter) => new(start, delimiter == 3
        ? $"this text is never closed: {new string(quote, 3)} is missing"
        : $"this text is never closed: {quote} is missing on the same line");

    private void Escape(Action<int> append, bool bytes, Action<int> octet)
    {
        var start = _at;
        var c = Peek(1);
        _at += 2;
        switch (c)
        {
            case 'a': append('\a'); break;
            case 'b': append('\b'); break;
            case 'f': append('\f'); break;
            case 'n': append('\n'); break;
            case 'r': append('\r'); break;
            case 't': append('\t'); break;
            case 'v': append('\v'); break;
            case '\\' or '?' or '"' or '\'' or '`': append(c); break;
            case 'x' or 'X': octet(Hex(start, 2)); break;
            case 'u' or 'U':
                if (bytes) throw new CelSyntaxException(start, $"\\{c} is for strings: write the bytes as \\x..");
                var point = Hex(start, c == 'u' ? 4 : 8);
                if (!Rune.IsValid(point)) throw new CelSyntaxException(start, "this is not a Unicode code point");
                append(point);
                break;
            case >= '0' and <= '3':
                if (Peek(0) is not (>= '0' and <= '7') || Peek(1) is not (>= '0' and <= '7')) throw new CelSyntaxException(start, "an octal escape has three digits, \\000 to \\377");
                octet(((c - '0') << 6) | ((Peek(0) - '0') << 3) | (Peek(1) - '0'));
                _at += 2;
                break;
            default:
                _at = start;
                throw new CelSyntaxException(start, c == '\0' && start + 1 >= source.Length ? "this text is never closed"
                    : $"\\{(char.IsControl(c) || char.IsSurrogate(c) ? "" : c)} is no escape: write \\\\ for a backslash, or r'...' for a text without escapes");
        }
    }

    private int Hex(int start, int digits)
    {
        long value = 0;
        for (var i = 0; i < digits; i++)
        {
            if (!char.IsAsciiHexDigit(Peek(i))) throw new CelSyntaxException(start, $"{digits} hexadecimal digits must follow {source[start..(start + 2)]}");
            value = (value << 4) | (uint)Convert.ToInt32(Peek(i).ToString(), 16);
        }
        _at += digits;
        return value > 0x10FFFF ? -1 : (int)value;
    }

    private string Show(int at) => Rune.TryGetRuneAt(source, at, out var rune) && !Rune.IsControl(rune) ? $"`{rune}`" : $"the character U+{(int)source[at]:X4}";

    /// <summary>A piece of the source for a message: not too long, and in one line.</summary>
    internal static string Cut(string text)
    {
        var cut = text.Length <= 40 ? text : text[..(char.IsHighSurrogate(text[38]) ? 38 : 39)] + "…";
        return cut.Any(char.IsControl) ? string.Concat(cut.Select(c => char.IsControl(c) ? ' ' : c)) : cut;
    }
}
