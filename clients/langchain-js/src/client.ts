import { randomUUID } from "node:crypto";
import { AgentMonitorError, describe } from "./errors.js";
import { isSendable, type Settings } from "./options.js";
import {
  readModelCallAnswer,
  readReportAnswer,
  readToolCallAnswer,
  type ModelCallAnswer,
  type ModelCallQuestion,
  type ResultReport,
  type ToolCallAnswer,
  type ToolCallQuestion,
} from "./wire.js";

/** Longest answer that is read, in bytes. Answers are a few hundred; the bound keeps a wrong address from filling memory. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** Longest wait that one poll asks for, in seconds: below the idle limits of common proxies. */
const POLL_SECONDS = 30;
/** Longest pause between two attempts of our own choosing, in milliseconds. */
const MAX_RETRY_DELAY_MS = 5_000;

type HttpSettings = Pick<Settings, "baseUrl" | "apiKey" | "timeoutMs" | "retries" | "retryDelayMs" | "maxRetryAfterMs" | "fetch">;

interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  /** Added to `timeoutMs`, for a poll that the server answers late on purpose. */
  readonly extraTimeMs?: number;
  /** The run's own signal: when it fires, its reason is thrown as it is. */
  readonly signal?: AbortSignal | undefined;
}

/** Speaks the agents' part of the wire contract. Every failure is an {@link AgentMonitorError}; only the run's own abort is not. */
export class MonitorClient {
  readonly #settings: HttpSettings;

  constructor(settings: HttpSettings) {
    this.#settings = settings;
  }

  async askToolCall(question: ToolCallQuestion, signal?: AbortSignal): Promise<ToolCallAnswer> {
    const body = await this.#send({ method: "POST", path: "/v1/tool-calls", body: question, signal });
    return readToolCallAnswer(body, question.session.id);
  }

  async askModelCall(question: ModelCallQuestion, signal?: AbortSignal): Promise<ModelCallAnswer> {
    const body = await this.#send({ method: "POST", path: "/v1/model-calls", body: question, signal });
    return readModelCallAnswer(body, question.session.id);
  }

  /**
   * Asks once how a pending decision stands.
   * @param waitMs How long the server may hold the answer back, in milliseconds; at most {@link POLL_SECONDS} are used.
   */
  async poll(decisionId: string, sessionId: string, waitMs: number, signal?: AbortSignal): Promise<ToolCallAnswer> {
    const wait = Math.min(POLL_SECONDS, Math.max(0, Math.ceil(waitMs / 1_000)));
    const path = `/v1/tool-calls/${encodeURIComponent(decisionId)}?wait=${wait}`;
    const body = await this.#send({ method: "GET", path, extraTimeMs: wait * 1_000, signal });
    return readToolCallAnswer(body, sessionId, decisionId);
  }

  /**
   * Not tied to the run's signal: a run that is given up must not erase its own record. A server that takes the report and leaves
   * out its labels counts as one that failed.
   */
  async report(decisionId: string, report: ResultReport): Promise<void> {
    const body = await this.#send({ method: "POST", path: `/v1/tool-calls/${encodeURIComponent(decisionId)}/result`, body: report });
    if (report.labels !== undefined) readReportAnswer(body, report.labels);
  }

