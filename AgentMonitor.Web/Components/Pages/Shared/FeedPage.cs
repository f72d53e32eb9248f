using AgentMonitor.Web.Live;
using Microsoft.AspNetCore.Components;

namespace AgentMonitor.Web.Components.Pages.Shared;

/// <summary>
/// A page that follows the live feed: one named subscription, a reload on the page's own dispatcher, nothing left behind when it
/// is gone. Reloads never overlap, and what arrives meanwhile is asked for once more.
/// </summary>
public abstract class FeedPage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private IDisposable? _subscription;
    private bool _reloading, _again;

    /// <summary>Prepares a page that is not shown yet.</summary>
    // The token is copied at once: its source is disposed with the page, and a load may still hold it.
    protected FeedPage() => Gone = _gone.Token;

    [Inject] private LiveFeed Source { get; set; } = default!;

    /// <summary>The feed.</summary>
    protected LiveFeed Feed => Source;
    /// <summary>Ends when the page is left.</summary>
    protected CancellationToken Gone { get; }
    /// <summary>Shortest time between two reloads.</summary>
    protected virtual TimeSpan Interval => TimeSpan.FromMilliseconds(500);
    /// <summary>What went wrong when the page last loaded; null when nothing did.</summary>
    protected string? LoadError { get; private set; }

    /// <summary>Reads what the page shows.</summary>
    protected abstract Task LoadAsync();

    /// <inheritdoc/>
    protected override void OnInitialized() =>
        // Subscribed before the first load, so that nothing is missed between the two.
        _subscription = Source.Subscribe(GetType().Name, () => Gone.IsCancellationRequested ? Task.CompletedTask : InvokeAsync(ReloadAsync), Interval);

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => ReloadAsync();

    /// <summary>Loads again and renders.</summary>
    protected async Task ReloadAsync()
    {
        if (_reloading)
        {
            _again = true;
            return;
        }
        _reloading = true;
        try
        {
            do
            {
                _again = false;
                try
                {
                    await LoadAsync();
                    LoadError = null;
                }
                catch (OperationCanceledException) when (Gone.IsCancellationRequested)
                {
                    return;
                }
#pragma warning disable CA1031 // Whatever fails while reading is shown where the page would be; the feed asks again by itself.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    LoadError = e is Configuration.RefusedException ? e.Message : $"the page could not be read: {e.Message}";
                }
            }
            while (_again && !Gone.IsCancellationRequested);
        }
        finally { _reloading = false; }
        if (!Gone.IsCancellationRequested) StateHasChanged();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the subscription.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        _subscription?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
    }
}
