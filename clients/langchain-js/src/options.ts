import type { BaseMessage, ToolMessage } from "@langchain/core/messages";
import type { Runtime } from "langchain";
import type { AgentMonitorError } from "./errors.js";
import type { ActingUser, SessionRef } from "./wire.js";

/** A fixed value, or a function that finds it for each call. `undefined` means: look in the next place. */
export type PerRun<T> = T | ((runtime: Runtime<any>) => T | undefined | Promise<T | undefined>);

/** One answer, or what stood in for it. Never holds arguments, prompts, results or the credential. */
export interface DecisionEvent {
  readonly kind: "tool-call" | "model-call";
  /** What was done. `pending` is announced once, when the wait for a person begins; the outcome follows as an event of its own. */
  readonly decision: "allow" | "deny" | "pending";
  /** `server`: AgentMonitor said so. `fail-closed` and `fail-open`: it could not be asked, and the setting decided. */
  readonly source: "server" | "fail-closed" | "fail-open";
  readonly session: string | undefined;
  readonly callId: string | undefined;
  readonly decisionId: string | undefined;
  /** The tool that was to be called. Undefined for a model call. */
  readonly tool: string | undefined;
  /** The server's reason code, for example `policy` or `quarantined`. */
  readonly code: string | undefined;
  /** The server's reason, exactly as it was sent. */
  readonly message: string | undefined;
  readonly advice: string | undefined;
  /** The session's labels after this decision. */
  readonly labels: readonly string[];
  readonly policyRevision: number | undefined;
  /** Model calls: the tools that the model was offered. */
  readonly offered: readonly string[];
  /** Model calls: the tools that were held back, and why as far as the server said. */
  readonly hidden: readonly { readonly tool: string; readonly code: string | undefined; readonly message: string | undefined }[];
  /** Set when `source` is not `server`. */
  readonly error: AgentMonitorError | undefined;
  /** How long asking took, in milliseconds, the wait for a person included. */
  readonly elapsedMs: number;
}

/** Where a failure happened. */
export interface ErrorContext {
  readonly during: "tool-call" | "model-call" | "approval" | "result" | "callback";
  readonly tool: string | undefined;
  readonly session: string | undefined;
  readonly callId: string | undefined;
}

/** What a tool brought into the session besides its own tags. */
export interface ResultOrigin {
  /** Labels that the session gets. */
  readonly labels?: readonly string[] | undefined;
  /** The session whose output this result is: its labels are joined. */
  readonly fromSession?: SessionRef | undefined;
}

/** Settings of {@link agentMonitor}. Every limit has a default; the README gives the reasons. */
export interface AgentMonitorOptions {
  /** Base address of the server. Default: the environment variable `AGENTMONITOR_URL`. */
  readonly url?: string | undefined;
  /** The agent's key or JWT, or a function that returns the current one. Default: the environment variable `AGENTMONITOR_API_KEY`. */
  readonly apiKey?: string | (() => string | Promise<string>) | undefined;

  /** Id of the session. Default: `context.agentMonitor.session`, `configurable.agentMonitor.session`, `configurable.thread_id`, then see {@link missingSession}. */
  readonly session?: PerRun<string> | undefined;
  /** The people the agent acts for. Default: `agentMonitor.users` of context or configurable; none. */
  readonly users?: PerRun<readonly ActingUser[]> | undefined;
  /** Sessions whose context this one received. Default: `agentMonitor.parents` of context or configurable; none. */
  readonly parents?: PerRun<readonly SessionRef[]> | undefined;
  /** Tags that the task needs. Default: `agentMonitor.grants` of context or configurable; not declared, which restricts nothing. */
  readonly grants?: PerRun<readonly string[]> | undefined;
  /**
   * What to do when no session id is found.
   * - `new-if-empty` (default): the run becomes a session of its own; a run that begins with earlier answers or tool results is
   *   refused, because the labels of that context cannot be found.
   * - `new`: the run becomes a session of its own whatever it begins with.
   * - `deny`: the run is refused.
   */
  readonly missingSession?: "new-if-empty" | "new" | "deny" | undefined;

