using System.Collections.Immutable;

namespace AgentMonitor.Core.Cel;

/// <summary>
/// Finds out what type variables stand for, as the reference implementation does: assignability in both directions, binding each variable to
/// the most general type seen. Every step costs fuel, since types can be made to grow exponentially; types deeper than
/// <see cref="MaxDepth"/> are <c>dyn</c> from there on, which is sound for a gradual checker.
/// </summary>
internal sealed class CelUnifier
{
    /// <summary>Levels of nested type parameters that are told apart.</summary>
    private const int MaxDepth = 64;
    /// <summary>Far more than any expression within the limits needs that was not made for it: a hundred steps for each node.</summary>
    private const int Fuel = 1_000_000;

    private readonly Dictionary<string, CelType> _bindings = new(StringComparer.Ordinal);
    private readonly List<(string Name, CelType? Before)> _trail = [];
    private int _variables, _steps;

    /// <summary>The types became too large to compare.</summary>
    internal sealed class OutOfFuelException : Exception;

    public CelType NewVariable() => new CelType.Param($"%{_variables++}");

    /// <summary>Whether a value of one type can be used as the other; then variables are bound, else nothing changes.</summary>
    public bool Assignable(CelType left, CelType right)
    {
        var mark = _trail.Count;
        if (Assignable(left, right, 0)) return true;
        Undo(mark);
        return false;
    }

    /// <summary>The same for each pair; nothing changes unless all fit.</summary>
    public bool Assignable(ReadOnlySpan<CelType> left, ReadOnlySpan<CelType> right)
    {
        if (left.Length != right.Length) return false;
        var mark = _trail.Count;
        for (var i = 0; i < left.Length; i++)
        {
            if (Assignable(left[i], right[i], 0)) continue;
            Undo(mark);
            return false;
        }
        return true;
    }

    /// <summary>The type with what is known about its variables put in; unknown ones stay, or become <c>dyn</c>.</summary>
    public CelType Substitute(CelType type, bool unknownIsDyn, int depth = 0)
    {
        Burn();
        if (depth > MaxDepth) return CelType.Dyn;
        switch (type)
        {
            case CelType.Param param:
                if (_bindings.TryGetValue(param.Name, out var bound)) return Substitute(bound, unknownIsDyn, depth + 1);
                return unknownIsDyn ? CelType.Dyn : type;
            case CelType.List list:
                return Substitute(list.Element, unknownIsDyn, depth + 1) is var element && ReferenceEquals(element, list.Element) ? list : new CelType.List(element);
            case CelType.Map map:
                var (key, value) = (Substitute(map.Key, unknownIsDyn, depth + 1), Substitute(map.Value, unknownIsDyn, depth + 1));
                return ReferenceEquals(key, map.Key) && ReferenceEquals(value, map.Value) ? map : new CelType.Map(key, value);
            case CelType.Optional optional:
                return Substitute(optional.Of, unknownIsDyn, depth + 1) is var of && ReferenceEquals(of, optional.Of) ? optional : new CelType.Optional(of);
            case CelType.Type named:
                return new CelType.Type(Substitute(named.Of, unknownIsDyn, depth + 1));
            case CelType.Abstract { Parameters.IsDefaultOrEmpty: false } host:
                return host with { Parameters = [.. host.Parameters.Select(parameter => Substitute(parameter, unknownIsDyn, depth + 1))] };
            default:
                return type;
        }
    }

    /// <summary>A signature's types with its type parameters replaced by new variables.</summary>
    public (CelType[] Parameters, CelType Result) Fresh(CelOverload overload)
    {
        Dictionary<string, CelType>? fresh = null;
        var parameters = new CelType[overload.Parameters.Length];
        for (var i = 0; i < parameters.Length; i++) parameters[i] = Rename(overload.Parameters[i]);
        return (parameters, Rename(overload.Result));

        CelType Rename(CelType type)
        {
            switch (type)
            {
                case CelType.Param param:
                    fresh ??= new(StringComparer.Ordinal);
                    if (!fresh.TryGetValue(param.Name, out var variable)) fresh[param.Name] = variable = NewVariable();
                    return variable;
                case CelType.List list: return new CelType.List(Rename(list.Element));
                case CelType.Map map: return new CelType.Map(Rename(map.Key), Rename(map.Value));
                case CelType.Optional optional: return new CelType.Optional(Rename(optional.Of));
                case CelType.Type named: return new CelType.Type(Rename(named.Of));
                case CelType.Abstract { Parameters.IsDefaultOrEmpty: false } host: return host with { Parameters = [.. host.Parameters.Select(Rename)] };
                default: return type;
            }
        }
    }

