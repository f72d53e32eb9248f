using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentMonitor.Core.Cel;

internal enum TextTest : byte { Contains, StartsWith, EndsWith }

/// <summary><c>contains</c>, <c>startsWith</c> and <c>endsWith</c>. A JSON text that is written without escapes is searched where it lies.</summary>
internal sealed class TextTestNode(CelNode operand, CelNode argument, TextTest test) : TestNode
{
    private readonly byte[]? _utf8 = argument is ConstantNode { Value.Kind: CelKind.String } constant ? Encoding.UTF8.GetBytes(constant.Value.AsString) : null;

    public override Found Test(ref CelFrame frame)
    {
        if (_utf8 is not null && operand is JsonNode node)
        {
            if (!node.TryRead(ref frame, out var json)) return Found.Error;
            if (json.ValueKind == JsonValueKind.String && JsonText.TryGetRaw(json, out var raw)) return InPlace(ref frame, raw, _utf8);
            return Texts(ref frame, CelValue.Of(json), argument.Evaluate(ref frame));
        }
        var text = operand.Evaluate(ref frame);
        if (text.IsError) return Error(ref frame, text);
        if (_utf8 is not null && text.Kind == CelKind.Json && text.AsJson.ValueKind == JsonValueKind.String && JsonText.TryGetRaw(text.AsJson, out var bytes)) return InPlace(ref frame, bytes, _utf8);
        return Texts(ref frame, text, argument.Evaluate(ref frame));
    }

    private Found InPlace(ref CelFrame frame, ReadOnlySpan<byte> text, ReadOnlySpan<byte> sought)
    {
        if (test == TextTest.Contains && !frame.ChargeText(text.Length)) return Error(ref frame, CelValue.Fail(CelFrame.Exceeded));
        return (test switch
        {
            TextTest.Contains => text.IndexOf(sought) >= 0,
            TextTest.StartsWith => text.StartsWith(sought),
            _ => text.EndsWith(sought),
        }) ? Found.True : Found.False;
    }

    private Found Texts(ref CelFrame frame, in CelValue operandValue, in CelValue argumentValue)
    {
        var text = operandValue.Plain();
        if (text.IsError) return Error(ref frame, text);
        var sought = argumentValue.Plain();
        if (sought.IsError) return Error(ref frame, sought);
        if (text.Kind != CelKind.String || sought.Kind != CelKind.String)
            return Error(ref frame, CelValue.NoOverload($"{text.TypeName}.{test switch { TextTest.Contains => "contains", TextTest.StartsWith => "startsWith", _ => "endsWith" }}({sought.TypeName})"));
        if (test == TextTest.Contains && !frame.ChargeText(text.AsString.Length)) return Error(ref frame, CelValue.Fail(CelFrame.Exceeded));
        return (test switch
        {
            TextTest.Contains => text.AsString.Contains(sought.AsString, StringComparison.Ordinal),
            TextTest.StartsWith => text.AsString.StartsWith(sought.AsString, StringComparison.Ordinal),
            _ => text.AsString.EndsWith(sought.AsString, StringComparison.Ordinal),
        }) ? Found.True : Found.False;
    }
}

/// <summary><c>matches</c>. A constant pattern is compiled once, with the plan.</summary>
internal sealed class MatchesNode(CelNode operand, CelNode pattern, Regex? compiled) : TestNode
{
    // Making an automaton costs as much as this many steps, so that a pattern that changes with every element stays affordable.
    private const int CompileSteps = 500;
    private Tuple<string, Regex>? _last;

    public override Found Test(ref CelFrame frame)
    {
        var text = operand.Evaluate(ref frame).Plain();
        if (text.IsError) return Error(ref frame, text);
        var regex = compiled;
        if (regex is null)
        {
            var source = pattern.Evaluate(ref frame).Plain();
            if (source.IsError) return Error(ref frame, source);
            if (text.Kind != CelKind.String || source.Kind != CelKind.String) return Error(ref frame, CelValue.NoOverload($"{text.TypeName}.matches({source.TypeName})"));
            var last = Volatile.Read(ref _last);
            if (last is null || last.Item1 != source.AsString)
            {
                if (!frame.Charge(CompileSteps)) return Error(ref frame, CelValue.Fail(CelFrame.Exceeded));
                if (Re2.Compile(source.AsString, out var error) is not { } made) return Error(ref frame, CelValue.Fail(error!));
                Volatile.Write(ref _last, last = new(source.AsString, made));
            }
            regex = last.Item2;
        }
        if (text.Kind != CelKind.String) return Error(ref frame, CelValue.NoOverload($"{text.TypeName}.matches(string)"));
        // The search is linear in the text, at some dozen nanoseconds for a character.
        if (!frame.Charge(1 + (text.AsString.Length >> 3))) return Error(ref frame, CelValue.Fail(CelFrame.Exceeded));
        return regex.IsMatch(text.AsString) ? Found.True : Found.False;
    }
}
