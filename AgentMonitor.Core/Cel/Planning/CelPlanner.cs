using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace AgentMonitor.Core.Cel;

/// <summary>
/// Turns expressions into programs: binds names, chooses the kinds of nodes, computes constants. Planning never fails; what cannot be evaluated
/// (an unknown name in an expression that was not checked, a message) is an error when evaluation reaches it.
/// </summary>
public static class CelPlanner
{
    /// <summary>Plans a checked expression.</summary>
    public static CelProgram Plan(CelChecked expression) => Plan(expression, null);

    internal static CelProgram Plan(CelChecked expression, CelHost? host) => new Planner(expression, "", null, host).Plan(expression.Ast.Root);

    /// <summary>Plans an expression that was parsed only: names are resolved here.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="container">The namespace it stands in; empty for none.</param>
    /// <param name="variables">The full names of the variables; the longest one that fits wins.</param>
    public static CelProgram PlanUnchecked(CelAst expression, string container, IEnumerable<string> variables) =>
        new Planner(null, container, variables.ToHashSet(StringComparer.Ordinal), null).Plan(expression.Root);

    /// <summary>Plans an expression that was parsed only; which names are variables is found out from the activation, each time.</summary>
    public static CelProgram PlanUnchecked(CelAst expression, string container) => new Planner(null, container, null, null).Plan(expression.Root);

    private sealed class Planner(CelChecked? known, string container, HashSet<string>? variables, CelHost? host)
    {
        private readonly List<(string Name, int Slot)> _scope = [];
        private readonly ImmutableArray<CelIssue>.Builder _issues = ImmutableArray.CreateBuilder<CelIssue>();
        private int _slots, _depth, _nodes;
        // All constants together may cost as much as one evaluation.
        private int _steps = CelBudget.Default.Steps;

        public CelProgram Plan(CelExpr root)
        {
            var node = Node(root);
            return new(node, _slots, _issues.ToImmutable());
        }

        private CelNode Node(CelExpr expression)
        {
            _nodes++;
            if (++_depth > CelRunLimits.MaxDepth) { _depth--; return new ErrorNode("the expression is nested too deeply") { Position = expression.Position }; }
            var node = expression switch
            {
                LiteralExpr literal => new ConstantNode(CelValue.OfLiteral(literal.Value)),
                IdentExpr ident => Name(ident),
                SelectExpr select => Select(select),
                CallExpr call => Call(call),
                ListExpr list => List(list),
                MapExpr map => Map(map),
                ComprehensionExpr fold => Fold(fold),
                StructExpr message => new ErrorNode($"messages are not supported: `{message.Name}`") { Position = message.Position },
                _ => new ErrorNode("an unknown kind of expression") { Position = expression.Position },
            };
            _depth--;
            return node;
        }

        // ---- names

        private int? Local(string name)
        {
            for (var i = _scope.Count - 1; i >= 0; i--)
                if (_scope[i].Name == name) return _scope[i].Slot;
            return null;
        }

        private CelNode Name(IdentExpr ident)
        {
            if (Local(ident.Name) is { } slot) return new SlotNode(slot) { Position = ident.Position };
            return Resolved(ident) ?? Global(ident) ?? new ErrorNode($"undeclared reference to '{ident.Name}'") { Position = ident.Position };
        }

        // What the checker found a name, or a chain of selections, to be.
        private CelNode? Resolved(CelExpr expression)
        {
            if (known?.ResolvedNames[expression.Id] is not { } name) return null;
            name = name.TrimStart('.');
            if (known.Types[expression.Id] is CelType.Type && TypeNames.Contains(name)) return new ConstantNode(CelValue.TypeNamed(name));
            return Variable(name, expression.Position);
        }

        private CelNode Variable(string name, int position) => host?.Variable(name) ?? new VariableNode(name) { Position = position };

