using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Configuration;

/// <summary>Finds every bad setting at the start, all at once, and never repeats a secret.</summary>
public sealed class MonitorOptionsValidator : IValidateOptions<MonitorOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, MonitorOptions options)
    {
        var errors = new List<string>();
        Demand(options.Storage.Provider == "sqlite", "Storage:Provider", "this version knows `sqlite`");
        Demand(options.Storage.Synchronous.ToUpperInvariant() is "FULL" or "NORMAL", "Storage:Synchronous", "write FULL or NORMAL");
        Demand(options.Storage.QueueCapacity is >= 1 and <= 1_000_000, "Storage:QueueCapacity", "a number from 1 to 1000000");
        Demand(options.Storage.MaxGroup is >= 1 and <= 10_000, "Storage:MaxGroup", "a number from 1 to 10000");
        Demand(options.Storage.QueueTimeout > TimeSpan.Zero, "Storage:QueueTimeout", "a duration above zero, such as 00:00:05");
        Demand(options.Bootstrap.OperatorToken is not { Length: > 0 and < 16 }, "Bootstrap:OperatorToken", "at least 16 characters");
        Demand(options.Limits.RequestBytes is >= 1_024 and <= 100_000_000, "Limits:RequestBytes", "a number from 1024 to 100000000");
        Demand(options.Limits.JsonDepth is >= 8 and <= 200, "Limits:JsonDepth", "a number from 8 to 200");
        Demand(options.Limits.SessionsInMemory >= 100, "Limits:SessionsInMemory", "at least 100");
        Demand(options.Limits.OriginValuesInMemory >= 1_000_000, "Limits:OriginValuesInMemory", "at least 1000000");
        Demand(options.Limits.FeedEntries is >= 100 and <= 10_000_000, "Limits:FeedEntries", "a number from 100 to 10000000");
        Demand(options.Approvals.Expiry > TimeSpan.Zero, "Approvals:Expiry", "a duration above zero");
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Demand(bool holds, string setting, string wanted)
        {
            if (!holds) errors.Add($"{MonitorOptions.Section}:{setting}: {wanted}");
        }
    }
}
