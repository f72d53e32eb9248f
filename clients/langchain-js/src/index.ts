export { agentMonitor, type AgentMonitorMiddleware } from "./middleware.js";
export { AgentMonitorError, type AgentMonitorErrorCode, type AgentMonitorErrorDetails } from "./errors.js";
export { isWrittenByUser, type AgentMonitorOptions, type DecisionEvent, type ErrorContext, type PerRun, type ResultOrigin } from "./options.js";
export type { ActingUser, SessionRef } from "./wire.js";
export type { Note as AgentMonitorNote } from "./texts.js";
