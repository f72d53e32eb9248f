using System.Text;
using System.Text.Json;

namespace AgentMonitor.Core.Cel;

internal enum Order : byte { Less, LessOrEqual, Greater, GreaterOrEqual }

internal sealed class EqualNode(CelNode left, CelNode right, bool negated) : TestNode
{
    public override Found Test(ref CelFrame frame)
    {
        var a = left.Evaluate(ref frame);
        if (a.IsError) return Error(ref frame, a);
        var b = right.Evaluate(ref frame);
        if (b.IsError) return Error(ref frame, b);
        return CelEquality.Equal(ref frame, a, b) != negated ? Found.True : Found.False;
    }
}

/// <summary>Equality with a constant text: no text is made of JSON.</summary>
internal sealed class EqualTextNode(CelNode operand, string text, bool negated) : TestNode
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(text);

    public override Found Test(ref CelFrame frame)
    {
        bool equal;
        if (operand is JsonNode node)
        {
            if (!node.TryRead(ref frame, out var json)) return Found.Error;
            equal = json.ValueKind == JsonValueKind.String && JsonText.Equals(json, _utf8);
        }
        else if (operand is TextNode textNode) equal = textNode.Read(ref frame) == text;
        else
        {
            var value = operand.Evaluate(ref frame);
            if (value.IsError) return Error(ref frame, value);
            equal = value.Kind == CelKind.String ? value.AsString == text
                : value.Kind == CelKind.Json && value.AsJson.ValueKind == JsonValueKind.String && JsonText.Equals(value.AsJson, _utf8);
        }
        return equal != negated ? Found.True : Found.False;
    }
}

/// <summary>Order of two values.</summary>
internal sealed class CompareNode(CelNode left, CelNode right, Order order) : TestNode
{
    public override Found Test(ref CelFrame frame)
    {
        var a = left.Evaluate(ref frame);
        if (a.IsError) return Error(ref frame, a);
        var b = right.Evaluate(ref frame);
        if (b.IsError) return Error(ref frame, b);
        if (CelEquality.Compare(a, b) is not { } compared) return Error(ref frame, CelValue.Fail($"no such overload: {a.TypeName} and {b.TypeName} have no order"));
        return Holds(order, compared) ? Found.True : Found.False;
    }

    public static bool Holds(Order order, int compared) => compared != CelEquality.Unordered && order switch
    {
        Order.Less => compared < 0,
        Order.LessOrEqual => compared <= 0,
        Order.Greater => compared > 0,
        _ => compared >= 0,
    };
}

/// <summary>Order, or equality, of a JSON value and a constant number.</summary>
internal sealed class JsonNumberNode(JsonNode operand, CelValue constant, Order? order, bool negated) : TestNode
{
    private readonly bool _isInt = constant.Kind == CelKind.Int, _isDouble = constant.Kind == CelKind.Double;
    private readonly long _int = constant.Kind == CelKind.Int ? constant.AsInt : 0;
    private readonly double _double = constant.Kind == CelKind.Double ? constant.AsDouble : 0;

    public override Found Test(ref CelFrame frame)
    {
        if (!operand.TryRead(ref frame, out var json)) return Found.Error;
        if (json.ValueKind != JsonValueKind.Number)
            return order is null ? negated ? Found.True : Found.False : Error(ref frame, CelValue.Fail($"no such overload: {CelValue.Of(json).TypeName} and {constant.TypeName} have no order"));
        int? compared;
        if (json.TryGetInt64(out var integer)) compared = _isInt ? integer.CompareTo(_int) : _isDouble ? CelEquality.CompareInt(integer, _double) : CelEquality.CompareNumbers(CelValue.Of(integer), constant);
        else
        {
            var number = JsonText.Double(json);
            compared = _isDouble ? double.IsNaN(number) || double.IsNaN(_double) ? null : number.CompareTo(_double) : CelEquality.CompareNumbers(CelValue.Of(number), constant);
        }
        if (order is not { } wanted) return compared == 0 != negated ? Found.True : Found.False;
        return compared is { } known && CompareNode.Holds(wanted, known) ? Found.True : Found.False;
    }
}

/// <summary>Membership in a list, or of a key in a map.</summary>
internal sealed class InNode(CelNode element, CelNode container) : TestNode
{
    public override Found Test(ref CelFrame frame)
    {
        var value = element.Evaluate(ref frame);
        if (value.IsError) return Error(ref frame, value);
        if (container is TextListNode texts) return InTexts(ref frame, texts, value);
        var set = container.Evaluate(ref frame);
        if (set.IsError) return Error(ref frame, set);
        if (set.Kind == CelKind.Json && set.AsJson.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in set.AsJson.EnumerateArray())
                if (!frame.Charge(1)) return Error(ref frame, CelValue.Fail(CelFrame.Exceeded));
                else if (CelEquality.Equal(ref frame, CelValue.Of(item), value)) return Found.True;
            return Found.False;
        }
        if (set.Kind == CelKind.Json && set.AsJson.ValueKind == JsonValueKind.Object && value.Kind == CelKind.String)
            return JsonText.TryGetProperty(set.AsJson, value.AsString, out _) ? Found.True : Found.False;
        set = set.Plain();
        return set.Kind switch
        {
            CelKind.List => CelFunctions.Contains(ref frame, set.AsList, value) ? Found.True : Found.False,
            CelKind.Map => set.AsMap.TryGet(value, out _) ? Found.True : Found.False,
            _ => Error(ref frame, CelValue.Fail($"no such overload: {value.TypeName} in {set.TypeName}")),
        };
    }

    private static Found InTexts(ref CelFrame frame, TextListNode texts, in CelValue value)
    {
        var count = texts.Count(ref frame);
        for (var i = 0; i < count; i++)
            if (CelEquality.Equal(ref frame, CelValue.Of(texts.Item(ref frame, i)), value)) return Found.True;
        return Found.False;
    }
}

/// <summary>Whether a list of the host has a constant text: <c>'x' in list</c> and <c>list.exists(l, l == 'x')</c>.</summary>
internal sealed class HasTextNode(TextListNode list, string text) : TestNode
{
    public override Found Test(ref CelFrame frame)
    {
        var count = list.Count(ref frame);
        for (var i = 0; i < count; i++)
            if (list.Item(ref frame, i) == text) return Found.True;
        return Found.False;
    }
}
