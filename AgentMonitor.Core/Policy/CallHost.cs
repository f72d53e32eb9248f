using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using AgentMonitor.Core.Cel;
using AgentMonitor.Core.Decisions;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Redaction;
using AgentMonitor.Core.Sessions;

namespace AgentMonitor.Core.Policy;

/// <summary>
/// The facts of a call as variables and functions of a condition. Fields are read directly from <see cref="CallFacts"/>; objects for whole records
/// are made only where a condition uses one as a value.
/// </summary>
internal sealed class CallHost : CelHost
{
    public static readonly CallHost Instance = new();
    private static readonly JsonElement NoArguments = JsonDocument.Parse("{}").RootElement;

    public override CelNode? Variable(string name) => name switch
    {
        "args" => new ArgumentsNode(),
        "now" => new ValueNode(static (in CallFacts f) => CelValue.Of(f.Now)),
        "users" => new ValueNode(static (in CallFacts f) => CelValue.Of(new UserList(f.Users))),
        "agent" => new ValueNode(static (in CallFacts f) => Record("agent", f)),
        "session" => new ValueNode(static (in CallFacts f) => Record("session", f)),
        "tool" => new ValueNode(static (in CallFacts f) => Record("tool", f)),
        _ => null,
    };

    public override CelNode? Field(string variable, string field) => (variable, field) switch
    {
        ("agent", "id") => new FactTextNode(static (in CallFacts f) => f.Agent.Id),
        ("agent", "owner") => new FactTextNode(static (in CallFacts f) => f.Agent.Owner),
        ("agent", "tags") => new NamesNode(static (in CallFacts f) => f.Agent.Tags),
        ("session", "id") => new FactTextNode(static (in CallFacts f) => f.Session.Key.Id),
        ("session", "labels") => new LabelsNode(),
        ("session", "startedAt") => new ValueNode(static (in CallFacts f) => CelValue.Of(f.Session.StartedAt)),
        ("session", "calls") => new ValueNode(static (in CallFacts f) => CelValue.Of((long)(f.Evidence?.TotalSessionCalls ?? 0))),
        ("tool", "name") => new FactTextNode(static (in CallFacts f) => f.Tool.Name),
        ("tool", "tags") => new NamesNode(static (in CallFacts f) => f.Tags),
        _ => null,
    };

    public override CelNode? Function(string name, CelNode[] arguments, int position) => (name, arguments.Length) switch
    {
        ("calls", 2) => new CountNode(arguments[0], arguments[1], ofAgent: false) { Position = position },
        ("agentCalls", 2) => new CountNode(arguments[0], arguments[1], ofAgent: true) { Position = position },
        ("vouched", 1) => new VouchedNode(arguments[0]) { Position = position },
        ("origin", 1) => new OriginNode(arguments[0]) { Position = position },
        ("secrets", 1) => new SecretsNode(arguments[0]) { Position = position },
        _ => null,
    };

    public override string? Refuse(string name, CelNode[] arguments) =>
        name is "calls" or "agentCalls" && arguments is [_, ConstantNode { Value: { Kind: CelKind.Duration } span }] && span.DurationNanoseconds / 100 > CallTimes.MaxWindow.Ticks ? CountNode.TooLong : null;

    // ---- facts

    private delegate T Read<T>(in CallFacts facts);

    private sealed class ValueNode(Read<CelValue> read) : CelNode
    {
        public override CelValue Evaluate(ref CelFrame frame) => read(frame.Call);
    }

    private sealed class FactTextNode(Read<string> read) : TextNode
    {
        public override string Read(ref CelFrame frame) => read(frame.Call);
    }

    private sealed class NamesNode(Read<ImmutableArray<string>> read) : TextListNode
    {
        public override int Count(ref CelFrame frame) => read(frame.Call) is { IsDefault: false } names ? names.Length : 0;
        public override string Item(ref CelFrame frame, int index) => read(frame.Call)[index];
    }

    private sealed class LabelsNode : TextListNode
    {
        public override int Count(ref CelFrame frame) => frame.Call.Session.Labels.Length;
        public override string Item(ref CelFrame frame, int index) => frame.Call.Session.Labels[index].Label;
    }

    private sealed class ArgumentsNode : JsonNode
    {
        public override bool TryRead(ref CelFrame frame, out JsonElement json)
        {
            json = frame.Call.Arguments;
            if (json.ValueKind == JsonValueKind.Undefined) json = NoArguments;
            return true;
        }
    }

