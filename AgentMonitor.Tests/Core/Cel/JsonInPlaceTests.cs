using System.Text.Json;
using AgentMonitor.Core.Cel;
using Xunit;

namespace AgentMonitor.Tests.Core.Cel;

/// <summary>JSON is read where it lies, and behaves as the values that it stands for.</summary>
public sealed class JsonInPlaceTests
{
    private const string Json = """
        {"to":"bob@example.org","cc":["a@x.org","b@x.org"],"amount":150,"price":99.5,"big":12345678901234567890,"half":1.0,"nothing":null,"yes":true,
         "escaped":"a\u0040b\n","cat":"🐱x","nested":{"list":[1,2.5,"three",{"four":4}]},"empty":{},"":1,"odd":"\ud800","a.b":7}
        """;

    [Theory]
    [InlineData("args.amount > 100 && args.amount > 100.0 && args.amount == 150 && args.amount == 150.0 && args.amount == 150u && args.amount in [150.0]")]
    [InlineData("args.amount + 1 == 151 && args.amount * 1.5 == 225.0 && args.amount - 1u == 149u && args.price * 2.0 == 199.0 && args.price + args.amount == 249.5 && -args.amount == -150")]
    [InlineData("args.half + 1 == 2 && args.half == 1 && type(args.amount) == int && type(args.price) == double && int(args.price) == 99 && args.big > 1e18")]
    [InlineData("args.to == 'bob@example.org' && 'bob@example.org' == args.to && args.to != 'x' && args.to.endsWith('.org') && args.to.startsWith('bob') && args.to.contains('@ex') && args.to.matches('^b.b@')")]
    [InlineData("args.escaped == 'a@b\\n' && args.escaped.contains('@') && args.escaped.endsWith('\\n') && args.escaped.size() == 4 && args.cat.size() == 2 && args.cat.startsWith('🐱')")]
    [InlineData("args.cc.exists(a, a == 'b@x.org') && args.cc.all(a, a.endsWith('@x.org')) && 'a@x.org' in args.cc && size(args.cc) == 2 && args.cc[1] == 'b@x.org' && args.cc == ['a@x.org', 'b@x.org']")]
    [InlineData("args.nested.list[3].four == 4 && args['nested']['list'][1] == 2.5 && args.nested.list.map(x, type(x)) == [int, double, string, map] && args.nested.list[1.0] == 2.5")]
    [InlineData("has(args.to) && !has(args.bcc) && has(args.nothing) && args.nothing == null && args.?bcc.orValue('') == '' && args.?nested.list[0].value() == 1 && 'to' in args && !('bcc' in args)")]
    [InlineData("args.yes && args.empty == {} && size(args.empty) == 0 && args.empty.all(k, false) && args.nested == {'list': [1, 2.5, 'three', {'four': 4}]} && args[''] == 1 && args.`a.b` == 7")]
    [InlineData("args.cc.map(a, a.split('@')[0]) == ['a', 'b'] && args.cc.join(';') == 'a@x.org;b@x.org' && args.cc + ['c'] == ['a@x.org', 'b@x.org', 'c'] && '%s'.format([args.cc]) == '[a@x.org, b@x.org]'")]
    [InlineData("args.exists(k, k == 'to') && args.exists(k, v, k == 'amount' && v == 150) && args.nested.transformMap(k, v, size(v)) == {'list': 4} && args.to < 'c' && args.cc[0] < args.cc[1]")]
    [InlineData("{'bob@example.org': 1}[args.to] == 1 && {150: 'x'}[args.amount] == 'x' && args.to in {'bob@example.org': 1} && [args.amount] == [150] && math.greatest(args.amount, args.price) == 150")]
    [InlineData("args.odd != 'x' && !(args.odd == 'x')")]
    public void Json_BehavesAsItsValue(string source) => Run.IsTrue(Json, source);

    [Theory]
    [InlineData("args.bcc == 'x'", "no such key: 'bcc'")]
    [InlineData("args.to.name", "string has no field")]
    [InlineData("args.nothing.x", "null_type has no field")]
    [InlineData("args.to > 1", "no order")]
    [InlineData("args.cc[2]", "out of bounds")]
    [InlineData("args.cc['x']", "no such overload")]
    [InlineData("args.amount.startsWith('1')", "no such overload")]
    [InlineData("args.odd + 'x'", "not Unicode")]
    [InlineData("args.odd.contains('x')", "not Unicode")]
    [InlineData("args.odd.matches('x')", "not Unicode")]
    [InlineData("size(args.odd)", "not Unicode")]
    [InlineData("args.to", "bob@example.org")]
    public void Json_ThatDoesNotFit_IsAnError(string source, string message)
    {
        var value = Run.Over(Json, source);
        Assert.Contains(message, value.IsError ? value.AsError.Message : value.Plain().AsString, StringComparison.Ordinal);
    }

    [Fact]
    public void Document_ThatIsGone_IsAnErrorAndNotAnException()
    {
        var document = JsonDocument.Parse(Json);
        var args = CelValue.Of(document.RootElement);
        document.Dispose();
        Assert.True(Run.Expression("args.to == 'x'", null, ("args", args)).IsError);
    }
}
