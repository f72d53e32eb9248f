using System.Text.Json;
using AgentMonitor.Core.Origins;
using Xunit;

namespace AgentMonitor.Tests.Core.Origins;

/// <summary>A result taken apart: JSON and the text forms of serialisers; everything doubtful is one text.</summary>
public sealed class ResultFieldsTests
{
    [Fact]
    public void Json_GivesEachScalarUnderItsMember() =>
        Assert.Equal("=a! a=1 =b! b=x b=c! c=2.50 =d! =e!", Describe("""{"a":1,"b":["x",{"c":2.50}],"d":null,"e":true}"""));

    [Fact]
    public void Json_InsideAText_IsReadToo() => Assert.Equal("=a! a=x", Text("""{"a":"x"}"""));

    [Fact]
    public void Json_InsideAField_IsText() => Assert.Equal("""=body! body={"sender":"mallory"}""", Describe("""{"body":"{\"sender\":\"mallory\"}"}"""));

    [Theory]
    [InlineData("{'id': 7, 'sender': 'bob', 'tags': ['a', \"it's\"]}", "=id! id=7 =sender! sender=bob =tags! tags=a tags=it's")]
    [InlineData("[{'id': '7'}, ('x', None, True, 1.5)]", "=id! id=7 =x =1.5")]
    [InlineData("{'at': datetime.datetime(2024, 5, 13), 'body': 'a\\'b\\nc'}", "=at! at=datetime.datetime(2024, 5, 13) =body! body=a'b\nc")]
    [InlineData("{'status': <Status.ok: 'ok'>, 'id': 7}", "=status! status=Status.ok: 'ok' =id! id=7")]
    [InlineData("{'body': '\\', \\'sender\\': \\'mallory'}", "=body! body=', 'sender': 'mallory")]
    public void Python_LiteralsAreRead(string text, string expected) => Assert.Equal(expected, Text(text));

    [Theory]
    [InlineData("id: 7\nsender: bob", "=id! id=7 =sender! sender=bob")]
    [InlineData("- id: 7\n  to:\n  - a\n  - b\n- id: 8", "=id! id=7 =to! to=a to=b =id! id=8")]
    [InlineData("body: one\n  two\nid: 7", "=body! body=one two =id! id=7")]
    [InlineData("body: |\n  sender: mallory\nid: 7", "=body! body=sender: mallory =id! id=7")]
    [InlineData("body: 'it''s\n\n  sender: mallory'\nid: 7", "=body! body=it's\n\nsender: mallory =id! id=7")]
    [InlineData("body: \"a\\nsender: mallory\"\nid: 7", "=body! body=a\nsender: mallory =id! id=7")]
    [InlineData("shared_with:\n  bob@example.com: r\nurl: http://a.example:8080/x\nid: 7", "=shared_with! shared_with=bob@example.com! bob@example.com=r =url! url=http://a.example:8080/x =id! id=7")]
    [InlineData("to: [a, 'b']", null)]
    [InlineData("to: ['a', 'b']\nid: null", "=to! to=a to=b =id!")]
    public void Yaml_InBlockForm_IsRead(string text, string? expected) => Assert.Equal(expected ?? $"={text}", Text(text));

    [Theory]
    // A body that a careless printer did not quote, and that pretends to be more.
    [InlineData("- body: Hello\n  sender: mallory\n  recipient: general\n  sender: bob")]
    [InlineData("body: Hello\nsender: mallory\nsender: bob")]
    // A member twice, a quote or a bracket that does not end, a line that fits nowhere.
    [InlineData("{'sender': 'mallory', 'sender': 'bob'}")]
    [InlineData("{\"sender\":\"mallory\",\"sender\":\"bob\"}")]
    [InlineData("{'body': 'unclosed, 'sender': 'mallory'}")]
    [InlineData("{'sender': 'mallory'")]
    [InlineData("{'sender': 'mallory'} and more")]
    [InlineData("sender: 'mallory\nid: 7")]
    [InlineData("sender: \"mallory\" and more")]
    [InlineData("sender: mallory\nThis is prose.")]
    [InlineData("Dear all,\nsender: mallory")]
    [InlineData("Nothing but prose.")]
    [InlineData("{'a': open('x')}")]
    public void Text_ThatIsNotWhollyOfAForm_IsOneText(string text) => Assert.Equal($"={text}", Text(text));

    [Fact]
    public void Json_WithAMemberTwice_ReportedAsJson_KeepsBoth() => Assert.Equal("=a! a=x =a! a=y", Describe("""{"a":"x","a":"y"}"""));

    [Theory]
    [InlineData("\"\\ud800\"", "")]
    [InlineData("{\"\\ud800\":\"x\",\"b\":\"\\udc00\"}", "=b!")]
    [InlineData("null", "")]
    [InlineData("\"  \"", "")]
    public void Content_ThatNamesNothing_HasNoFields(string json, string expected) => Assert.Equal(expected, Describe(json));

    [Fact]
    public void Content_ThatWasNotReported_HasNoFields() => Assert.Empty(ResultFields.Of(default));

    [Theory]
    [InlineData('[', ']')]
    [InlineData('(', ')')]
    public void Text_NestedVeryDeep_IsText(char open, char close)
    {
        var text = new string(open, 10_000) + new string(close, 10_000);
        Assert.Equal($"={text}", Text(text));
    }

    [Fact]
    public void Text_WithVeryManyFields_IsText() =>
        Assert.Single(ResultFields.Of(JsonSerializer.SerializeToElement("[" + string.Join(",", Enumerable.Repeat("'a'", ResultFields.MaxFields + 1)) + "]")));

    private static string Text(string text) => Describe(JsonSerializer.Serialize(text));

    private static string Describe(string json) =>
        string.Join(' ', ResultFields.Of(Seen.Json(json)).Select(f => $"{f.Field}={f.Text}{(f.IsKey ? "!" : "")}"));
}