        // Resolution without a checker: the longest prefix that is a variable wins, the container's innermost namespace first.
        private CelNode? Global(CelExpr expression)
        {
            if (Chain(expression) is not { } parts) return null;
            var isAbsolute = parts[0].StartsWith('.');
            if (isAbsolute) parts[0] = parts[0][1..];
            else if (Local(parts[0]) is not null) return null;
            if (known is null && variables is null)
            {
                var meanings = new List<(string Name, string[] Fields)>();
                for (var length = parts.Count; length > 0; length--)
                    foreach (var candidate in Candidates(string.Join('.', parts.Take(length)), isAbsolute)) meanings.Add((candidate, [.. parts.Skip(length)]));
                return new OpenNameNode([.. meanings], TypeNames) { Position = expression.Position };
            }
            for (var length = parts.Count; length > 0; length--)
            {
                var name = string.Join('.', parts.Take(length));
                foreach (var candidate in Candidates(name, isAbsolute))
                {
                    if (variables is not null ? variables.Contains(candidate) : known is not null && host?.Variable(candidate) is not null) return Rest(Variable(candidate, expression.Position), parts, length, expression);
                    if (TypeNames.Contains(candidate)) return Rest(new ConstantNode(CelValue.TypeNamed(candidate)), parts, length, expression);
                }
            }
            return null;
        }

        private static CelNode Rest(CelNode node, List<string> parts, int length, CelExpr expression)
        {
            for (var i = length; i < parts.Count; i++) node = SelectOf(node, parts[i], false, expression.Position);
            return node;
        }

        private IEnumerable<string> Candidates(string name, bool isAbsolute)
        {
            var prefix = isAbsolute ? "" : container;
            while (prefix.Length > 0)
            {
                yield return $"{prefix}.{name}";
                prefix = prefix.LastIndexOf('.') is var dot and >= 0 ? prefix[..dot] : "";
            }
            yield return name;
        }

        private static List<string>? Chain(CelExpr expression)
        {
            switch (expression)
            {
                case IdentExpr ident: return [ident.Name];
                case SelectExpr { TestOnly: false, IsOptional: false } select:
                    var chain = Chain(select.Operand);
                    chain?.Add(select.Field);
                    return chain;
                default: return null;
            }
        }

        private CelNode Select(SelectExpr select)
        {
            if (!select.TestOnly && !select.IsOptional && (Resolved(select) ?? (known is null ? Global(select) : null)) is { } resolved) return resolved;
            if (host is not null && select.Operand is IdentExpr variable && Local(variable.Name) is null && !select.IsOptional && host.Field(variable.Name.TrimStart('.'), select.Field) is { } field)
                return select.TestOnly ? new ConstantNode(CelValue.True) : field;
            var operand = Node(select.Operand);
            if (select.TestOnly) return operand is JsonNode json ? new JsonHasNode(json, select.Field) { Position = select.Position } : Constant(new HasNode(operand, select.Field) { Position = select.Position }, operand);
            return Constant(SelectOf(operand, select.Field, select.IsOptional, select.Position), operand);
        }

        private static CelNode SelectOf(CelNode operand, string field, bool isOptional, int position) =>
            !isOptional && operand is JsonNode json ? new JsonFieldNode(json, field) { Position = position } : new SelectNode(operand, field, isOptional) { Position = position };

        // ---- calls

        private CelNode Call(CallExpr call)
        {
            if (call.Target is not null)
            {
                if (known?.FunctionNames[call.Id] is { } full) return Function(full, false, call, call.Arguments);
                if (known is null && Chain(call.Target) is { } parts && (parts[0].StartsWith('.') || Local(parts[0]) is null))
                {
                    var name = string.Join('.', parts) + "." + call.Function;
                    foreach (var candidate in Candidates(name.TrimStart('.'), name.StartsWith('.')))
                        if (CelFunctions.IsGlobal(candidate)) return Function(candidate, false, call, call.Arguments);
                }
                return Function(call.Function, true, call, [call.Target, .. call.Arguments]);
            }
            if (call.Function == "cel.@block" && call.Arguments is [ListExpr list, var result]) return Block(list, result);
            if (known is null)
                foreach (var candidate in Candidates(call.Function.TrimStart('.'), call.Function.StartsWith('.')))
                    if (CelFunctions.IsGlobal(candidate)) return Function(candidate, false, call, call.Arguments);
            return Function(known?.FunctionNames[call.Id] ?? call.Function.TrimStart('.'), false, call, call.Arguments);
        }

