using AgentMonitor.Core.Cel;
using Xunit;

namespace AgentMonitor.Tests.Core.Cel;

/// <summary>The standard library and its extensions, where the platform or a hasty port would answer otherwise.</summary>
public sealed class ValueTests
{
    [Theory]
    // Conversions.
    [InlineData("string(1.0) == '1' && string(1e21) == '1e+21' && string(123456789.0) == '123456789' && string(0.0001) == '0.0001' && string(0.00001) == '1e-05' && string(-0.0) == '-0'")]
    [InlineData("string(5e-324) == '5e-324' && string(1.7976931348623157e308) == '1.7976931348623157e+308'")]
    [InlineData("int('-7') == -7 && uint('7') == 7u && double('1e3') == 1000.0 && int(-1.9) == -1 && uint(1.9) == 1u")]
    [InlineData("double('Infinity') > 1e300 && double('-inf') < -1e300")]
    [InlineData("string(b'gr\\303\\274n') == 'grün' && bytes('ü') == b'\\303\\274'")]
    [InlineData("type(1) == int && type([]) == list && type(type(1)) == type && type(optional.none()) == optional_type && type(timestamp(0)) == google.protobuf.Timestamp")]
    // Numbers of different types compare by value.
    [InlineData("dyn(1) == 1.0 && dyn(1u) == 1 && 1 < 1.5 && 2u > 1.5 && -1 < 1u && 1 in [1.0] && {1: 'a'}[1u] == 'a' && {1: 'a'}[1.0] == 'a'")]
    [InlineData("!(0.0/0.0 == 0.0/0.0) && !(0.0/0.0 < 1.0) && !(0.0/0.0 >= 1.0) && 0.0 == -0.0")]
    [InlineData("dyn(9007199254740993) != 9007199254740994 && [1, [2u, 3.0]] == [1u, [2, 3]]")]
    // Code points, not UTF-16 units.
    [InlineData("size('🐱a') == 2 && '🐱a'.charAt(1) == 'a' && 'a🐱b'.indexOf('b') == 2 && 'a🐱b'.substring(1, 2) == '🐱' && '🐱a'.reverse() == 'a🐱' && '🐱'.split('') == ['🐱']")]
    [InlineData("'\\uFFFF' < '🐱' && 'a' < 'ab' && !('b' < 'ab')")]
    [InlineData("'ab'.replace('', '-') == '-a-b-' && 'aaaa'.replace('a', 'b', 2) == 'bbaa' && 'abc'.lastIndexOf('') == 3 && 'banana'.lastIndexOf('an', 2) == 1")]
    [InlineData("'a,b,,c'.split(',') == ['a', 'b', '', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c'] && ''.split(',') == [''] && ''.split('') == []")]
    [InlineData("' \\u00a0\\u2003x\\u3000'.trim() == 'x' && '\\u200bx'.trim() == '\\u200bx'")]
    [InlineData("strings.quote('a\\\"\\n') == '\"a\\\\\"\\\\n\"'")]
    // Format.
    [InlineData("'%.0f %.0f %.2f'.format([2.5, 3.5, 2.675]) == '2 4 2.67' && '%e'.format([1234.5678]) == '1.234568e+03' && '%.1e'.format([9.96]) == '1.0e+01' && '%.2e'.format([0.0]) == '0.00e+00'")]
    [InlineData("'%s'.format([[1u, 1.5, 'x', b'y', null, {'b': 1, 'a': true}, int]]) == '[1, 1.5, x, y, null, {a: true, b: 1}, int]'")]
    [InlineData("'%b %o %x %X %x'.format([-5, 8, 255, -255, 'a']) == '-101 10 ff -FF 61' && '%b'.format([true]) == '1' && '%d%%'.format([5u]) == '5%'")]
    // Math.
    [InlineData("math.round(-1.5) == -2.0 && math.trunc(-1.5) == -1.0 && math.sqrt(16) == 4.0 && math.bitShiftRight(-1, 63) == 1 && math.bitShiftLeft(1, 64) == 0 && math.bitXor(5u, 1u) == 4u")]
    [InlineData("math.greatest([1, 2.5, 2u]) == 2.5 && math.least(1, -1.5, 3u) == -1.5 && type(math.greatest(1, 1.0)) == int")]
    // Collections.
    [InlineData("sets.contains([1, 2], [2.0, 2u]) && sets.equivalent([1, 1], [1u]) && !sets.intersects([1], [2]) && sets.intersects([1], [1.0, 7])")]
    [InlineData("{'a': 1}.transformMap(k, v, v + 1) == {'a': 2} && [3, 4].transformList(i, v, i + v) == [3, 5] && {'a': 1}.transformMapEntry(k, v, {v: k}) == {1: 'a'}")]
    [InlineData("[1, 2, 3].exists_one(x, x > 2) && cel.bind(x, 2, x * x) == 4 && base64.decode('aGk=') == b'hi' && base64.encode(b'hi') == 'aGk='")]
    // Optionals.
    [InlineData("{}.?a.orValue(1) == 1 && {'a': {'b': 2}}.?a.b.value() == 2 && [1][?3] == optional.none() && optional.of(1).or(optional.of(2)).value() == 1 && !has({}.?a.b)")]
    [InlineData("optional.none().orValue(3) == 3 && optional.of(2).optMap(x, x + 1).value() == 3 && optional.of(1).orValue(1 / 0) == 1")]
    // Errors are absorbed by what decides without them.
    [InlineData("(1 / 0 > 0 || true) && !(false && 1 / 0 > 0) && [0, 1].exists(x, 1 / x > 0) && ![0, 2].all(x, 1 / x > 1)")]
    public void Expression_OfTheLanguage_IsTrue(string source) => Run.IsTrue(source);

