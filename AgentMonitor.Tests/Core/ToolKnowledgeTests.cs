using System.Text.Json;
using AgentMonitor.Core.Tools;
using Xunit;

namespace AgentMonitor.Tests.Core;

public sealed class ToolKnowledgeTests
{
    [Theory]
    [InlineData("""{"id":1,"body":"x"}""", "id:Number body:Text")]
    [InlineData("""[{"id":1},{"id":"a","ok":true}]""", "id:Mixed ok:Boolean")]
    [InlineData("""{"items":[{"id":1,"from":{"name":"x","tags":["a"]}}],"next":null}""", "id:Number name:Text tags:List next:Null")]
    [InlineData("\"{\\\"id\\\": 7}\"", "id:Number")]
    [InlineData("""{"content":[{"type":"text","text":"{\"id\":7}"}]}""", "type:Text text:Text id:Number")]
    [InlineData("\"just words\"", "")]
    [InlineData("7", "")]
    [InlineData("null", "")]
    [InlineData("""{"\ud800":1,"!a":1,"*":1," b":1,"c":1}""", "c:Number")]
    [InlineData("\"- id: 7\\n  sender: mail@example.com\\n- id: 8\\n  sender: b@example.com\\n\"", "id:Number sender:Text")]
    public void Result_GivesTheNamesOfItsFields(string content, string fields) =>
        Assert.Equal(fields, string.Join(' ', ObservedField.OfResult(JsonElement.Parse(content)).Select(f => $"{f.Name}:{f.Kind}")));

    [Fact]
    public void Names_AreBounded_InOneResultAndAltogether()
    {
        var one = ObservedField.OfResult(JsonSerializer.SerializeToElement(Enumerable.Range(0, 500).ToDictionary(i => $"a{i}", i => i)));
        var other = ObservedField.OfArguments(JsonSerializer.SerializeToElement(Enumerable.Range(0, 500).ToDictionary(i => $"b{i}", i => i)));

        Assert.Equal(ObservedField.MaxNames, one.Length);
        Assert.Equal(ObservedField.MaxNames, other.Length);
        Assert.Equal(one, ToolKnowledge.Nothing.WithFields([], one).WithFields([], other).ResultFields);
    }

    [Fact]
    public void Result_NestedWithoutEnd_IsReadToABound()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 60)) + "1" + new string('}', 60);
        Assert.Empty(ObservedField.OfResult(JsonElement.Parse(deep)));
    }

    [Fact]
    public void Fields_SeenAgain_KeepTheHigherCountAndMixTheirKinds()
    {
        var knowledge = ToolKnowledge.Nothing.WithFields([new("a", FieldKind.Text, 10, 2)], []).WithFields([new("a", FieldKind.Number, 4, 3), new("b", FieldKind.Null, 1, 0)], []);
        Assert.Equal([new("a", FieldKind.Mixed, 10, 3), new("b", FieldKind.Null, 1, 0)], knowledge.Arguments);
    }

    [Fact]
    public void Schema_ThatIsTooLarge_IsNotKept_ButSaidSo()
    {
        var knowledge = ToolKnowledge.Nothing.WithSchema("{}").WithSchema(new string('x', ToolKnowledge.MaxSchema + 1));
        Assert.Equal((null, true), (knowledge.Schema, knowledge.SchemaTooLarge));
        knowledge = knowledge.WithSchema("{}");
        Assert.Equal(("{}", false), (knowledge.Schema, knowledge.SchemaTooLarge));
    }

    [Fact]
    public void Change_IsKnown_OnceTheFingerprintDiffersFromTheClassifiedOne()
    {
        var tool = new ToolDefinition("a", "t", []) { Fingerprint = "1", Classification = new("dana", default, "1") };
        Assert.False(tool.ChangedSinceClassified);
        Assert.True(new ToolDefinition("a", "t", []) { Fingerprint = "2", Classification = tool.Classification }.ChangedSinceClassified);
        Assert.False(new ToolDefinition("a", "t", null) { Fingerprint = "2", Classification = tool.Classification }.ChangedSinceClassified);
    }
}
