namespace AgentMonitor.Web.Live;

/// <summary>
/// One subscriber. However often it is signalled, its callback runs at most once each interval, and once more for what came last.
/// Disposing twice is harmless; after disposal no callback begins.
/// </summary>
internal sealed class FeedSubscription(string name, Func<Task> onChanged, TimeSpan interval, TimeProvider clock, Action<FeedSubscription> onDisposed) : IDisposable
{
    private const int Idle = 0, Running = 1, Again = 2, Ended = 3;
    private int _state = Idle;

    public string Name => name;

    public void Signal()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state is Again or Ended) return;
            if (Interlocked.CompareExchange(ref _state, state == Idle ? Running : Again, state) != state) continue;
            if (state == Idle) _ = Task.Run(RunAsync);
            return;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _state, Ended) != Ended) onDisposed(this);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            if (Volatile.Read(ref _state) == Ended) return;
            // What is published from here on asks for another round.
            Interlocked.CompareExchange(ref _state, Running, Again);
            try { await onChanged().ConfigureAwait(false); }
            catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException or InvalidOperationException or Microsoft.JSInterop.JSException)
            {
                // The circuit went away between the check and the call; Dispose follows.
            }
            await Task.Delay(interval, clock).ConfigureAwait(false);
            if (Interlocked.CompareExchange(ref _state, Idle, Running) == Running) return;
        }
    }
}