    [Theory]
    [InlineData("9223372036854775807 + 1", "overflow")]
    [InlineData("-(-9223372036854775808)", "overflow")]
    [InlineData("-9223372036854775808 / -1", "overflow")]
    [InlineData("-9223372036854775808 % -1", "overflow")]
    [InlineData("5000000000 * 5000000000", "overflow")]
    [InlineData("1u - 2u", "overflow")]
    [InlineData("1 % 0", "zero")]
    [InlineData("int(9.3e18)", "range")]
    [InlineData("uint(-1)", "range")]
    [InlineData("int('1_000')", "not an int")]
    [InlineData("int(' 1')", "not an int")]
    [InlineData("double('1e999')", "not a double")]
    [InlineData("bool('TrUe')", "not a bool")]
    [InlineData("string(b'\\xff')", "UTF-8")]
    [InlineData("{1: 1, 1u: 2}", "repeated key")]
    [InlineData("{1.5: 1}", "a key is")]
    [InlineData("[1][1]", "out of bounds")]
    [InlineData("{'a': 1}.b", "no such key")]
    [InlineData("1 + 1u", "no such overload")]
    [InlineData("1 + 1.0", "no such overload")]
    [InlineData("'a' < 1", "no order")]
    [InlineData("'abc'.charAt(4)", "out of range")]
    [InlineData("'abc'.indexOf('a', 9)", "out of range")]
    [InlineData("'%d'.format(['x'])", "decimal")]
    [InlineData("'%a'.format([1])", "unrecognized")]
    [InlineData("'%s %s'.format([1])", "out of range")]
    [InlineData("'%'.format([1])", "ends within")]
    [InlineData("base64.decode('a')", "base64")]
    [InlineData("math.bitShiftLeft(1, -1)", "negative")]
    [InlineData("math.abs(-9223372036854775808)", "overflow")]
    [InlineData("optional.none().value()", "dereference")]
    [InlineData("[0, 1].exists(x, 1 / x > 1)", "zero")]
    [InlineData("unknown_function(1)", "unbound function")]
    [InlineData("unknown", "undeclared")]
    public void Expression_ThatHasNoValue_IsAnError(string source, string message) => Assert.Contains(message, Run.Error(source), StringComparison.Ordinal);

    [Fact]
    public void Error_OfAPart_SaysWhereItIs()
    {
        var error = Run.Expression("true ? [1, 2][5] : 0").AsError;
        Assert.Equal(13, error.Position);
    }

    [Fact]
    public void Names_InContainers_AreFoundFromTheInside()
    {
        var ast = CelParser.Parse("a.b + .a.b", CelLimits.Default, out _)!;
        var bindings = new CelBindings(new Dictionary<string, CelValue> { ["x.y.a.b"] = CelValue.Of(1L), ["a.b"] = CelValue.Of(20L), ["a"] = CelValue.Of(300L) });
        Assert.Equal(21, CelPlanner.PlanUnchecked(ast, "x.y", ["x.y.a.b", "a.b", "a"]).Evaluate(bindings).AsInt);
        Assert.Equal(21, CelPlanner.PlanUnchecked(ast, "x.y").Evaluate(bindings).AsInt);
    }
}
