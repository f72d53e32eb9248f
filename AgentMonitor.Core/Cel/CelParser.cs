using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace AgentMonitor.Core.Cel;

/// <summary>
/// Reads an expression. Recursive descent with one level for all binary operators (precedence climbing), so that nesting costs few stack
/// frames; stops at the first error, since what follows one is mostly an echo of it.
/// </summary>
public sealed class CelParser
{
    private readonly string _source;
    private readonly CelLimits _limits;
    private readonly CelLexer _lexer;
    private readonly CelNodes _nodes;
    private readonly CelMacros _macros;
    private CelToken _token, _ahead, _previous;
    private int _depth;

    private CelParser(string source, CelLimits limits, CelExtensions extensions)
    {
        (_source, _limits, _lexer, _nodes) = (source, limits, new(source), new(limits));
        _macros = new(_nodes, extensions);
    }

    /// <summary>Reads an expression and expands its macros.</summary>
    /// <param name="source">The text.</param>
    /// <param name="limits">Bounds on the text and on the tree.</param>
    /// <param name="issues">What is wrong; empty when there is a tree.</param>
    /// <param name="extensions">The extensions whose macros are expanded.</param>
    /// <returns>The tree, or null when there are issues.</returns>
    public static CelAst? Parse(string source, CelLimits limits, out ImmutableArray<CelIssue> issues, CelExtensions extensions = CelExtensions.All)
    {
        if (source.Length > limits.MaxSourceLength)
        {
            issues = [new(limits.MaxSourceLength, $"the expression has {source.Length} characters, and may have {limits.MaxSourceLength}")];
            return null;
        }
        try
        {
            var parser = new CelParser(source, limits, extensions);
            var root = parser.ParseAll();
            issues = [];
            return new(source, root, parser._nodes.Count);
        }
        catch (CelSyntaxException error)
        {
            issues = [error.Issue];
            return null;
        }
    }

    private CelExpr ParseAll()
    {
        _token = _lexer.Next();
        _ahead = _lexer.Next();
        if (_token.Kind == CelTokenKind.End) throw new CelSyntaxException(0, "the expression is empty");
        var root = ParseExpression();
        return _token.Kind == CelTokenKind.End ? root : throw Unexpected(_token, "an operator or the end");
    }

    // ---- expressions ----

    private CelExpr ParseExpression()
    {
        Enter();
        var condition = ParseBinary(1);
        if (_token.Kind == CelTokenKind.Question)
        {
            var at = Advance();
            var then = ParseBinary(1);
            if (_token.Kind != CelTokenKind.Colon)
            {
                if (_token.Kind == CelTokenKind.Question) throw new CelSyntaxException(_token.Start, "put a choice inside a choice into parentheses: a ? (b ? c : d) : e");
                if (_source[at.End..].StartsWith('.')) throw new CelSyntaxException(at.Start, "write .? (not ?.) for a field that may be absent");
                throw _token.Kind == CelTokenKind.End ? new CelSyntaxException(at.Start, "this choice has no second part: write condition ? value : other") : Unexpected(_token, "`:`");
            }
            Advance();
            condition = _nodes.Call(at.Start, null, CelOperators.Conditional, condition, then, ParseExpression());
        }
        _depth--;
        return condition;
    }

    private static (int Precedence, string? Function) BinaryOperator(CelTokenKind kind) => kind switch
    {
        CelTokenKind.Or => (1, CelOperators.Or),
        CelTokenKind.And => (2, CelOperators.And),
        CelTokenKind.Equal => (3, CelOperators.Equal),
        CelTokenKind.NotEqual => (3, CelOperators.NotEqual),
        CelTokenKind.Less => (3, CelOperators.Less),
        CelTokenKind.LessOrEqual => (3, CelOperators.LessOrEqual),
        CelTokenKind.Greater => (3, CelOperators.Greater),
        CelTokenKind.GreaterOrEqual => (3, CelOperators.GreaterOrEqual),
        CelTokenKind.In => (3, CelOperators.In),
        CelTokenKind.Plus => (4, CelOperators.Add),
        CelTokenKind.Minus => (4, CelOperators.Subtract),
        CelTokenKind.Star => (5, CelOperators.Multiply),
        CelTokenKind.Slash => (5, CelOperators.Divide),
        CelTokenKind.Percent => (5, CelOperators.Modulo),
        _ => (0, null),
    };