        private CelNode Function(string name, bool isMethod, CallExpr call, ImmutableArray<CelExpr> arguments)
        {
            var at = call.Position;
            if (!isMethod && Quantified(name, arguments)) return Node(arguments[0]);
            var nodes = new CelNode[arguments.Length];
            for (var i = 0; i < nodes.Length; i++) nodes[i] = Node(arguments[i]);
            if (!isMethod && Operator(name, nodes, at) is { } operation) return operation;
            if (!isMethod && host?.Function(name, nodes, at) is { } ofHost)
            {
                if (host.Refuse(name, nodes) is { } complaint) _issues.Add(new(at, complaint));
                return ofHost;
            }
            switch (name, nodes.Length)
            {
                case ("contains", 2) when isMethod: return Constant(new TextTestNode(nodes[0], nodes[1], TextTest.Contains) { Position = at }, nodes);
                case ("startsWith", 2) when isMethod: return Constant(new TextTestNode(nodes[0], nodes[1], TextTest.StartsWith) { Position = at }, nodes);
                case ("endsWith", 2) when isMethod: return Constant(new TextTestNode(nodes[0], nodes[1], TextTest.EndsWith) { Position = at }, nodes);
                case ("matches", 2): return Matches(nodes, at);
                case ("or", 2) when isMethod: return new OptionalOrNode(nodes[0], nodes[1], unwrap: false) { Position = at };
                case ("orValue", 2) when isMethod: return new OptionalOrNode(nodes[0], nodes[1], unwrap: true) { Position = at };
                case ("size", 1): return Constant(new SizeNode(nodes[0], (CelUnary)CelFunctions.Find(name, isMethod, 1)!) { Position = at }, nodes);
            }
            return CelFunctions.Find(name, isMethod, nodes.Length) switch
            {
                CelUnary unary => Constant(new UnaryNode(unary, nodes[0]) { Position = at }, nodes),
                CelBinary binary => Constant(new BinaryNode(binary, nodes[0], nodes[1]) { Position = at }, nodes),
                CelVariadic variadic => Constant(new VariadicNode(variadic, nodes) { Position = at }, nodes),
                _ => new ErrorNode($"unbound function: {name} with {nodes.Length - (isMethod ? 1 : 0)} arguments") { Position = at },
            };
        }

        // dyn() means something to the checker only.
        private static bool Quantified(string name, ImmutableArray<CelExpr> arguments) => name == "dyn" && arguments.Length == 1;

