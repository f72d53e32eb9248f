import { AgentMonitorError } from "./errors.js";

// The wire contract, and a strict reading of the server's side of it. Unknown members are ignored; a member that a decision rests
// on and that is missing or of another type makes the whole answer malformed, which is never a yes.

/** A session of some agent. */
export interface SessionRef {
  readonly agent: string;
  readonly id: string;
}

/** A person the agent acts for. Without `token` the server treats the identity as asserted, not verified. */
export interface ActingUser {
  readonly id: string;
  readonly roles?: readonly string[] | undefined;
  /** An id or access token that proves who it is. */
  readonly token?: string | undefined;
}

/** Who asks: the part that tool calls and model calls share. */
export interface Identity {
  readonly session: { readonly id: string; readonly parents?: readonly SessionRef[]; readonly grants?: readonly string[] };
  readonly users?: readonly ActingUser[];
}

export interface ToolCallQuestion extends Identity {
  readonly tool: string;
  readonly arguments: unknown;
  readonly callId: string;
}

export interface OfferedTool {
  readonly name: string;
  readonly description?: string;
  readonly schema?: unknown;
}

export interface ModelCallQuestion extends Identity {
  readonly prompt?: string;
  readonly tools: readonly OfferedTool[];
  readonly callId: string;
}

export interface ResultReport {
  readonly status: "ok" | "error";
  readonly durationMs: number;
  readonly content?: unknown;
  readonly labels?: readonly string[];
  readonly fromSession?: SessionRef;
}

export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly advice: string | undefined;
}

export interface ToolCallAnswer {
  readonly decisionId: string;
  readonly decision: "allow" | "deny" | "pending";
  /** Undefined when the server gave none, which it may only do when it allows. */
  readonly reason: Reason | undefined;
  readonly labels: readonly string[];
  readonly policyRevision: number | undefined;
}

export interface FilteredTool {
  readonly tool: string;
  readonly code: string | undefined;
  readonly message: string | undefined;
}

export interface ModelCallAnswer {
  readonly decisionId: string;
  readonly decision: "allow" | "deny";
  readonly reason: Reason | undefined;
  readonly tools: readonly string[];
  readonly filtered: readonly FilteredTool[];
  readonly labels: readonly string[];
  readonly policyRevision: number | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads the answer to a tool call.
 * @param sessionId The session that was asked about: an answer for another one is malformed.
 * @param decisionId The decision that was polled, if it was: an answer about another one is malformed.
 */
export function readToolCallAnswer(body: unknown, sessionId: string, decisionId?: string): ToolCallAnswer {
  const answer = object(body, "the answer");
  const decision = answer["decision"];
  if (decision !== "allow" && decision !== "deny" && decision !== "pending") throw malformed("`decision` is not allow, deny or pending");
  const id = text(answer["decisionId"], "`decisionId`");
  if (decisionId !== undefined && id !== decisionId) throw malformed("`decisionId` is another one than was asked for");
  return { decisionId: id, decision, ...common(answer, sessionId, decision) };
}

/** Reads the answer to a model call. See {@link readToolCallAnswer}. */
export function readModelCallAnswer(body: unknown, sessionId: string): ModelCallAnswer {
  const answer = object(body, "the answer");
  const decision = answer["decision"];
  if (decision !== "allow" && decision !== "deny") throw malformed("`decision` is not allow or deny");
  const decisionId = text(answer["decisionId"], "`decisionId`");
  const tools = decision === "allow" ? texts(answer["tools"], "`tools`") : [];
  const filtered = Array.isArray(answer["filtered"]) ? answer["filtered"].map(readFiltered) : [];
  return { decisionId, decision, tools, filtered, ...common(answer, sessionId, decision) };
}

/** Reads the answer to a report: the session must carry `labels` by now. */
export function readReportAnswer(body: unknown, labels: readonly string[]): void {
  const carried = texts(object(object(body, "the answer")["session"], "`session`")["labels"], "`session.labels`");
  const missing = labels.find((label) => !carried.includes(label));
  if (missing !== undefined) throw malformed(`the session does not carry \`${missing}\`, which was reported`);
}

function common(answer: Json, sessionId: string, decision: string): { reason: Reason | undefined; labels: readonly string[]; policyRevision: number | undefined } {
  const session = answer["session"];
  if (session !== undefined && session !== null) {
    const id = object(session, "`session`")["id"];
    if (id !== undefined && id !== sessionId) throw malformed("`session` is another one than was asked about");
  } else if (decision === "allow") {
    throw malformed("`session` is missing");
  }
  const labels = (session as Json | undefined | null)?.["labels"];
  const revision = answer["policyRevision"];
  return {
    reason: readReason(answer["reason"], decision),
    labels: Array.isArray(labels) ? labels.filter((label): label is string => typeof label === "string") : [],
    policyRevision: typeof revision === "number" ? revision : undefined,
  };
}

// A reason explains a no and decides nothing: one that cannot be read must not turn a deny into a failure.
function readReason(value: unknown, decision: string): Reason | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object") {
    if (decision === "allow") throw malformed("`reason` is not an object");
    return undefined;
  }
  const reason = value as Json;
  return {
    code: typeof reason["code"] === "string" ? reason["code"] : "error",
    message: typeof reason["message"] === "string" ? reason["message"] : "",
    advice: typeof reason["advice"] === "string" && reason["advice"] !== "" ? reason["advice"] : undefined,
  };
}

function readFiltered(value: unknown): FilteredTool {
  const entry = typeof value === "object" && value !== null ? (value as Json) : {};
  return {
    tool: typeof entry["tool"] === "string" ? entry["tool"] : "",
    code: typeof entry["code"] === "string" ? entry["code"] : undefined,
    message: typeof entry["message"] === "string" ? entry["message"] : undefined,
  };
}

function object(value: unknown, what: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(`${what} is not an object`);
  return value as Json;
}

function text(value: unknown, what: string): string {
  if (typeof value !== "string" || value === "") throw malformed(`${what} is missing or not a text`);
  return value;
}

function texts(value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value) || !value.every((one) => typeof one === "string")) throw malformed(`${what} is not a list of texts`);
  return value as string[];
}

function malformed(what: string): AgentMonitorError {
  return new AgentMonitorError("malformed", `the server's answer cannot be understood: ${what}`, { status: 200 });
}