    /// <summary>Operators that bind at least as strongly as <paramref name="least"/>.</summary>
    private CelExpr ParseBinary(int least)
    {
        var left = ParseUnary();
        while (true)
        {
            var kind = _token.Kind;
            var (precedence, function) = BinaryOperator(kind);
            if (function is null || precedence < least) return left;
            if (precedence <= 2)
            {
                List<CelExpr> terms = [left];
                List<int> operators = [];
                while (_token.Kind == kind)
                {
                    operators.Add(Advance().Start);
                    terms.Add(ParseBinary(precedence + 1));
                }
                left = _nodes.Balanced(function, terms, operators);
            }
            else
            {
                var at = Advance().Start;
                left = _nodes.Call(at, null, function, left, ParseBinary(precedence + 1));
            }
        }
    }

    private CelExpr ParseUnary()
    {
        if (_token.Kind is not (CelTokenKind.Minus or CelTokenKind.Not)) return ParseMember(ParsePrimary());
        // A minus belongs to the number that follows it: -9223372036854775808 is one, and 9223372036854775808 is none.
        if (_token.Kind == CelTokenKind.Minus && _ahead.Kind is CelTokenKind.Int or CelTokenKind.Double) return ParseMember(NegativeNumber());
        Enter();
        var sign = Advance();
        var operand = ParseUnary();
        _depth--;
        return _nodes.Call(sign.Start, null, sign.Kind == CelTokenKind.Minus ? CelOperators.Negate : CelOperators.Not, operand);
    }

    private CelExpr NegativeNumber()
    {
        var minus = Advance();
        var number = Advance();
        if (number.Value is double value) return _nodes.Literal(minus.Start, -value);
        var magnitude = (ulong)number.Value!;
        return magnitude <= 1UL << 63 ? _nodes.Literal(minus.Start, unchecked(-(long)magnitude)) : throw new CelSyntaxException(minus.Start, "this number is below the smallest int, -9223372036854775808");
    }

    /// <summary>What may follow a value: fields, methods, indices.</summary>
    private CelExpr ParseMember(CelExpr operand)
    {
        while (true)
        {
            switch (_token.Kind)
            {
                case CelTokenKind.Dot:
                    Advance();
                    var optional = Accept(CelTokenKind.Question);
                    var name = _token;
                    if (name.Kind is not (CelTokenKind.Name or CelTokenKind.QuotedName)) throw name.Kind == CelTokenKind.In ? Keyword(name) : Unexpected(name, "the name of a field or method");
                    if (name.Kind == CelTokenKind.Name && name.Text is "true" or "false" or "null") throw Keyword(name);
                    Advance();
                    if (name.Kind == CelTokenKind.Name && !optional && _token.Kind == CelTokenKind.OpenParen)
                    {
                        var arguments = ParseArguments();
                        operand = _macros.Expand(name.Start, operand, name.Text, arguments) ?? _nodes.Call(name.Start, operand, name.Text, arguments);
                    }
                    else operand = _nodes.Select(name.Start, operand, name.Text, optional: optional);
                    break;
                case CelTokenKind.OpenBracket:
                    var open = Advance();
                    var function = Accept(CelTokenKind.Question) ? CelOperators.OptionalIndex : CelOperators.Index;
                    if (_token.Kind == CelTokenKind.End) throw Unclosed(open);
                    var index = ParseExpression();
                    Close(open, CelTokenKind.CloseBracket);
                    operand = _nodes.Call(open.Start, null, function, operand, index);
                    break;
                case CelTokenKind.OpenBrace when QualifiedName(operand) is { } message:
                    SkipFields();
                    operand = _nodes.Struct(operand.Position, message);
                    break;
                default:
                    return operand;
            }
        }
    }

    private CelExpr ParsePrimary()
    {
        var token = _token;
        switch (token.Kind)
        {
            case CelTokenKind.OpenParen:
                Advance();
                if (_token.Kind == CelTokenKind.End) throw Unclosed(token);
                var inner = ParseExpression();
                Close(token, CelTokenKind.CloseParen);
                return inner;
            case CelTokenKind.OpenBracket:
                return ParseList();
            case CelTokenKind.OpenBrace:
                return ParseMap();
            case CelTokenKind.Dot:
                Advance();
                if (_token.Kind != CelTokenKind.Name) throw Unexpected(_token, "a name");
                return ParseName("." + _token.Text, token.Start);
            case CelTokenKind.Name when token.Text is "true" or "false":
                Advance();
                return _nodes.Literal(token.Start, token.Text == "true");
            case CelTokenKind.Name when token.Text == "null":
                Advance();
                return _nodes.Literal(token.Start, null);
            case CelTokenKind.Name:
                return ParseName(token.Text, token.Start);
            case CelTokenKind.Int:
                Advance();
                return (ulong)token.Value! <= long.MaxValue ? _nodes.Literal(token.Start, (long)(ulong)token.Value) : throw new CelSyntaxException(token.Start, "this number is above the largest int, 9223372036854775807: write u after it for a uint");
            case CelTokenKind.Uint or CelTokenKind.Double or CelTokenKind.String or CelTokenKind.Bytes:
                Advance();
                return _nodes.Literal(token.Start, token.Value);
            default:
                throw Unexpected(token, "a value");
        }
    }