    private static CelValue Record(string name, in CallFacts f) => CelValue.Of(name switch
    {
        "agent" => new FieldsRecord("agent", f.Agent, ("id", CelValue.Of(f.Agent.Id)), ("owner", CelValue.Of(f.Agent.Owner)), ("tags", CelValue.Of(f.Agent.Tags))),
        "session" => new FieldsRecord("session", f.Session, ("id", CelValue.Of(f.Session.Key.Id)), ("labels", CelValue.Of([.. f.Session.Labels.Select(l => l.Label)])),
            ("startedAt", CelValue.Of(f.Session.StartedAt)), ("calls", CelValue.Of((long)(f.Evidence?.TotalSessionCalls ?? 0)))),
        _ => new FieldsRecord("tool", f.Tool, ("name", CelValue.Of(f.Tool.Name)), ("tags", CelValue.Of(f.Tags))),
    });

    private sealed class UserList(ImmutableArray<ActingUser> users) : CelList
    {
        public override int Count => users.IsDefault ? 0 : users.Length;
        public override CelValue this[int index] => CelValue.Of(new UserRecord(users[index]));
    }

    private sealed class UserRecord(ActingUser user) : CelRecord
    {
        public override string TypeName => "user";
        public override bool TryGet(string field, out CelValue value)
        {
            value = field switch
            {
                "id" => CelValue.Of(user.Id),
                "roles" => CelValue.Of(user.Roles),
                "groups" => CelValue.Of(user.Groups),
                "verified" => CelValue.Of(user.Verified),
                "attributes" => CelValue.Of(user.Attributes.ValueKind == JsonValueKind.Object ? user.Attributes : NoArguments),
                _ => default,
            };
            return !value.IsError;
        }
        public override bool SameAs(CelRecord other) => other is UserRecord same && same.User == user;
        private ActingUser User => user;
    }

    private sealed class FieldsRecord(string typeName, object of, params (string Name, CelValue Value)[] fields) : CelRecord
    {
        public override string TypeName => typeName;
        public override bool TryGet(string field, out CelValue value)
        {
            foreach (var (name, found) in fields)
                if (name == field) { value = found; return true; }
            value = default;
            return false;
        }
        public override bool SameAs(CelRecord other) => other is FieldsRecord same && same.Of == of;
        private object Of => of;
    }

    // ---- functions

    private sealed class CountNode(CelNode tool, CelNode window, bool ofAgent) : CelNode
    {
        public const string TooLong = "calls are counted over at most 24 hours: write duration('24h') or less";

        public override CelValue Evaluate(ref CelFrame frame)
        {
            var name = tool.Evaluate(ref frame).Plain();
            if (name.IsError) return At(name);
            var span = window.Evaluate(ref frame);
            if (span.IsError) return span;
            if (name.Kind != CelKind.String || span.Kind != CelKind.Duration) return Fail($"no such overload: calls({name.TypeName}, {span.TypeName})");
            if (frame.Call.Evidence is not { } evidence) return CelValue.Of(0L);
            // What is older is not kept: a count over it would be too low.
            var ticks = Math.Max(0, span.DurationNanoseconds / 100);
            if (ticks > CallTimes.MaxWindow.Ticks) return Fail(TooLong);
            var back = TimeSpan.FromTicks((long)ticks);
            return CelValue.Of((long)(ofAgent ? evidence.AgentCalls(name.AsString, back, frame.Call.Now) : evidence.SessionCalls(name.AsString, back, frame.Call.Now)));
        }
    }

