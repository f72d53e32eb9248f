using System.Globalization;
using System.Numerics;
using System.Text;

namespace AgentMonitor.Core.Cel;

/// <summary>Texts of numbers, as the reference implementation writes and reads them.</summary>
internal static class CelNumbers
{
    /// <summary>The shortest text that reads back exactly; with an exponent below 1e-4 and from 1e21.</summary>
    public static string Text(double value)
    {
        if (Special(value) is { } special) return special;
        var exponent = Parts(value, out var negative, out var digits);
        if (exponent is >= -4 and < 21) return Fixed(negative, digits, exponent);
        var mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
        return $"{(negative ? "-" : "")}{mantissa}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent):D2}";
    }

    /// <summary>The shortest text that reads back exactly, without an exponent.</summary>
    public static string PlainText(double value)
    {
        if (Special(value) is { } special) return special;
        var exponent = Parts(value, out var negative, out var digits);
        return Fixed(negative, digits, exponent);
    }

    private static string? Special(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "Infinity" : double.IsNegativeInfinity(value) ? "-Infinity" : null;

    // The shortest digits d.ddd and the exponent of the first.
    private static int Parts(double value, out bool negative, out string digits)
    {
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        negative = shortest[0] == '-';
        var mantissaEnd = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = (mantissaEnd < 0 ? shortest : shortest[..mantissaEnd]).TrimStart('-');
        digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0').TrimEnd('0');
        if (digits.Length == 0) { digits = "0"; return 0; }
        if (mantissaEnd >= 0) return int.Parse(shortest[(mantissaEnd + 1)..], CultureInfo.InvariantCulture);
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        if (point < 0) point = mantissa.Length;
        var first = mantissa.AsSpan().IndexOfAnyInRange('1', '9');
        return first < point ? point - first - 1 : point - first;
    }

    private static string Fixed(bool negative, string digits, int exponent)
    {
        var text = new StringBuilder(negative ? "-" : "");
        if (exponent < 0) text.Append("0.").Append('0', -exponent - 1).Append(digits);
        else if (digits.Length <= exponent + 1) text.Append(digits).Append('0', exponent + 1 - digits.Length);
        else text.Append(digits, 0, exponent + 1).Append('.').Append(digits, exponent + 1, digits.Length - exponent - 1);
        return text.ToString();
    }

    /// <summary>A fixed number of digits behind the point, rounded half to even on the exact binary value.</summary>
    public static string FixedPoint(double value, int precision)
    {
        if (Special(value) is { } special) return special;
        var (numerator, denominator) = Exact(value);
        var digits = RoundedQuotient(numerator * BigInteger.Pow(10, precision), denominator).ToString(CultureInfo.InvariantCulture).PadLeft(precision + 1, '0');
        var sign = double.IsNegative(value) ? "-" : "";
        return precision == 0 ? sign + digits : $"{sign}{digits.AsSpan(0, digits.Length - precision)}.{digits.AsSpan(digits.Length - precision)}";
    }

    /// <summary>One digit before the point, a fixed number behind it, and an exponent.</summary>
    public static string Scientific(double value, int precision)
    {
        if (Special(value) is { } special) return special;
        var sign = double.IsNegative(value) ? "-" : "";
        var (numerator, denominator) = Exact(value);
        var exponent = 0;
        var digits = BigInteger.Zero;
        if (!numerator.IsZero)
        {
            exponent = (int)Math.Floor(BigInteger.Log10(numerator) - BigInteger.Log10(denominator));
            // The logarithm may be off by one at a power of ten.
            while (true)
            {
                var shift = precision - exponent;
                var (n, d) = shift >= 0 ? (numerator * BigInteger.Pow(10, shift), denominator) : (numerator, denominator * BigInteger.Pow(10, -shift));
                if (n < d * BigInteger.Pow(10, precision)) { exponent--; continue; }
                if (n >= d * BigInteger.Pow(10, precision + 1)) { exponent++; continue; }
                digits = RoundedQuotient(n, d);
                // Rounded up to the next power of ten: 9.96 becomes 1.0e+01.
                if (digits == BigInteger.Pow(10, precision + 1)) { digits /= 10; exponent++; }
                break;
            }
        }
        var text = digits.ToString(CultureInfo.InvariantCulture).PadRight(precision + 1, '0');
        return $"{sign}{text[0]}{(precision == 0 ? "" : ".")}{text.AsSpan(1)}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent):D2}";
    }

    private static (BigInteger Numerator, BigInteger Denominator) Exact(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52 & 0x7FF);
        var mantissa = bits & 0xFFFFFFFFFFFFF;
        if (exponent == 0) exponent = 1; else mantissa |= 1L << 52;
        exponent -= 1075;
        return exponent >= 0 ? (new BigInteger(mantissa) << exponent, BigInteger.One) : (mantissa, BigInteger.One << -exponent);
    }

    private static BigInteger RoundedQuotient(BigInteger numerator, BigInteger denominator)
    {
        var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
        var twice = (rest << 1).CompareTo(denominator);
        return twice > 0 || twice == 0 && !quotient.IsEven ? quotient + 1 : quotient;
    }

    /// <summary>Reads a double: decimal, or one of the names of the special values.</summary>
    public static bool TryParseDouble(string text, out double value)
    {
        value = 0;
        var body = text.AsSpan();
        var sign = 1.0;
        if (body.Length > 0 && body[0] is '+' or '-') { sign = body[0] == '-' ? -1.0 : 1.0; body = body[1..]; }
        if (body.Equals("inf", StringComparison.OrdinalIgnoreCase) || body.Equals("infinity", StringComparison.OrdinalIgnoreCase)) { value = sign * double.PositiveInfinity; return true; }
        if (text.Equals("nan", StringComparison.OrdinalIgnoreCase)) { value = double.NaN; return true; }
        if (body.IsEmpty || !(char.IsAsciiDigit(body[0]) || body[0] == '.')) return false;
        return double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }
}
