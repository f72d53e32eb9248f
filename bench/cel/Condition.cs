using AgentMonitor.Core.Decisions;

namespace AgentMonitor.Bench.Cel;

/// <summary>A question about a call.</summary>
internal delegate bool Condition(in CallFacts facts);
