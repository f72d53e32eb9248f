using System.Collections.Immutable;
using System.Text.Json;

namespace AgentMonitor.Core.Cel;

/// <summary>A list, immutable for those who see it.</summary>
public abstract class CelList
{
    /// <summary>The number of elements.</summary>
    public abstract int Count { get; }
    /// <summary>The element at a place from 0 to <see cref="Count"/> - 1.</summary>
    public abstract CelValue this[int index] { get; }
}

/// <summary>A map with keys of type bool, int, uint or string; numeric keys are the same when their values are.</summary>
public abstract class CelMap
{
    /// <summary>The number of entries.</summary>
    public abstract int Count { get; }
    /// <summary>The key of an entry, 0 to <see cref="Count"/> - 1, in the order in which they were added.</summary>
    public abstract CelValue KeyAt(int index);
    /// <summary>The value of an entry.</summary>
    public abstract CelValue ValueAt(int index);
    /// <summary>Finds by key.</summary>
    public abstract bool TryGet(in CelValue key, out CelValue value);
    /// <summary>Finds by a text key.</summary>
    public virtual bool TryGet(string key, out CelValue value) => TryGet(CelValue.Of(key), out value);
}

/// <summary>An object of the host with a fixed set of fields.</summary>
public abstract class CelRecord
{
    /// <summary>The name of its type.</summary>
    public abstract string TypeName { get; }
    /// <summary>Reads a field; false when there is none of that name.</summary>
    public abstract bool TryGet(string field, out CelValue value);
    /// <summary>Whether the other record is the same object.</summary>
    public virtual bool SameAs(CelRecord other) => ReferenceEquals(this, other);
}

/// <summary>A list in an array.</summary>
internal sealed class CelArrayList(CelValue[] items, int count) : CelList
{
    public static readonly CelArrayList Empty = new([]);
    public CelArrayList(CelValue[] items) : this(items, items.Length) { }
    public override int Count => count;
    public override CelValue this[int index] => items[index];
    public ReadOnlySpan<CelValue> Span => items.AsSpan(0, count);
}

/// <summary>A list of texts of the host.</summary>
internal sealed class CelStringList(ImmutableArray<string> items) : CelList
{
    public override int Count => items.IsDefault ? 0 : items.Length;
    public override CelValue this[int index] => CelValue.Of(items[index]);
}

/// <summary>A JSON list.</summary>
internal sealed class CelJsonList(JsonElement json) : CelList
{
    // Reading the n-th element of a JSON list walks over those before it: elements are noted at the first access.
    private JsonElement[]? _items;
    public override int Count { get; } = json.GetArrayLength();
    public override CelValue this[int index] => CelValue.Of((_items ??= [.. json.EnumerateArray()])[index]);
}

/// <summary>A JSON object.</summary>
internal sealed class CelJsonMap(JsonElement json) : CelMap
{
    private JsonProperty[]? _members;
    public override int Count { get; } = json.GetPropertyCount();
    private JsonProperty[] Members => _members ??= [.. json.EnumerateObject()];
    public override CelValue KeyAt(int index) => JsonText.TryGetName(Members[index], out var name) ? CelValue.Of(name) : CelValue.Fail("a JSON name is not Unicode text");
    public override CelValue ValueAt(int index) => CelValue.Of(Members[index].Value);
    public override bool TryGet(in CelValue key, out CelValue value)
    {
        var plain = key.Plain();
        value = default;
        return plain.Kind == CelKind.String && TryGet(plain.AsString, out value);
    }
    public override bool TryGet(string key, out CelValue value)
    {
        if (JsonText.TryGetProperty(json, key, out var found)) { value = CelValue.Of(found); return true; }
        value = default;
        return false;
    }
}

/// <summary>A map that an expression made.</summary>
internal sealed class CelHashMap : CelMap
{
    private const int Linear = 8;
    public static readonly CelHashMap Empty = new(0);
    private readonly List<(CelValue Key, CelValue Value)> _entries;
    private Dictionary<CelValue, int>? _index;

    public CelHashMap(int capacity) => _entries = new(capacity);

    public override int Count => _entries.Count;
    public override CelValue KeyAt(int index) => _entries[index].Key;
    public override CelValue ValueAt(int index) => _entries[index].Value;

    /// <summary>Adds while the map is being made; false when the key is there already.</summary>
    public bool Add(in CelValue key, in CelValue value)
    {
        if (Find(key) >= 0) return false;
        _entries.Add((key, value));
        if (_index is not null) _index.Add(key, _entries.Count - 1);
        else if (_entries.Count > Linear)
        {
            _index = new(CelEquality.KeyComparer);
            for (var i = 0; i < _entries.Count; i++) _index.Add(_entries[i].Key, i);
        }
        return true;
    }

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        var at = Find(key.Kind == CelKind.Json ? key.Plain() : key);
        value = at < 0 ? default : _entries[at].Value;
        return at >= 0;
    }

    private int Find(in CelValue key)
    {
        if (_index is not null) return _index.TryGetValue(key, out var at) ? at : -1;
        for (var i = 0; i < _entries.Count; i++)
            if (CelEquality.KeyEquals(_entries[i].Key, key)) return i;
        return -1;
    }

    public static bool IsKey(CelKind kind) => kind is CelKind.Bool or CelKind.Int or CelKind.Uint or CelKind.String;
}