    // What walking over a value costs depends on its length.
    private static int LengthOf(in CelValue value) => value.Kind switch
    {
        CelKind.Json => System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value.AsJson).Length,
        CelKind.String => value.AsString.Length,
        _ => 0,
    };

    private static string? TextOf(in CelValue value) => value.Kind switch
    {
        CelKind.String => value.AsString,
        CelKind.Int => value.AsInt.ToString(CultureInfo.InvariantCulture),
        CelKind.Uint => value.AsUint.ToString(CultureInfo.InvariantCulture),
        CelKind.Double => value.AsDouble.ToString("R", CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>Whether everything inside the value was named by somebody or something trusted.</summary>
    private sealed class VouchedNode(CelNode argument) : TestNode
    {
        public override Found Test(ref CelFrame frame)
        {
            var value = argument.Evaluate(ref frame);
            return value.IsError ? Error(ref frame, value) : IsVouched(ref frame, value) ? Found.True : Found.False;
        }

        private static bool IsVouched(ref CelFrame frame, in CelValue value)
        {
            // What exceeds the budget fails the whole evaluation; until it ends nothing is vouched for.
            if (!frame.Charge(1 + (LengthOf(value) >> 5)) || frame.Call.Evidence is not { } evidence) return false;
            switch (value.Kind)
            {
                case CelKind.Json: return evidence.IsVouched(value.AsJson);
                case CelKind.Null or CelKind.Bool: return true;
                case CelKind.Optional: return !value.HasValue || IsVouched(ref frame, value.Unwrapped);
                case CelKind.List:
                    for (var i = 0; i < value.AsList.Count; i++)
                        if (!IsVouched(ref frame, value.AsList[i])) return false;
                    return true;
                case CelKind.Map:
                    for (var i = 0; i < value.AsMap.Count; i++)
                        if (!IsVouched(ref frame, value.AsMap.ValueAt(i))) return false;
                    return true;
                default: return TextOf(value) is { } text && evidence.IsVouched(text);
            }
        }
    }

    /// <summary>Where a value was seen; of several values the weakest origin.</summary>
    private sealed class OriginNode(CelNode argument) : CelNode
    {
        private static readonly string[] StrongestFirst = ["user", "system", "trusted", "metadata", "untrusted", "none"];

        public override CelValue Evaluate(ref CelFrame frame)
        {
            var value = argument.Evaluate(ref frame);
            if (value.IsError) return value;
            var rank = Rank(ref frame, value);
            return CelValue.Of(rank < 0 ? "none" : StrongestFirst[rank]);
        }

        // -1: there is nothing that could have an origin.
        private static int Rank(ref CelFrame frame, in CelValue given)
        {
            if (!frame.Charge(1 + (LengthOf(given) >> 5))) return StrongestFirst.Length - 1;
            if (given.Kind == CelKind.Json && given.AsJson.ValueKind == JsonValueKind.Number) return Of(ref frame, given.AsJson.GetRawText());
            var value = given.Plain();
            switch (value.Kind)
            {
                case CelKind.Optional: return value.HasValue ? Rank(ref frame, value.Unwrapped) : -1;
                case CelKind.List or CelKind.Map:
                    var weakest = -1;
                    var count = value.Kind == CelKind.List ? value.AsList.Count : value.AsMap.Count;
                    for (var i = 0; i < count && weakest < StrongestFirst.Length - 1; i++)
                        weakest = Math.Max(weakest, Rank(ref frame, value.Kind == CelKind.List ? value.AsList[i] : value.AsMap.ValueAt(i)));
                    return weakest;
                case CelKind.Null or CelKind.Bool: return -1;
                default: return TextOf(value) is { } text ? Of(ref frame, text) : StrongestFirst.Length - 1;
            }
        }

        private static int Of(ref CelFrame frame, string text) => Array.IndexOf(StrongestFirst, frame.Call.Evidence?.OriginOf(text)) is var rank and >= 0 ? rank : StrongestFirst.Length - 1;
    }

    /// <summary>The kinds of secrets inside a value, in ordinal order.</summary>
    private sealed class SecretsNode(CelNode argument) : CelNode
    {
        public override CelValue Evaluate(ref CelFrame frame)
        {
            var value = argument.Evaluate(ref frame);
            if (value.IsError) return value;
            if (value.Kind == CelKind.Json || value.Kind == CelKind.String)
            {
                if (!frame.Charge(1 + (Math.Min(LengthOf(value), SecretScanner.MaxTotal) >> 5))) return Exceeded();
                return CelValue.Of(value.Kind == CelKind.Json ? SecretScanner.Scan(value.AsJson) : SecretScanner.Scan(value.AsString));
            }
            var found = new SortedSet<string>(StringComparer.Ordinal);
            return Collect(ref frame, value, found) ? CelValue.Of(found.ToImmutableArray()) : Exceeded();
        }

        private static bool Collect(ref CelFrame frame, in CelValue value, SortedSet<string> found)
        {
            if (!frame.Charge(1 + (Math.Min(LengthOf(value), SecretScanner.MaxTotal) >> 5))) return false;
            switch (value.Kind)
            {
                case CelKind.Json: found.UnionWith(SecretScanner.Scan(value.AsJson)); return true;
                case CelKind.String: found.UnionWith(SecretScanner.Scan(value.AsString)); return true;
                case CelKind.Optional: return !value.HasValue || Collect(ref frame, value.Unwrapped, found);
                case CelKind.List:
                    for (var i = 0; i < value.AsList.Count; i++)
                        if (!Collect(ref frame, value.AsList[i], found)) return false;
                    return true;
                case CelKind.Map:
                    for (var i = 0; i < value.AsMap.Count; i++)
                        if (!Collect(ref frame, value.AsMap.ValueAt(i), found)) return false;
                    return true;
                default: return true;
            }
        }
    }
}