    private CelExpr ParseName(string name, int start)
    {
        var token = Advance();
        if (CelWords.Reserved.Contains(token.Text) || token.Text is "true" or "false" or "null") throw Keyword(token);
        if (_token.Kind != CelTokenKind.OpenParen)
        {
            if (token.Text == "not" && _token.Kind is CelTokenKind.Name or CelTokenKind.In) throw NotWord(token);
            return _nodes.Ident(start, name);
        }
        var arguments = ParseArguments();
        return _macros.Expand(start, null, name, arguments) ?? _nodes.Call(start, null, name, arguments);
    }

    private ImmutableArray<CelExpr> ParseArguments()
    {
        var open = Advance();
        if (Accept(CelTokenKind.CloseParen)) return [];
        if (_token.Kind == CelTokenKind.End) throw Unclosed(open);
        var arguments = ImmutableArray.CreateBuilder<CelExpr>();
        do arguments.Add(ParseExpression());
        while (Accept(CelTokenKind.Comma));
        Close(open, CelTokenKind.CloseParen);
        return arguments.DrainToImmutable();
    }

    private CelExpr ParseList()
    {
        var open = Advance();
        var elements = ImmutableArray.CreateBuilder<CelExpr>();
        var optional = ImmutableArray.CreateBuilder<int>();
        while (_token.Kind is not (CelTokenKind.CloseBracket or CelTokenKind.Comma or CelTokenKind.End))
        {
            if (Accept(CelTokenKind.Question)) optional.Add(elements.Count);
            elements.Add(ParseExpression());
            if (!Accept(CelTokenKind.Comma)) { Close(open, CelTokenKind.CloseBracket); return _nodes.List(open.Start, elements.DrainToImmutable(), optional.DrainToImmutable()); }
        }
        if (elements.Count == 0) Accept(CelTokenKind.Comma);
        Close(open, CelTokenKind.CloseBracket);
        return _nodes.List(open.Start, elements.DrainToImmutable(), optional.DrainToImmutable());
    }

    private CelExpr ParseMap()
    {
        var open = Advance();
        var entries = ImmutableArray.CreateBuilder<MapEntry>();
        while (_token.Kind is not (CelTokenKind.CloseBrace or CelTokenKind.Comma or CelTokenKind.End))
        {
            var optional = Accept(CelTokenKind.Question);
            var key = ParseExpression();
            if (_token.Kind != CelTokenKind.Colon) throw _token.Kind == CelTokenKind.End ? Unclosed(open) : Unexpected(_token, "`:` and the value of this key");
            Advance();
            entries.Add(new(key, ParseExpression(), optional));
            if (!Accept(CelTokenKind.Comma)) { Close(open, CelTokenKind.CloseBrace); return _nodes.Map(open.Start, entries.DrainToImmutable()); }
        }
        if (entries.Count == 0) Accept(CelTokenKind.Comma);
        Close(open, CelTokenKind.CloseBrace);
        return _nodes.Map(open.Start, entries.DrainToImmutable());
    }

    /// <summary>The fields of a message literal: read, and dropped, since there are no messages.</summary>
    private void SkipFields()
    {
        var open = Advance();
        while (_token.Kind is not (CelTokenKind.CloseBrace or CelTokenKind.End))
        {
            Accept(CelTokenKind.Question);
            if (_token.Kind is not (CelTokenKind.Name or CelTokenKind.QuotedName)) throw Unexpected(_token, "the name of a field");
            Advance();
            if (_token.Kind != CelTokenKind.Colon) throw Unexpected(_token, "`:` and the value of this field");
            Advance();
            ParseExpression();
            if (!Accept(CelTokenKind.Comma)) break;
        }
        Close(open, CelTokenKind.CloseBrace);
    }