        private CelNode? Operator(string name, CelNode[] a, int at) => (name, a.Length) switch
        {
            (CelOperators.Conditional, 3) => new ConditionalNode(a[0], a[1], a[2]) { Position = at },
            (CelOperators.And, 2) => new AndNode(a[0], a[1]) { Position = at },
            (CelOperators.Or, 2) => new OrNode(a[0], a[1]) { Position = at },
            (CelOperators.Not, 1) => Constant(new NotNode(a[0]) { Position = at }, a),
            (CelOperators.NotStrictlyFalse, 1) => new NotStrictlyFalseNode(a[0]) { Position = at },
            (CelOperators.Negate, 1) => Constant(new NegateNode(a[0]) { Position = at }, a),
            (CelOperators.Equal, 2) => Equality(a[0], a[1], false, at),
            (CelOperators.NotEqual, 2) => Equality(a[0], a[1], true, at),
            (CelOperators.Less, 2) => Ordering(a[0], a[1], Order.Less, at),
            (CelOperators.LessOrEqual, 2) => Ordering(a[0], a[1], Order.LessOrEqual, at),
            (CelOperators.Greater, 2) => Ordering(a[0], a[1], Order.Greater, at),
            (CelOperators.GreaterOrEqual, 2) => Ordering(a[0], a[1], Order.GreaterOrEqual, at),
            (CelOperators.Add, 2) => Constant(new ArithmeticNode('+', a[0], a[1]) { Position = at }, a),
            (CelOperators.Subtract, 2) => Constant(new ArithmeticNode('-', a[0], a[1]) { Position = at }, a),
            (CelOperators.Multiply, 2) => Constant(new ArithmeticNode('*', a[0], a[1]) { Position = at }, a),
            (CelOperators.Divide, 2) => Constant(new ArithmeticNode('/', a[0], a[1]) { Position = at }, a),
            (CelOperators.Modulo, 2) => Constant(new ArithmeticNode('%', a[0], a[1]) { Position = at }, a),
            (CelOperators.In, 2) => Text(a[0]) is { } text && a[1] is TextListNode list ? new HasTextNode(list, text) : Constant(new InNode(a[0], a[1]) { Position = at }, a),
            (CelOperators.Index, 2) => Index(a[0], a[1], at),
            (CelOperators.OptionalIndex, 2) => new IndexNode(a[0], a[1], isOptional: true) { Position = at },
            _ => null,
        };

        private CelNode Index(CelNode operand, CelNode index, int at) => operand is JsonNode json && Text(index) is { } field
            ? new JsonFieldNode(json, field) { Position = at } : Constant(new IndexNode(operand, index, isOptional: false) { Position = at }, operand, index);

        private static string? Text(CelNode node) => node is ConstantNode { Value.Kind: CelKind.String } constant ? constant.Value.AsString : null;
        private static bool IsNumber(CelNode node) => node is ConstantNode { Value.Kind: CelKind.Int or CelKind.Uint or CelKind.Double };

        private CelNode Equality(CelNode left, CelNode right, bool negated, int at)
        {
            if (left is ConstantNode && right is not ConstantNode) (left, right) = (right, left);
            if (left is not ConstantNode && Text(right) is { } text) return new EqualTextNode(left, text, negated) { Position = at };
            if (left is JsonNode json && IsNumber(right)) return new JsonNumberNode(json, ((ConstantNode)right).Value, null, negated) { Position = at };
            return Constant(new EqualNode(left, right, negated) { Position = at }, left, right);
        }

        private CelNode Ordering(CelNode left, CelNode right, Order order, int at)
        {
            if (right is JsonNode && IsNumber(left))
            {
                (left, right) = (right, left);
                order = order switch { Order.Less => Order.Greater, Order.LessOrEqual => Order.GreaterOrEqual, Order.Greater => Order.Less, _ => Order.LessOrEqual };
            }
            if (left is JsonNode json && IsNumber(right)) return new JsonNumberNode(json, ((ConstantNode)right).Value, order, false) { Position = at };
            return Constant(new CompareNode(left, right, order) { Position = at }, left, right);
        }

        private CelNode Matches(CelNode[] nodes, int at)
        {
            if (Text(nodes[1]) is not { } pattern) return new MatchesNode(nodes[0], nodes[1], null) { Position = at };
            Regex? regex = Re2.Compile(pattern, out var error);
            if (regex is not null) return Constant(new MatchesNode(nodes[0], nodes[1], regex) { Position = at }, nodes);
            _issues.Add(new(at, error!));
            return new ErrorNode(error!) { Position = at };
        }

        // Computes a node whose parts are constants. One that fails stays as it is: it may never be reached.
        private CelNode Constant(CelNode node, params ReadOnlySpan<CelNode> parts)
        {
            foreach (var part in parts)
                if (part is not ConstantNode) return node;
            var frame = new CelFrame { Activation = CelBindings.None, Steps = _steps };
            var value = node.Evaluate(ref frame);
            if (frame.Steps < 0) return node;
            _steps = frame.Steps;
            if (!value.IsError) return new ConstantNode(value) { Position = node.Position };
            if (node is UnaryNode) _issues.Add(new(value.AsError.Position, value.AsError.Message));
            return node;
        }