    /// <summary>
    /// The more general of two types that fit each other. Where each is the more general in one of its parts, <c>map(A, string)</c> and <c>map(string, dyn)</c>,
    /// it is made of these parts: either of the two would promise what a value of the other does not keep.
    /// </summary>
    public CelType MostGeneral(CelType left, CelType right) => LessSpecific(left, right, 0) ? left : LessSpecific(right, left, 0) ? right : Join(left, right, 0);

    private CelType Join(CelType left, CelType right, int depth)
    {
        if (depth > MaxDepth) return CelType.Dyn;
        return (left, right) switch
        {
            (CelType.List l, CelType.List r) => new CelType.List(General(l.Element, r.Element)),
            (CelType.Map l, CelType.Map r) => new CelType.Map(General(l.Key, r.Key), General(l.Value, r.Value)),
            (CelType.Optional l, CelType.Optional r) => new CelType.Optional(General(l.Of, r.Of)),
            (CelType.Abstract { Parameters.IsDefaultOrEmpty: false } l, CelType.Abstract r) when l.Parameters.Length == r.Parameters.Length => l with { Parameters = [.. l.Parameters.Zip(r.Parameters, General)] },
            _ => right,
        };

        CelType General(CelType a, CelType b) => LessSpecific(a, b, depth) ? a : LessSpecific(b, a, depth) ? b : Join(a, b, depth + 1);
    }

    /// <summary>Whether two types are the same, without looking into variables.</summary>
    public bool Same(CelType left, CelType right, int depth = 0)
    {
        Burn();
        if (ReferenceEquals(left, right) || depth > MaxDepth) return true;
        return (left, right) switch
        {
            (CelType.List l, CelType.List r) => Same(l.Element, r.Element, depth + 1),
            (CelType.Map l, CelType.Map r) => Same(l.Key, r.Key, depth + 1) && Same(l.Value, r.Value, depth + 1),
            (CelType.Optional l, CelType.Optional r) => Same(l.Of, r.Of, depth + 1),
            (CelType.Type l, CelType.Type r) => Same(l.Of, r.Of, depth + 1),
            (CelType.Abstract l, CelType.Abstract r) => l.Name == r.Name && Pairwise(l, r, (a, b) => Same(a, b, depth + 1)),
            (CelType.List or CelType.Map or CelType.Optional or CelType.Type or CelType.Abstract, _) => false,
            _ => left.Equals(right),
        };
    }

    private bool Assignable(CelType left, CelType right, int depth)
    {
        Burn();
        if (depth > MaxDepth) return true;
        if (right is CelType.Param variable)
        {
            var (fits, bound) = Bind(variable, left, depth);
            if (fits) return true;
            if (bound) return false;
        }
        if (left is CelType.Param other) return Bind(other, right, depth).Fits;
        if (left is CelType.Simple { Name: "dyn" }) return Loosen(right, depth);
        if (right is CelType.Simple { Name: "dyn" }) return Loosen(left, depth);
        if (IsNull(left)) return Nullable(right);
        if (IsNull(right)) return Nullable(left);
        return (left, right) switch
        {
            (CelType.List l, CelType.List r) => Assignable(l.Element, r.Element, depth + 1),
            (CelType.Map l, CelType.Map r) => Assignable(l.Key, r.Key, depth + 1) && Assignable(l.Value, r.Value, depth + 1),
            (CelType.Optional l, CelType.Optional r) => Assignable(l.Of, r.Of, depth + 1),
            // A type is a type: what it is the type of does not matter for overloads.
            (CelType.Type, CelType.Type) => true,
            (CelType.Abstract l, CelType.Abstract r) => l.Name == r.Name && Pairwise(l, r, (a, b) => Assignable(a, b, depth + 1)),
            (CelType.Simple or CelType.Record, _) => left.Equals(right),
            _ => false,
        };
    }

    /// <summary>Whether the variable can stand for the type, and whether it stood for something before.</summary>
    private (bool Fits, bool WasBound) Bind(CelType.Param variable, CelType type, int depth)
    {
        if (_bindings.TryGetValue(variable.Name, out var bound))
        {
            if (Same(type, bound)) return (true, true);
            if (!Assignable(type, bound, depth + 1)) return (false, true);
            Set(variable.Name, MostGeneral(type, bound));
            return (true, true);
        }
        if (type is CelType.Param same && same.Name == variable.Name) return (true, false);
        if (Occurs(variable.Name, type, 0)) return (false, false);
        Set(variable.Name, type);
        return (true, false);
    }

