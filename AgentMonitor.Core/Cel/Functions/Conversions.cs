using System.Globalization;
using System.Text;

namespace AgentMonitor.Core.Cel;

internal static partial class CelFunctions
{
    private static void Conversions(Builder add)
    {
        add.Global("dyn", (ref CelFrame _, in CelValue a) => a);
        add.Global("type", (ref CelFrame _, in CelValue a) => CelValue.TypeNamed(a.TypeName));
        add.Global("bool", (ref CelFrame _, in CelValue a) => a.Kind switch
        {
            CelKind.Bool => a,
            CelKind.String => a.AsString switch
            {
                "1" or "t" or "T" or "true" or "TRUE" or "True" => CelValue.True,
                "0" or "f" or "F" or "false" or "FALSE" or "False" => CelValue.False,
                _ => CelValue.Fail("not a bool: write 'true' or 'false'"),
            },
            _ => CelValue.NoOverload("bool"),
        });
        add.Global("int", (ref CelFrame _, in CelValue a) => ToInt(a));
        add.Global("uint", (ref CelFrame _, in CelValue a) => ToUint(a));
        add.Global("double", (ref CelFrame _, in CelValue a) => a.Kind switch
        {
            CelKind.Double => a,
            CelKind.Int => CelValue.Of((double)a.AsInt),
            CelKind.Uint => CelValue.Of((double)a.AsUint),
            CelKind.String => CelNumbers.TryParseDouble(a.AsString, out var number) ? CelValue.Of(number) : CelValue.Fail("not a double"),
            _ => CelValue.NoOverload("double"),
        });
        add.Global("string", (ref CelFrame frame, in CelValue a) => ToText(ref frame, a));
        add.Global("bytes", (ref CelFrame frame, in CelValue a) => a.Kind switch
        {
            CelKind.Bytes => a,
            CelKind.String => frame.ChargeText(a.AsString.Length) ? CelValue.Of(Encoding.UTF8.GetBytes(a.AsString)) : Exceeded,
            _ => CelValue.NoOverload("bytes"),
        });
        add.Global("timestamp", (ref CelFrame _, in CelValue a) => a.Kind switch
        {
            CelKind.Timestamp => a,
            CelKind.Int => CelValue.Timestamp(a.AsInt, 0),
            CelKind.String => CelTime.Parse(a.AsString),
            _ => CelValue.NoOverload("timestamp"),
        });
        add.Global("duration", (ref CelFrame _, in CelValue a) => a.Kind switch
        {
            CelKind.Duration => a,
            CelKind.String => a.AsString.Length > 200 ? CelValue.Fail("not a duration") : CelTime.ParseDuration(a.AsString),
            _ => CelValue.NoOverload("duration"),
        });
        add.Global("base64.encode", (ref CelFrame frame, in CelValue a) => a.Kind == CelKind.Bytes ? Text(ref frame, Convert.ToBase64String(a.AsBytes)) : CelValue.NoOverload("base64.encode"));
        add.Global("base64.decode", (ref CelFrame frame, in CelValue a) =>
        {
            if (a.Kind != CelKind.String) return CelValue.NoOverload("base64.decode");
            if (!frame.ChargeText(a.AsString.Length)) return Exceeded;
            var text = a.AsString.TrimEnd('=');
            // Padding may be left out, but not half of it, and white space is not skipped.
            if (text.Length != a.AsString.Length && a.AsString.Length % 4 != 0 || text.AsSpan().ContainsAny(" \t\r\n") || text.Length % 4 == 1) return CelValue.Fail("not base64");
            var bytes = new byte[text.Length / 4 * 3 + 3];
            return Convert.TryFromBase64String(text + "==="[..((4 - text.Length % 4) % 4)], bytes, out var length) ? CelValue.Of(bytes[..length]) : CelValue.Fail("not base64");
        });
    }

    private static CelValue ToInt(in CelValue a)
    {
        switch (a.Kind)
        {
            case CelKind.Int: return a;
            case CelKind.Uint: return a.AsUint <= long.MaxValue ? CelValue.Of((long)a.AsUint) : CelValue.Fail("int out of range");
            // The bounds themselves are excluded: they cannot be told from their neighbours.
            case CelKind.Double: return a.AsDouble is > -9223372036854775808.0 and < 9223372036854775808.0 ? CelValue.Of((long)a.AsDouble) : CelValue.Fail("int out of range");
            case CelKind.String: return IsInteger(a.AsString, signed: true) && long.TryParse(a.AsString, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? CelValue.Of(number) : CelValue.Fail("not an int");
            case CelKind.Timestamp: return CelValue.Of(a.Seconds);
            case CelKind.Duration: return CelValue.Of(a.DurationNanoseconds);
            default: return CelValue.NoOverload("int");
        }
    }

    private static CelValue ToUint(in CelValue a) => a.Kind switch
    {
        CelKind.Uint => a,
        CelKind.Int => a.AsInt >= 0 ? CelValue.Of((ulong)a.AsInt) : CelValue.Fail("uint out of range"),
        CelKind.Double => a.AsDouble is >= 0 and < 18446744073709551616.0 ? CelValue.Of((ulong)a.AsDouble) : CelValue.Fail("uint out of range"),
        CelKind.String => IsInteger(a.AsString, signed: false) && ulong.TryParse(a.AsString, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? CelValue.Of(number) : CelValue.Fail("not a uint"),
        _ => CelValue.NoOverload("uint"),
    };

    private static bool IsInteger(string text, bool signed)
    {
        var digits = text.AsSpan();
        if (signed && digits.Length > 0 && digits[0] is '+' or '-') digits = digits[1..];
        return digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9');
    }

    private static CelValue ToText(ref CelFrame frame, in CelValue a)
    {
        switch (a.Kind)
        {
            case CelKind.String: return a;
            case CelKind.Bool: return CelValue.Of(a.AsBool ? "true" : "false");
            case CelKind.Int: return CelValue.Of(a.AsInt.ToString(CultureInfo.InvariantCulture));
            case CelKind.Uint: return CelValue.Of(a.AsUint.ToString(CultureInfo.InvariantCulture));
            case CelKind.Double: return CelValue.Of(CelNumbers.Text(a.AsDouble));
            case CelKind.Timestamp: return CelValue.Of(CelTime.Text(a.Seconds, a.Nanoseconds));
            case CelKind.Duration: return CelValue.Of(CelTime.DurationText(a.DurationNanoseconds));
            case CelKind.Ip: return CelValue.Of(a.AsIp.ToString());
            case CelKind.Cidr: return CelValue.Of(a.AsCidr.ToString());
            case CelKind.Bytes: return CodePoints.Decode(a.AsBytes) is { } text ? Text(ref frame, text) : CelValue.Fail("the bytes are not UTF-8");
            default: return CelValue.NoOverload("string");
        }
    }
}