  /** Sends a request until it is answered, its failure is final, or `retries` are used up. */
  async #send(call: Call): Promise<unknown> {
    const payload = call.body === undefined ? undefined : write(call.body);
    const requestId = randomUUID();
    for (let attempt = 0; ; attempt++) {
      call.signal?.throwIfAborted();
      const outcome = await this.#attempt(call, payload, requestId);
      if ("answer" in outcome) return outcome.answer;
      if (outcome.retryAfterMs === undefined || attempt >= this.#settings.retries) throw outcome.error;
      if (outcome.retryAfterMs > this.#settings.maxRetryAfterMs) throw outcome.error;
      await pause(Math.max(outcome.retryAfterMs, this.#backOff(attempt)), call.signal);
    }
  }

  /** One attempt. `retryAfterMs` is set when another one may help: what the server asked for, or 0. */
  async #attempt(call: Call, payload: string | undefined, requestId: string): Promise<{ answer: unknown } | { error: AgentMonitorError; retryAfterMs?: number }> {
    const deadline = new Deadline(this.#settings.timeoutMs + (call.extraTimeMs ?? 0), call.signal);
    try {
      const key = await this.#key(deadline.signal);
      const response = await this.#settings.fetch(this.#settings.baseUrl + call.path, {
        method: call.method,
        headers: {
          accept: "application/json",
          authorization: `Bearer ${key}`,
          "x-request-id": requestId,
          ...(payload === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(payload === undefined ? {} : { body: payload }),
        // A redirect could be answered by somebody else.
        redirect: "manual",
        signal: deadline.signal,
      });
      const text = await readText(response);
      if (response.status === 200) return { answer: parse(text, requestId) };
      return refusal(response, text, requestId, key);
    } catch (error) {
      if (call.signal?.aborted) throw call.signal.reason;
      if (error instanceof AgentMonitorError) return { error };
      if (deadline.expired) {
        return { error: new AgentMonitorError("timeout", `no answer from ${this.#settings.baseUrl} within ${deadline.ms} ms`, { requestId }) };
      }
      // The cause is not attached: what fetch throws may quote headers.
      return { error: new AgentMonitorError("unreachable", `cannot reach ${this.#settings.baseUrl} (${causeCode(error)})`, { requestId }), retryAfterMs: 0 };
    } finally {
      deadline.dispose();
    }
  }

  async #key(signal: AbortSignal): Promise<string> {
    let key: unknown;
    try {
      key = await orAborted(this.#settings.apiKey(), signal);
    } catch {
      signal.throwIfAborted();
      throw new AgentMonitorError("unsendable", "the function `apiKey` threw");
    }
    if (!isSendable(key)) throw new AgentMonitorError("unsendable", "the credential is missing or not printable ASCII without blanks");
    return key;
  }

  /** Half of it is fixed so that it backs off at all, half is random so that many agents do not return at once. */
  #backOff(attempt: number): number {
    const full = Math.min(MAX_RETRY_DELAY_MS, this.#settings.retryDelayMs * 2 ** attempt);
    return full / 2 + Math.random() * full;
  }
}

/** A time limit joined with the run's own signal. Its timer keeps the process alive: an unanswered question is not the end. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #outer: AbortSignal | undefined;
  readonly #forward: () => void;
  expired = false;

  constructor(
    readonly ms: number,
    outer: AbortSignal | undefined,
  ) {
    this.#forward = () => this.#controller.abort(outer?.reason);
    this.#outer = outer;
    this.#outer?.addEventListener("abort", this.#forward, { once: true });
    this.#timer = setTimeout(() => {
      this.expired = true;
      this.#controller.abort();
    }, ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#forward);
  }
}

function write(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (error) {
    throw new AgentMonitorError("unsendable", `the request cannot be written as JSON: ${describe(error)}`);
  }
}

function parse(text: string, requestId: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AgentMonitorError("malformed", "the server's answer is not JSON", { status: 200, requestId });
  }
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > MAX_ANSWER_BYTES) {
      await reader.cancel().catch(() => undefined);
      throw new AgentMonitorError("malformed", `the server's answer is longer than ${MAX_ANSWER_BYTES} bytes`, { status: response.status });
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Turns any status but 200 into an error, with the code and title of the problem document if there is one. */
function refusal(response: Response, text: string, requestId: string, key: string): { error: AgentMonitorError; retryAfterMs?: number } {
  const { status } = response;
  const problem = readProblem(text);
  const said = [problem.code, problem.title].filter((part) => part !== undefined).join(": ");
  const message = `the server answered ${status}${said === "" ? "" : ` (${describe(said)})`}`.replaceAll(key, "[credential]");
  const details = { status, problemCode: problem.code?.replaceAll(key, "[credential]"), requestId };
  if (status === 429) return { error: new AgentMonitorError("rate-limited", message, details), retryAfterMs: retryAfter(response) };
  if (status < 500) return { error: new AgentMonitorError("refused", message, details) };
  const error = new AgentMonitorError("server-error", message, details);
  return status === 502 || status === 503 || status === 504 ? { error, retryAfterMs: retryAfter(response) } : { error };
}

function readProblem(text: string): { code?: string; title?: string } {
  try {
    const problem: unknown = JSON.parse(text);
    if (typeof problem !== "object" || problem === null) return {};
    const { code, title } = problem as Record<string, unknown>;
    return { ...(typeof code === "string" ? { code } : {}), ...(typeof title === "string" ? { title } : {}) };
  } catch {
    return {};
  }
}

/** `Retry-After` in milliseconds, given as seconds or as a date (RFC 9110, 10.2.3); 0 when there is none or it cannot be read. */
function retryAfter(response: Response): number {
  const value = response.headers.get("retry-after")?.trim();
  if (value === undefined || value === "") return 0;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now());
}

function causeCode(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === "string" ? cause.code : "no connection";
}

/** `value`, unless `signal` fires first. */
function orAborted<T>(value: T | Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    Promise.resolve(value)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Resolves after `ms`; rejects with the signal's reason if that fires first. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