  /** Go on when the server is unreachable, times out or answers 5xx. Default: false. Never applies to an answer, nor to a 4xx. */
  readonly failOpen?: boolean | undefined;
  /** Longest wait for one answer, in milliseconds, 1 to 600 000. Default: 10 000. */
  readonly timeoutMs?: number | undefined;
  /** How often a request is sent again after a broken connection, 429, 502, 503 or 504; 0 to 10. Default: 2. */
  readonly retries?: number | undefined;
  /** Mean of the first pause before sending again, in milliseconds; doubles each time, with jitter; 0 to 60 000. Default: 100. */
  readonly retryDelayMs?: number | undefined;
  /** Longest `Retry-After` that is obeyed, in seconds; a longer one ends the attempt. Default: 10. */
  readonly maxRetryAfterSeconds?: number | undefined;

  /** How long a call waits for a person's approval, in seconds, 0 to 86 400. Default: 120. */
  readonly waitForApprovalSeconds?: number | undefined;

  /** Report what tools returned: `false` for none, or a function for each tool. Default: true. */
  readonly reportResults?: boolean | ((tool: string) => boolean) | undefined;
  /** Longest result that is reported, in characters; the rest is cut off. Default: 200 000. */
  readonly maxResultChars?: number | undefined;
  /** Says what a result brought into the session, for example the session of a sub-agent that produced it. */
  readonly describeResult?: ((result: {
    readonly tool: string;
    readonly message: ToolMessage | undefined;
    readonly runtime: Runtime<any>;
  }) => ResultOrigin | undefined) | undefined;
  /** Says whether a message of the human role holds the user's own words. Default: yes, unless LangChain marked it as its own summary. */
  readonly isUserMessage?: ((message: BaseMessage) => boolean) | undefined;

  /** Told of every decision. What it throws goes to {@link onError}. */
  readonly onDecision?: ((event: DecisionEvent) => void) | undefined;
  /** Told of every failure. Default: one line through `console.warn`. What it throws is ignored. */
  readonly onError?: ((error: AgentMonitorError, context: ErrorContext) => void) | undefined;

