using System.Globalization;
using System.Text;

namespace AgentMonitor.Core.Cel;

/// <summary><c>'…'.format([…])</c>: the clauses %s %d %f %e %b %o %x %X, a precision for %f and %e, and %%.</summary>
internal static class StringFormat
{
    private const int MaxPrecision = 1_000;
    private const int MaxNesting = 64;

    public static CelValue Format(ref CelFrame frame, string pattern, CelList arguments)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '%') { text.Append(pattern[i]); continue; }
            if (++i >= pattern.Length) return Fail("the text ends within a clause");
            if (pattern[i] == '%') { text.Append('%'); continue; }
            var precision = 6;
            if (pattern[i] == '.')
            {
                var start = ++i;
                while (i < pattern.Length && char.IsAsciiDigit(pattern[i])) i++;
                if (i == start || i >= pattern.Length || i - start > 4) return Fail("a precision is a number from 0 to 1000 and followed by a clause");
                precision = int.Parse(pattern.AsSpan(start, i - start), CultureInfo.InvariantCulture);
                if (precision > MaxPrecision) return Fail("a precision is at most 1000");
            }
            var verb = pattern[i];
            if (verb is not ('s' or 'd' or 'f' or 'e' or 'b' or 'o' or 'x' or 'X')) return Fail($"unrecognized formatting clause \"{verb}\"");
            if (next >= arguments.Count) return Fail($"index {next} out of range");
            var argument = arguments[next++].Plain();
            if (argument.IsError) return argument;
            var length = text.Length;
            var error = verb switch
            {
                's' => Text(ref frame, text, argument, 0),
                'd' => Decimal(text, argument),
                'f' or 'e' => Floating(text, argument, verb, precision),
                'b' => Binary(text, argument),
                'o' => Octal(text, argument),
                _ => Hexadecimal(text, argument, verb == 'X'),
            };
            if (error is not null) return Fail(error);
            if (text.Length > CelRunLimits.MaxString) return CelValue.Fail("the resulting text is too long");
            if (!frame.ChargeText(text.Length - length)) return CelValue.Fail(CelFrame.Exceeded);
        }
        return text.Length > CelRunLimits.MaxString ? CelValue.Fail("the resulting text is too long") : frame.ChargeText(text.Length) ? CelValue.Of(text.ToString()) : CelValue.Fail(CelFrame.Exceeded);
    }

    private static CelValue Fail(string message) => CelValue.Fail("error during formatting: " + message);

    private static string? Text(ref CelFrame frame, StringBuilder to, in CelValue value, int depth)
    {
        // Shared lists make texts that are exponentially long: every element is charged for and the text bounded as it grows.
        if (!frame.Charge(1)) return CelFrame.Exceeded;
        if (to.Length > CelRunLimits.MaxString) return "the resulting text is too long";
        if (depth > MaxNesting) return "the value is nested too deeply";
        switch (value.Kind)
        {
            case CelKind.String: to.Append(value.AsString); return null;
            case CelKind.Null: to.Append("null"); return null;
            case CelKind.Bool: to.Append(value.AsBool ? "true" : "false"); return null;
            case CelKind.Int: to.Append(CultureInfo.InvariantCulture, $"{value.AsInt}"); return null;
            case CelKind.Uint: to.Append(CultureInfo.InvariantCulture, $"{value.AsUint}"); return null;
            case CelKind.Double: to.Append(CelNumbers.PlainText(value.AsDouble)); return null;
            case CelKind.Bytes: to.Append(Encoding.UTF8.GetString(value.AsBytes)); return null;
            case CelKind.Type: to.Append(value.AsTypeName); return null;
            case CelKind.Timestamp: to.Append(CelTime.Text(value.Seconds, value.Nanoseconds)); return null;
            case CelKind.Duration: to.Append(CelTime.DurationText(value.DurationNanoseconds)); return null;
            case CelKind.Ip: to.Append(value.AsIp); return null;
            case CelKind.Cidr: to.Append(value.AsCidr); return null;
            case CelKind.List:
                to.Append('[');
                for (var i = 0; i < value.AsList.Count; i++)
                {
                    if (i > 0) to.Append(", ");
                    if (Text(ref frame, to, value.AsList[i].Plain(), depth + 1) is { } error) return error;
                }
                to.Append(']');
                return null;
            case CelKind.Map:
                var entries = new List<(string Key, int Index)>();
                for (var i = 0; i < value.AsMap.Count; i++)
                {
                    var key = new StringBuilder();
                    if (Text(ref frame, key, value.AsMap.KeyAt(i), depth + 1) is { } error) return error;
                    entries.Add((key.ToString(), i));
                }
                entries.Sort((x, y) => CodePoints.Compare(x.Key, y.Key));
                to.Append('{');
                for (var i = 0; i < entries.Count; i++)
                {
                    if (i > 0) to.Append(", ");
                    to.Append(entries[i].Key).Append(": ");
                    if (Text(ref frame, to, value.AsMap.ValueAt(entries[i].Index).Plain(), depth + 1) is { } error) return error;
                }
                to.Append('}');
                return null;
            default: return $"no text for {value.TypeName}";
        }
    }

    private static string? Decimal(StringBuilder to, in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.Int: to.Append(CultureInfo.InvariantCulture, $"{value.AsInt}"); return null;
            case CelKind.Uint: to.Append(CultureInfo.InvariantCulture, $"{value.AsUint}"); return null;
            case CelKind.Double: to.Append(CelNumbers.PlainText(value.AsDouble)); return null;
            default: return $"decimal clause can only be used on numbers, was given {value.TypeName}";
        }
    }

    private static string? Floating(StringBuilder to, in CelValue value, char verb, int precision)
    {
        double number;
        switch (value.Kind)
        {
            case CelKind.Double: number = value.AsDouble; break;
            case CelKind.Int: number = value.AsInt; break;
            case CelKind.Uint: number = value.AsUint; break;
            default: return $"{(verb == 'f' ? "fixed-point" : "scientific")} clause can only be used on numbers, was given {value.TypeName}";
        }
        to.Append(verb == 'f' ? CelNumbers.FixedPoint(number, precision) : CelNumbers.Scientific(number, precision));
        return null;
    }

    private static string? Binary(StringBuilder to, in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.Bool: to.Append(value.AsBool ? '1' : '0'); return null;
            case CelKind.Int: Signed(to, value.AsInt, static m => m.ToString("b", CultureInfo.InvariantCulture)); return null;
            case CelKind.Uint: to.Append(value.AsUint.ToString("b", CultureInfo.InvariantCulture)); return null;
            default: return $"only integers and bools can be formatted as binary, was given {value.TypeName}";
        }
    }

    private static string? Octal(StringBuilder to, in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.Int: Signed(to, value.AsInt, OctalText); return null;
            case CelKind.Uint: to.Append(OctalText(value.AsUint)); return null;
            default: return $"octal clause can only be used on integers, was given {value.TypeName}";
        }
    }

    private static string OctalText(ulong value)
    {
        Span<char> digits = stackalloc char[22];
        var at = digits.Length;
        do digits[--at] = (char)('0' + (int)(value & 7)); while ((value >>= 3) != 0);
        return new(digits[at..]);
    }

    private static string? Hexadecimal(StringBuilder to, in CelValue value, bool upper)
    {
        switch (value.Kind)
        {
            case CelKind.Int: Signed(to, value.AsInt, upper ? static m => m.ToString("X", CultureInfo.InvariantCulture) : static m => m.ToString("x", CultureInfo.InvariantCulture)); return null;
            case CelKind.Uint: to.Append(value.AsUint.ToString(upper ? "X" : "x", CultureInfo.InvariantCulture)); return null;
            case CelKind.String or CelKind.Bytes:
                var bytes = value.Kind == CelKind.Bytes ? value.AsBytes : Encoding.UTF8.GetBytes(value.AsString);
                to.Append(upper ? Convert.ToHexString(bytes) : Convert.ToHexStringLower(bytes));
                return null;
            default: return $"only integers, byte buffers, and strings can be formatted as hex, was given {value.TypeName}";
        }
    }

    private static void Signed(StringBuilder to, long value, Func<ulong, string> digits)
    {
        if (value < 0) to.Append('-');
        to.Append(digits(value < 0 ? unchecked((ulong)-value) : (ulong)value));
    }
}