        // ---- aggregates

        private CelNode List(ListExpr list)
        {
            var elements = new CelNode[list.Elements.Length];
            for (var i = 0; i < elements.Length; i++) elements[i] = Node(list.Elements[i]);
            bool[]? optional = null;
            if (!list.OptionalIndices.IsDefaultOrEmpty)
            {
                optional = new bool[elements.Length];
                foreach (var index in list.OptionalIndices) optional[index] = true;
            }
            return Constant(new ListNode(elements, optional) { Position = list.Position }, elements);
        }

        private CelNode Map(MapExpr map)
        {
            var entries = new (CelNode Key, CelNode Value, bool IsOptional)[map.Entries.Length];
            var parts = new List<CelNode>();
            for (var i = 0; i < entries.Length; i++)
            {
                entries[i] = (Node(map.Entries[i].Key), Node(map.Entries[i].Value), map.Entries[i].IsOptional);
                parts.Add(entries[i].Key);
                parts.Add(entries[i].Value);
            }
            return Constant(new MapNode(entries) { Position = map.Position }, [.. parts]);
        }

        private int Declare(string name)
        {
            var slot = _scope.Count;
            _scope.Add((name, slot));
            _slots = Math.Max(_slots, _scope.Count);
            return slot;
        }

        private void Leave(int count) => _scope.RemoveRange(count, _scope.Count - count);

        // Values by place: later ones and the result see the earlier ones as @index0, @index1 and so on.
        private CelNode Block(ListExpr list, CelExpr result)
        {
            var before = _scope.Count;
            var values = new List<(int Slot, CelNode Value)>();
            for (var i = 0; i < list.Elements.Length; i++)
            {
                var value = Node(list.Elements[i]);
                values.Add((Declare($"@index{i}"), value));
            }
            var node = Node(result);
            for (var i = values.Count - 1; i >= 0; i--) node = new BindNode(values[i].Slot, values[i].Value, node);
            Leave(before);
            return node;
        }

        // ---- folds: the shapes that the macros have are recognised, anything else is folded as written