  /** Replaces the global `fetch`, for proxies and client certificates. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** The options with every default filled in. */
export interface Settings {
  readonly baseUrl: string;
  readonly apiKey: () => string | Promise<string>;
  readonly session: AgentMonitorOptions["session"];
  readonly users: AgentMonitorOptions["users"];
  readonly parents: AgentMonitorOptions["parents"];
  readonly grants: AgentMonitorOptions["grants"];
  readonly missingSession: "new-if-empty" | "new" | "deny";
  readonly failOpen: boolean;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly maxRetryAfterMs: number;
  readonly waitForApprovalMs: number;
  readonly reports: (tool: string) => boolean;
  readonly maxResultChars: number;
  readonly describeResult: AgentMonitorOptions["describeResult"];
  readonly isUserMessage: (message: BaseMessage) => boolean;
  readonly onDecision: AgentMonitorOptions["onDecision"];
  readonly onError: (error: AgentMonitorError, context: ErrorContext) => void;
  readonly fetch: typeof globalThis.fetch;
}

/** LangChain's summarising middleware writes its summary, a model's words, under the human role. */
export const isWrittenByUser = (message: BaseMessage): boolean => message.additional_kwargs?.["lc_source"] === undefined;

/** Fills in the defaults. Throws one TypeError that lists everything that is wrong; no value is repeated in it. */
export function settingsFrom(options: AgentMonitorOptions): Settings {
  const problems: string[] = [];
  const settings: Settings = {
    baseUrl: baseUrl(options.url ?? process.env["AGENTMONITOR_URL"], problems),
    apiKey: apiKey(options.apiKey ?? process.env["AGENTMONITOR_API_KEY"], problems),
    session: options.session,
    users: options.users,
    parents: options.parents,
    grants: options.grants,
    missingSession: choice("missingSession", options.missingSession, ["new-if-empty", "new", "deny"], problems),
    failOpen: flag("failOpen", options.failOpen, problems),
    timeoutMs: number("timeoutMs", options.timeoutMs, 10_000, 1, 600_000, problems),
    retries: number("retries", options.retries, 2, 0, 10, problems),
    retryDelayMs: number("retryDelayMs", options.retryDelayMs, 100, 0, 60_000, problems),
    maxRetryAfterMs: 1_000 * number("maxRetryAfterSeconds", options.maxRetryAfterSeconds, 10, 0, 3_600, problems),
    waitForApprovalMs: 1_000 * number("waitForApprovalSeconds", options.waitForApprovalSeconds, 120, 0, 86_400, problems),
    reports: reports(options.reportResults ?? true, problems),
    maxResultChars: number("maxResultChars", options.maxResultChars, 200_000, 0, 100_000_000, problems),
    describeResult: callback("describeResult", options.describeResult, problems),
    isUserMessage: callback("isUserMessage", options.isUserMessage, problems) ?? isWrittenByUser,
    onDecision: callback("onDecision", options.onDecision, problems),
    onError: callback("onError", options.onError, problems) ?? warn,
    fetch: callback("fetch", options.fetch, problems) ?? globalThis.fetch,
  };
  if (problems.length > 0) throw new TypeError(`agentMonitor: ${problems.join("; ")}`);
  return settings;
}

/** The characters of a credential that can stand in a header. Anything else would make `fetch` repeat it in an error. */
export const isSendable = (key: unknown): key is string => typeof key === "string" && /^[\x21-\x7e]+$/.test(key);

function warn(error: AgentMonitorError, context: ErrorContext): void {
  console.warn(`[agentmonitor] ${context.during}${context.tool === undefined ? "" : ` ${context.tool}`}: ${error.code}: ${error.message}`);
}

function baseUrl(value: unknown, problems: string[]): string {
  if (typeof value !== "string" || !URL.canParse(value)) {
    problems.push("`url` is missing or is not an address (or set AGENTMONITOR_URL)");
    return "";
  }
  const url = new URL(value);
  if (url.protocol !== "http:" && url.protocol !== "https:") problems.push("`url` must be http or https");
  if (url.username !== "" || url.password !== "") problems.push("`url` must not hold a user name or password");
  if (url.search !== "" || url.hash !== "") problems.push("`url` must not have a query or fragment");
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function apiKey(value: unknown, problems: string[]): () => string | Promise<string> {
  if (typeof value === "function") return value as () => string | Promise<string>;
  if (value === undefined || value === "") problems.push("`apiKey` is missing (or set AGENTMONITOR_API_KEY)");
  else if (!isSendable(value)) problems.push("`apiKey` must be printable ASCII without blanks");
  return () => value as string;
}

function number(name: string, value: unknown, fallback: number, least: number, most: number, problems: string[]): number {
  if (value === undefined) return fallback;
  if (typeof value === "number" && Number.isFinite(value) && value >= least && value <= most) return value;
  problems.push(`\`${name}\` must be a number from ${least} to ${most}`);
  return fallback;
}

function flag(name: string, value: unknown, problems: string[]): boolean {
  if (value !== undefined && typeof value !== "boolean") problems.push(`\`${name}\` must be true or false`);
  return value === true;
}

function choice<T extends string>(name: string, value: unknown, allowed: readonly [T, ...T[]], problems: string[]): T {
  if (value === undefined) return allowed[0];
  const found = allowed.find((one) => one === value);
  if (found === undefined) problems.push(`\`${name}\` must be one of ${allowed.join(", ")}`);
  return found ?? allowed[0];
}

function callback<T>(name: string, value: T, problems: string[]): T {
  if (value !== undefined && typeof value !== "function") problems.push(`\`${name}\` must be a function`);
  return value;
}

function reports(value: unknown, problems: string[]): (tool: string) => boolean {
  if (typeof value === "function") return value as (tool: string) => boolean;
  if (typeof value !== "boolean") problems.push("`reportResults` must be true, false or a function");
  return () => value === true;
}