    /// <summary>
    /// What a value of unknown type is taken for says nothing about its parts: variables in it are <c>dyn</c> from now on, so that nothing later
    /// makes a promise of them that the value does not keep. Always true.
    /// </summary>
    private bool Loosen(CelType type, int depth)
    {
        Burn();
        if (depth > MaxDepth) return true;
        return type switch
        {
            CelType.Param param when !_bindings.ContainsKey(param.Name) => Bind(param, CelType.Dyn, depth).Fits,
            CelType.List list => Loosen(list.Element, depth + 1),
            CelType.Map map => Loosen(map.Key, depth + 1) && Loosen(map.Value, depth + 1),
            CelType.Optional optional => Loosen(optional.Of, depth + 1),
            _ => true,
        };
    }

    private bool Occurs(string variable, CelType type, int depth)
    {
        Burn();
        if (depth > 2 * MaxDepth) return true;
        return type switch
        {
            CelType.Param param => param.Name == variable || (_bindings.TryGetValue(param.Name, out var bound) && Occurs(variable, bound, depth + 1)),
            CelType.List list => Occurs(variable, list.Element, depth + 1),
            CelType.Map map => Occurs(variable, map.Key, depth + 1) || Occurs(variable, map.Value, depth + 1),
            CelType.Optional optional => Occurs(variable, optional.Of, depth + 1),
            CelType.Type named => Occurs(variable, named.Of, depth + 1),
            CelType.Abstract { Parameters.IsDefaultOrEmpty: false } host => host.Parameters.Any(parameter => Occurs(variable, parameter, depth + 1)),
            _ => false,
        };
    }

    private bool LessSpecific(CelType left, CelType right, int depth)
    {
        Burn();
        if (left is CelType.Param or CelType.Simple { Name: "dyn" } || depth > MaxDepth) return true;
        if (right is CelType.Param or CelType.Simple { Name: "dyn" }) return false;
        // Null fits what can be null, which says more.
        if (IsNull(right)) return true;
        return (left, right) switch
        {
            (CelType.List l, CelType.List r) => LessSpecific(l.Element, r.Element, depth + 1),
            (CelType.Map l, CelType.Map r) => LessSpecific(l.Key, r.Key, depth + 1) && LessSpecific(l.Value, r.Value, depth + 1),
            (CelType.Optional l, CelType.Optional r) => LessSpecific(l.Of, r.Of, depth + 1),
            (CelType.Type, CelType.Type) => true,
            (CelType.Abstract l, CelType.Abstract r) => l.Name == r.Name && Pairwise(l, r, (a, b) => LessSpecific(a, b, depth + 1)),
            (CelType.Simple or CelType.Record, _) => left.Equals(right),
            _ => false,
        };
    }

    private static bool Pairwise(CelType.Abstract left, CelType.Abstract right, Func<CelType, CelType, bool> both)
    {
        var (l, r) = (left.Parameters.IsDefault ? [] : left.Parameters, right.Parameters.IsDefault ? [] : right.Parameters);
        if (l.Length != r.Length) return false;
        for (var i = 0; i < l.Length; i++)
            if (!both(l[i], r[i])) return false;
        return true;
    }

    private static bool IsNull(CelType type) => type is CelType.Simple { Name: "null_type" };

    /// <summary>What null can stand for.</summary>
    private static bool Nullable(CelType type) => type is CelType.Optional or CelType.Abstract or CelType.Record
        or CelType.Simple { Name: "null_type" or "google.protobuf.Timestamp" or "google.protobuf.Duration" or "net.IP" or "net.CIDR" };

    private void Set(string name, CelType type)
    {
        _trail.Add((name, _bindings.GetValueOrDefault(name)));
        _bindings[name] = type;
    }

    private void Undo(int mark)
    {
        while (_trail.Count > mark)
        {
            var (name, before) = _trail[^1];
            _trail.RemoveAt(_trail.Count - 1);
            if (before is null) _bindings.Remove(name);
            else _bindings[name] = before;
        }
    }

    private void Burn()
    {
        if (++_steps > Fuel) throw new OutOfFuelException();
    }
}
