namespace AgentMonitor.Core.Cel;

/// <summary>The operators <c>+ - * / %</c> and the sign. Overflow is an error; a JSON number takes the other operand's type where it can.</summary>
internal static class Arithmetic
{
    private static CelValue Overflow => CelValue.Fail("integer overflow");
    private static CelValue DivideByZero => CelValue.Fail("divide by zero");
    private static CelValue NoOverload(char op) => CelValue.NoOverload($"_{op}_");

    public static CelValue Apply(ref CelFrame frame, char op, in CelValue left, in CelValue right)
    {
        var a = left;
        var b = right;
        if (a.Kind == CelKind.Json || b.Kind == CelKind.Json) Align(ref a, ref b);
        switch (a.Kind)
        {
            case CelKind.Int when b.Kind == CelKind.Int: return Ints(op, a.AsInt, b.AsInt);
            case CelKind.Uint when b.Kind == CelKind.Uint: return Uints(op, a.AsUint, b.AsUint);
            case CelKind.Double when b.Kind == CelKind.Double:
                return op switch
                {
                    '+' => CelValue.Of(a.AsDouble + b.AsDouble),
                    '-' => CelValue.Of(a.AsDouble - b.AsDouble),
                    '*' => CelValue.Of(a.AsDouble * b.AsDouble),
                    '/' => CelValue.Of(a.AsDouble / b.AsDouble),
                    _ => NoOverload(op),
                };
            case CelKind.String when op == '+' && b.Kind == CelKind.String:
                if ((long)a.AsString.Length + b.AsString.Length > CelRunLimits.MaxString) return CelValue.Fail("the resulting text is too long");
                return frame.ChargeText(a.AsString.Length + b.AsString.Length) ? CelValue.Of(a.AsString + b.AsString) : CelValue.Fail(CelFrame.Exceeded);
            case CelKind.Bytes when op == '+' && b.Kind == CelKind.Bytes:
                if ((long)a.AsBytes.Length + b.AsBytes.Length > CelRunLimits.MaxString) return CelValue.Fail("the resulting bytes are too long");
                return frame.ChargeText(a.AsBytes.Length + b.AsBytes.Length) ? CelValue.Of([.. a.AsBytes, .. b.AsBytes]) : CelValue.Fail(CelFrame.Exceeded);
            case CelKind.List when op == '+' && b.Kind == CelKind.List: return Concat(ref frame, a.AsList, b.AsList);
            case CelKind.Duration when b.Kind == CelKind.Duration && op is '+' or '-':
                return CelTime.Duration(op == '+' ? (Int128)a.DurationNanoseconds + b.DurationNanoseconds : (Int128)a.DurationNanoseconds - b.DurationNanoseconds);
            case CelKind.Duration when op == '+' && b.Kind == CelKind.Timestamp: return CelTime.Add(b, a.DurationNanoseconds);
            case CelKind.Timestamp when b.Kind == CelKind.Duration && op is '+' or '-': return CelTime.Add(a, op == '+' ? b.DurationNanoseconds : -(Int128)b.DurationNanoseconds);
            case CelKind.Timestamp when b.Kind == CelKind.Timestamp && op == '-': return CelTime.Difference(a, b);
            default: return a.IsError ? a : b.IsError ? b : NoOverload(op);
        }
    }

    // Only a number that came from JSON changes its type, never one that the author of the expression wrote or converted.
    private static void Align(ref CelValue a, ref CelValue b)
    {
        var jsonA = a.Kind == CelKind.Json;
        var jsonB = b.Kind == CelKind.Json;
        a = a.Plain();
        b = b.Plain();
        if (a.Kind == b.Kind) return;
        if (jsonA && jsonB) { a = ToDouble(a); b = ToDouble(b); }
        else if (jsonA) a = Promoted(a, b.Kind);
        else b = Promoted(b, a.Kind);
    }

    private static CelValue Promoted(in CelValue json, CelKind to) => to switch
    {
        CelKind.Double => ToDouble(json),
        CelKind.Uint when json.Kind == CelKind.Int && json.AsInt >= 0 => CelValue.Of((ulong)json.AsInt),
        CelKind.Int when json.Kind == CelKind.Double && double.IsInteger(json.AsDouble) && Math.Abs(json.AsDouble) < 9e15 => CelValue.Of((long)json.AsDouble),
        _ => json,
    };

    private static CelValue ToDouble(in CelValue value) => value.Kind == CelKind.Int ? CelValue.Of((double)value.AsInt) : value;

    private static CelValue Ints(char op, long a, long b)
    {
        long result;
        switch (op)
        {
            case '+': result = unchecked(a + b); return ((a ^ result) & (b ^ result)) < 0 ? Overflow : CelValue.Of(result);
            case '-': result = unchecked(a - b); return ((a ^ b) & (a ^ result)) < 0 ? Overflow : CelValue.Of(result);
            case '*':
                var high = Math.BigMul(a, b, out result);
                return high != result >> 63 ? Overflow : CelValue.Of(result);
            case '/': return b == 0 ? DivideByZero : a == long.MinValue && b == -1 ? Overflow : CelValue.Of(a / b);
            default: return b == 0 ? CelValue.Fail("modulus by zero") : a == long.MinValue && b == -1 ? Overflow : CelValue.Of(a % b);
        }
    }

    private static CelValue Uints(char op, ulong a, ulong b)
    {
        switch (op)
        {
            case '+': return unchecked(a + b) < a ? Overflow : CelValue.Of(unchecked(a + b));
            case '-': return b > a ? Overflow : CelValue.Of(a - b);
            case '*': return Math.BigMul(a, b, out var low) != 0 ? Overflow : CelValue.Of(low);
            case '/': return b == 0 ? DivideByZero : CelValue.Of(a / b);
            default: return b == 0 ? CelValue.Fail("modulus by zero") : CelValue.Of(a % b);
        }
    }

    public static CelValue Negate(in CelValue value)
    {
        var a = value.Plain();
        return a.Kind switch
        {
            CelKind.Int => a.AsInt == long.MinValue ? Overflow : CelValue.Of(-a.AsInt),
            CelKind.Double => CelValue.Of(-a.AsDouble),
            CelKind.Error => a,
            _ => CelValue.NoOverload("-_"),
        };
    }

    private static CelValue Concat(ref CelFrame frame, CelList a, CelList b)
    {
        if (a.Count == 0) return CelValue.Of(b);
        if (b.Count == 0) return CelValue.Of(a);
        if ((long)a.Count + b.Count > CelRunLimits.MaxElements) return CelValue.Fail("the resulting list is too long");
        if (!frame.Charge(a.Count + b.Count)) return CelValue.Fail(CelFrame.Exceeded);
        var items = new CelValue[a.Count + b.Count];
        for (var i = 0; i < a.Count; i++) items[i] = a[i];
        for (var i = 0; i < b.Count; i++) items[a.Count + i] = b[i];
        return CelValue.ListOf(items);
    }
}
