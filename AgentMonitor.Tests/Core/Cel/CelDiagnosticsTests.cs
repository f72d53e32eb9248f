using AgentMonitor.Core.Cel;
using Xunit;

namespace AgentMonitor.Tests.Core.Cel;

public sealed class CelDiagnosticsTests
{
    // ---- names and fields
    [Theory]
    [InlineData("sesion.id == 'x'", 0, "unknown name sesion: did you mean session?")]
    [InlineData("tool.name == 'x' && labels == []", 20, "unknown name labels: did you mean session.labels?")]
    [InlineData("user.id == 'a'", 0, "unknown name user: did you mean users?")]
    [InlineData("True", 0, "unknown name True: did you mean true?")]
    [InlineData("undefined == 1", 0, "unknown name undefined: did you mean null?")]
    [InlineData("tool.name == read", 13, "write 'read' in quotes if it is a text")]
    [InlineData("duration", 0, "duration is a function: call it with parentheses")]
    [InlineData("session.label == 'x'", 8, "session has no field label: did you mean session.labels?")]
    [InlineData("session.lables == []", 8, "did you mean session.labels?")]
    [InlineData("session.xyz == 1", 8, "session has no field xyz: there are calls, id, labels, startedAt")]
    [InlineData("has(session.label)", 12, "did you mean session.labels?")]
    [InlineData("users.exists(u, u.role == 'a')", 18, "u has no field role: did you mean u.roles?")]
    [InlineData("users[0].department == 'x'", 9, "user.attributes[\"department\"]")]
    [InlineData("session['labels'] == []", 8, "write .labels: session has fields and no keys")]
    [InlineData("users.roles", 6, "a list has no fields: write .exists(x, x.roles ...)")]
    [InlineData("tool.name.size == 3", 10, "size is a method: write .size()")]
    [InlineData("tool.tags.exists(tag, tga == 'x')", 22, "unknown name tga: did you mean tag?")]
    // ---- functions
    [InlineData("tool.name.containz('x')", 10, "there is no method containz: did you mean contains?")]
    [InlineData("tool.name.length() > 3", 10, "write size()")]
    [InlineData("tool.tags.any(t, t == 'x')", 10, "there is no method any: write exists(x, ...)")]
    [InlineData("tool.tags.exist(t, t == 'x')", 10, "there is no method exist: did you mean exists?")]
    [InlineData("tool.tags.all(t == 'x')", 10, "all is written list.all(x, condition)")]
    [InlineData("tool.tags.contains('x')", 10, "write value in tool.tags: contains is for texts")]
    [InlineData("contains(tool.name, 'x')", 0, "contains is a method: write value.contains(...)")]
    [InlineData("tool.name.int() == 1", 10, "int is a function: write int(tool.name)")]
    [InlineData("math.greatst(1, 2) > 1", 5, "there is no function math.greatst: did you mean math.greatest?")]
    [InlineData("cel.bind(a, tool)", 4, "cel.bind is written cel.bind(name, value, expression)")]
    [InlineData("calls('x', '10m') > 3", 0, "there is no calls(string, string): there is calls(string, duration) -> int")]
    [InlineData("not (tool.name == 'x')", 0, "write !(...)")]
    [InlineData("has(args)", 0, "has() asks for a field: write has(value.field)")]
    // ---- types
    [InlineData("session.calls == '3'", 14, "int and string are never equal: write int(...) around the text, or string(...) around the other")]
    [InlineData("session.labels == 'pii'", 15, "list(string) and string are never equal: write value in list")]
    [InlineData("now - session.startedAt > '1h'", 24, "duration and string cannot be compared by >: write duration('10m')")]
    [InlineData("session.startedAt > '2026-01-01T00:00:00Z'", 18, "write timestamp('...')")]
    [InlineData("args.?amount > 100", 13, "write .orValue(...) to take the value out")]
    [InlineData("'a' in tool.name", 4, "write text.contains(part) for a text")]
    [InlineData("tool.tags && true", 5, "&& takes conditions, and this is list(string): write .exists(x, ...), or .size() > 0")]
    [InlineData("tool.tags.exists(t, t)", 20, "a condition here must be true or false, and this is string: compare it")]
    [InlineData("agent.id ? true : false", 6, "before ? a condition must stand, and this is string")]
    [InlineData("agent.id == 'a' ? true : 1", 16, "both values of a choice must have the same type, and these are bool and int")]
    [InlineData("null == session.calls", 5, "null is only equal to null")]
    [InlineData("1 + 'a' == 2", 2, "there is no int + string")]
    [InlineData("session.calls", 8, "a condition is true or false, and this is int")]
    [InlineData("tool.tags['a'] == ''", 10, "the index of a list is an int, and this is string")]
    [InlineData("{[1]: 2} == {}", 1, "a key is an int, uint, bool or string, and not list(int)")]
    [InlineData("[?1] == [1]", 2, "after ? an optional is needed, and this is int")]
    // ---- operators of other languages
    [InlineData("tool.name = 'x'", 10, "write == to compare")]
    [InlineData("tool.name === 'x'", 12, "write == (two signs) to compare")]
    [InlineData("tool.name <> 'x'", 11, "write != instead of <>")]
    [InlineData("tool.name == 'x' and true", 17, "write && instead of `and`")]
    [InlineData("tool.name == 'x' OR true", 17, "write || instead of `OR`")]
    [InlineData("not tool.name == 'x'", 0, "write ! instead of `not`")]
    [InlineData("'pii' not in session.labels", 6, "write !(a in b) instead of `a not in b`")]
    [InlineData("true & false", 5, "write && for `and`")]
    [InlineData("true | false", 5, "write || for `or`")]
    [InlineData("tool.name contains 'x'", 10, "write .contains(...) after the value")]
    [InlineData("args?.amount == 1", 4, "write .? (not ?.)")]
    [InlineData("args.a ?? 1", 8, "write .orValue(...) on an optional instead of ??")]
    [InlineData("if (true) 1", 0, "there is no `if`: write condition ? value : other")]
    [InlineData("var x = 1", 0, "write cel.bind(name, value, expression)")]
    [InlineData("true;", 4, "leave ; out")]
    [InlineData("calls('x', 10m) > 3", 13, "a span of time is written duration('10m')")]
    // ---- what is not closed, and strange characters
    [InlineData("(tool.name == 'x'", 0, "this ( is never closed: ) is missing")]
    [InlineData("tool.tags.all(t, (t == 'x'", 17, "this ( is never closed: ) is missing")]
    [InlineData("tool.tags[0", 9, "this [ is never closed: ] is missing")]
    [InlineData("{'a': 1", 0, "this { is never closed: } is missing")]
    [InlineData("tool.name == 'x", 13, "this text is never closed: ' is missing on the same line")]
    [InlineData("tool.name == '''x", 13, "this text is never closed: ''' is missing")]
    [InlineData("tool.name == 'x')", 16, "nothing is open that this ) could close")]
    [InlineData("tool.name == \u201Cx\u201D", 13, "is a typographic quote: write \" instead")]
    [InlineData("tool.name == \u2018x\u2019", 13, "is a typographic quote: write ' instead")]
    [InlineData("session.calls \u2265 3", 14, "write >= instead of")]
    [InlineData("tool.name == '\\d'", 14, "\\d is no escape: write \\\\ for a backslash")]
    [InlineData("tool.name == ", 13, "the expression ends here, and a value is missing")]
    [InlineData("", 0, "the expression is empty")]
    [InlineData("session.calls > 9223372036854775808", 16, "above the largest int")]
    [InlineData("Foo{a: 1} == 1", 0, "there are no messages: write a map")]
    public void Condition_WrittenWrong_IsExplainedWhereItIsWrong(string source, int position, string message)
    {
        Assert.Null(CelPolicyEnvironment.Check(source, CelLimits.Default, out var issues));
        Assert.Equal(position, issues[0].Position);
        Assert.Contains(message, issues[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Condition_WithSeveralMistakes_NamesEachOnce()
    {
        Assert.Null(CelPolicyEnvironment.Check("sesion.id == 'a' || tool.nam == 'b' || 1 == 'c'", CelLimits.Default, out var issues));
        Assert.Equal([0, 25, 41], issues.Select(issue => issue.Position));
    }

    [Fact]
    public void Condition_WithMoreMistakesThanAnybodyReads_NamesTheFirst()
    {
        Assert.Null(CelPolicyEnvironment.Check(string.Join(" || ", Enumerable.Repeat("nope == 1", 100)), CelLimits.Default, out var issues));
        Assert.Equal(20, issues.Length);
    }

    [Theory]
    [InlineData("a ==\n  b = c", 9, "2:5: m\n    b = c\n      ^")]
    [InlineData("a\r\nb", 3, "2:1: m\n  b\n  ^")]
    [InlineData("'😀' x", 5, "1:5: m\n  '😀' x\n      ^")]
    [InlineData("", 0, "1:1: m\n  \n  ^")]
    [InlineData("a\tb", 2, "1:3: m\n  a b\n    ^")]
    public void Issue_Formatted_HasACaretBelowItsCharacter(string source, int position, string text) => Assert.Equal(text, CelDiagnostics.Format(source, new(position, "m")));

    [Fact]
    public void Issue_InALongLine_ShowsThePartAroundIt()
    {
        var lines = CelDiagnostics.Format(new string('a', 500) + "!" + new string('b', 500), new(500, "m")).Split('\n');
        Assert.Equal("1:501: m", lines[0]);
        Assert.InRange(lines[1].Length, 60, 110);
        Assert.Equal('!', lines[1][lines[2].IndexOf('^', StringComparison.Ordinal)]);
        Assert.StartsWith("  …", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("…", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Signatures_OfEveryFunction_CanBeShown() => Assert.All(CelPolicyEnvironment.Conditions.Functions.Values, function =>
    {
        Assert.NotEmpty(function.Overloads);
        Assert.All(function.Overloads, overload => Assert.Contains(function.Name, overload.Signature(function.Name), StringComparison.Ordinal));
        // What people can call has a sentence about it.
        if (char.IsAsciiLetter(function.Name[0]) && !function.Name.Contains('@')) Assert.NotEmpty(function.Summary);
    });
}
