namespace AgentMonitor.Web.Components.Pages.Shared;

/// <summary>
/// Rows that stand still while somebody points at them: numbers change in place, nothing moves, and what is new is counted.
/// </summary>
/// <param name="key">What identifies a row.</param>
public sealed class HeldRows<T>(Func<T, object> key) where T : class
{
    /// <summary>The rows to show; null while they load.</summary>
    public IReadOnlyList<T>? Shown { get; private set; }
    /// <summary>Rows that are not shown because the list is held.</summary>
    public int New { get; private set; }
    /// <summary>Whether somebody points at the list or has the focus in it.</summary>
    public bool Held { get; set; }

    /// <summary>Takes what was read.</summary>
    /// <param name="fresh">The rows as they are now, in order.</param>
    /// <param name="another">True when they answer another question than the ones before: those replace the list at once.</param>
    public void Take(IReadOnlyList<T> fresh, bool another = false)
    {
        if (Shown is null || !Held || another || Shown.Count == 0)
        {
            (Shown, New) = (fresh, 0);
            return;
        }
        var byKey = fresh.ToDictionary(key);
        Shown = [.. Shown.Select(row => byKey.GetValueOrDefault(key(row)) ?? row)];
        var known = Shown.Select(key).ToHashSet();
        New = fresh.Count(row => !known.Contains(key(row)));
    }
}