    /// <summary>The name that a chain of plain selections spells, or null.</summary>
    internal static string? QualifiedName(CelExpr node)
    {
        if (node is IdentExpr ident) return ident.Name;
        var parts = new Stack<string>();
        while (node is SelectExpr { TestOnly: false, IsOptional: false } select)
        {
            parts.Push(select.Field);
            node = select.Operand;
        }
        return node is IdentExpr root ? $"{root.Name}.{string.Join('.', parts)}" : null;
    }

    // ---- tokens ----

    private CelToken Advance()
    {
        _previous = _token;
        _token = _ahead;
        if (_previous.Kind != CelTokenKind.End) _ahead = _ahead.Kind == CelTokenKind.End ? _ahead : _lexer.Next();
        return _previous;
    }

    private bool Accept(CelTokenKind kind)
    {
        if (_token.Kind != kind) return false;
        Advance();
        return true;
    }

    private void Close(CelToken open, CelTokenKind kind)
    {
        if (Accept(kind)) return;
        throw _token.Kind == CelTokenKind.End ? Unclosed(open) : Unexpected(_token, $"`{Closing(open)}`");
    }

    private void Enter()
    {
        if (++_depth > _limits.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw new CelSyntaxException(_token.Start, $"this is nested too deeply (the limit is {_limits.MaxDepth} levels)");
    }

    // ---- what went wrong ----

    private char Closing(CelToken open) => _source[open.Start] switch { '(' => ')', '[' => ']', _ => '}' };

    private CelSyntaxException Unclosed(CelToken open) => new(open.Start, $"this {_source[open.Start]} is never closed: {Closing(open)} is missing");

    private static CelSyntaxException Keyword(CelToken token) => new(token.Start, token.Text switch
    {
        "true" or "false" or "null" or "in" => $"`{token.Text}` is a word of the language: write [\"{token.Text}\"] for a field of that name",
        "if" or "else" => $"there is no `{token.Text}`: write condition ? value : other",
        "for" or "while" or "loop" => $"there is no `{token.Text}`: write list.all(x, ...), list.exists(x, ...), list.filter(x, ...) or list.map(x, ...)",
        "var" or "let" or "const" => $"there is no `{token.Text}`: write cel.bind(name, value, expression)",
        "return" => "there is no `return`: the expression is the answer",
        _ => $"`{token.Text}` is a reserved word and cannot be a name",
    });

    private static CelSyntaxException NotWord(CelToken token) => new(token.Start, "write ! instead of `not`: !(...)");

    private CelSyntaxException Unexpected(CelToken token, string wanted)
    {
        var hint = token.Kind switch
        {
            CelTokenKind.Assign when _previous.Kind is CelTokenKind.Equal or CelTokenKind.NotEqual => "write == (two signs) to compare",
            CelTokenKind.Assign => "write == to compare; there is no assignment",
            CelTokenKind.Greater when _previous.Kind == CelTokenKind.Less && _previous.End == token.Start => "write != instead of <>",
            CelTokenKind.Dot when _previous.Kind == CelTokenKind.Question => "write .? (not ?.) for a field that may be absent",
            CelTokenKind.Question when _previous.Kind == CelTokenKind.Question => "write .orValue(...) on an optional instead of ??",
            CelTokenKind.Name => token.Text.ToUpperInvariant() switch
            {
                "AND" => $"write && instead of `{token.Text}`",
                "OR" => $"write || instead of `{token.Text}`",
                "NOT" when _ahead.Kind == CelTokenKind.In => "write !(a in b) instead of `a not in b`",
                "IS" or "EQ" or "EQUALS" => $"write == instead of `{token.Text}`",
                "CONTAINS" or "STARTSWITH" or "ENDSWITH" or "MATCHES" => $"write .{token.Text}(...) after the value",
                "IF" or "ELSE" => $"there is no `{token.Text}`: write condition ? value : other",
                _ => _previous.Kind == CelTokenKind.Name && string.Equals(_previous.Text, "not", StringComparison.OrdinalIgnoreCase) ? "write ! instead of `not`" : null,
            },
            CelTokenKind.CloseParen or CelTokenKind.CloseBracket or CelTokenKind.CloseBrace when wanted.StartsWith("an operator", StringComparison.Ordinal) => $"nothing is open that this {_source[token.Start]} could close",
            _ => null,
        };
        if (hint is not null) return new(_previous.Kind == CelTokenKind.Name && hint.StartsWith("write ! instead", StringComparison.Ordinal) ? _previous.Start : token.Start, hint);
        if (token.Kind == CelTokenKind.End) return new(token.Start, $"the expression ends here, and {wanted} is missing");
        return new(token.Start, $"{wanted} was expected here, not `{CelLexer.Cut(_source[token.Start..token.End])}`");
    }
}