        private CelNode Fold(ComprehensionExpr fold)
        {
            var before = _scope.Count;
            if (fold.Range is ListExpr { Elements.IsEmpty: true })
            {
                var bound = Node(fold.AccuInit);
                var variable = Declare(fold.AccuVar);
                var body = Node(fold.Result);
                Leave(before);
                return body is ConstantNode ? body : new BindNode(variable, bound, body) { Position = fold.Position };
            }
            var range = Node(fold.Range);
            if (TextSearch(fold, range) is { } search) return search;
            var init = Node(fold.AccuInit);
            var accu = Declare(fold.AccuVar);
            var nodesBefore = _nodes;
            var first = Declare(fold.IterVar);
            var second = fold.IterVar2 is null ? -1 : Declare(fold.IterVar2);
            var (condition, step) = Step(fold);
            CelNode node;
            // Cost is known after the body was planned.
            int Cost() => 1 + (_nodes - nodesBefore >> 3);
            if (fold.AccuInit is LiteralExpr { Value: bool start } && IsAccu(fold.Result)
                && step is CallExpr { Target: null, Arguments: [var accumulated, var predicate] } logic && IsAccu(accumulated) && logic.Function == (start ? CelOperators.And : CelOperators.Or) && condition is null && AbsorbsErrors(start))
            {
                var test = Node(predicate);
                node = new QuantifierNode(range, first, second, test, deciding: !start) { Position = fold.Position, Cost = Cost() };
            }
            else if (Goes(fold) && fold.AccuInit is ListExpr { Elements.IsEmpty: true } && IsAccu(fold.Result)
                && step is CallExpr { Target: null, Function: CelOperators.Add, Arguments: [var list, ListExpr { Elements: [var element], OptionalIndices.IsDefaultOrEmpty: true }] } && IsAccu(list))
            {
                var test = condition is null ? null : Node(condition);
                var value = Node(element);
                node = new BuildListNode(range, first, second, test, value) { Position = fold.Position, Cost = Cost() };
            }
            else if (Goes(fold) && fold.AccuInit is MapExpr { Entries.IsEmpty: true } && IsAccu(fold.Result)
                && step is CallExpr { Target: null, Function: CelOperators.MapInsert, Arguments: [var map, ..] } insert && IsAccu(map) && insert.Arguments.Length is 2 or 3)
            {
                var test = condition is null ? null : Node(condition);
                var key = insert.Arguments.Length == 3 ? Node(insert.Arguments[1]) : null;
                var value = Node(insert.Arguments[^1]);
                node = new BuildMapNode(range, first, second, test, key, value) { Position = fold.Position, Cost = Cost() };
            }
            else if (Goes(fold) && condition is not null && fold.AccuInit is LiteralExpr { Value: 0L } && fold.Result is CallExpr { Function: CelOperators.Equal, Arguments: [var counted, LiteralExpr { Value: 1L }] } && IsAccu(counted)
                && step is CallExpr { Target: null, Function: CelOperators.Add, Arguments: [var count, LiteralExpr { Value: 1L }] } && IsAccu(count))
            {
                var test = Node(condition);
                node = new ExistsOneNode(range, first, second, test) { Position = fold.Position, Cost = Cost() };
            }
            else
            {
                var goesOn = Node(fold.Condition);
                var next = Node(fold.Step);
                Leave(accu + 1);
                var result = Node(fold.Result);
                node = new FoldNode(range, first, second, accu, init, goesOn, next, result) { Position = fold.Position, Cost = Cost() };
            }
            Leave(before);
            return node;

            bool IsAccu(CelExpr expression) => expression is IdentExpr ident && ident.Name == fold.AccuVar;
            static bool Goes(ComprehensionExpr fold) => fold.Condition is LiteralExpr { Value: true };
            bool AbsorbsErrors(bool start) => fold.Condition is CallExpr { Function: CelOperators.NotStrictlyFalse, Arguments: [var tested] }
                && (start ? IsAccu(tested) : tested is CallExpr { Function: CelOperators.Not, Arguments: [var negated] } && IsAccu(negated));
        }

        // condition ? step : accumulator
        private static (CelExpr? Condition, CelExpr Step) Step(ComprehensionExpr fold) =>
            fold.Step is CallExpr { Target: null, Function: CelOperators.Conditional, Arguments: [var condition, var step, IdentExpr otherwise] } && otherwise.Name == fold.AccuVar ? (condition, step) : (null, fold.Step);

        // list.exists(l, l == 'x') over texts of the host
        private CelNode? TextSearch(ComprehensionExpr fold, CelNode range)
        {
            if (range is not TextListNode texts || fold.IterVar2 is not null || fold.AccuInit is not LiteralExpr { Value: false } || fold.Result is not IdentExpr result || result.Name != fold.AccuVar
                || fold.Step is not CallExpr { Target: null, Function: CelOperators.Or, Arguments: [IdentExpr accu, CallExpr { Target: null, Function: CelOperators.Equal, Arguments: [var left, var right] }] } || accu.Name != fold.AccuVar) return null;
            if (left is LiteralExpr) (left, right) = (right, left);
            return left is IdentExpr variable && variable.Name == fold.IterVar && right is LiteralExpr { Value: string text } ? new HasTextNode(texts, text) { Position = fold.Position } : null;
        }
    }

    private static readonly HashSet<string> TypeNames = new(StringComparer.Ordinal)
    {
        "bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type", "dyn", "optional_type",
        "google.protobuf.Timestamp", "google.protobuf.Duration", "net.IP", "net.CIDR",
    };
}
