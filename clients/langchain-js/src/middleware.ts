import { randomUUID } from "node:crypto";
import { AIMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import { isCommand, isGraphBubbleUp, isParentCommand, type Command } from "@langchain/langgraph";
import { createMiddleware, type AgentMiddleware, type ModelRequest, type ToolCallRequest } from "langchain";
import { z } from "zod";
import { modelCallId, toolCallId } from "./calls.js";
import { MonitorClient, pause } from "./client.js";
import { AgentMonitorError } from "./errors.js";
import { readList, readSessionRef, readText, resolveIdentity, type RunNote } from "./identity.js";
import { settingsFrom, type AgentMonitorOptions, type DecisionEvent, type ErrorContext, type Settings } from "./options.js";
import * as texts from "./texts.js";
import { choiceWithin, offer, toolName } from "./tools.js";
import type { Identity, ModelCallAnswer, OfferedTool, Reason, ResultReport, ToolCallAnswer } from "./wire.js";
import { hasHistory, textOf, wordsSinceLastCall } from "./words.js";

/**
 * Kept in the state, not in a closure: one middleware serves many runs at once. The underscore makes it private to LangChain,
 * so that it is neither read from the input of a run nor shown in its output.
 */
const runState = z.object({ _agentMonitorRun: z.object({ id: z.string(), hasHistory: z.boolean() }).optional() });

type State = Record<string, unknown> & { messages: BaseMessage[]; _agentMonitorRun?: RunNote | undefined };
type ToolRequest = ToolCallRequest<State, unknown>;
type ModelCallRequest = ModelRequest<State, unknown>;
type Result = ToolMessage | Command;

/** Shortest time between two polls of one call, in milliseconds. */
const MIN_POLL_MS = 1_000;

/** The plain type: nothing of this middleware's state or context appears in the types of the agent that uses it. */
export type AgentMonitorMiddleware = AgentMiddleware<undefined, undefined, unknown, readonly [], readonly []>;

/**
 * Middleware that asks AgentMonitor before every tool call and every model call, obeys the answer and reports what tools returned.
 * Put it last in the list: the last is the innermost, so that it decides on what is really about to run.
 * @throws TypeError when the options are wrong; it names every mistake at once.
 */
export function agentMonitor(options: AgentMonitorOptions = {}): AgentMonitorMiddleware {
  const guard = new Guard(settingsFrom(options));
  return createMiddleware({
    name: "AgentMonitor",
    stateSchema: runState,
    beforeAgent: (state) => ({ _agentMonitorRun: guard.beginRun(state.messages) }),
    wrapModelCall: (request, handler) => guard.modelCall(request as unknown as ModelCallRequest, (changed) => handler(changed as unknown as typeof request)),
    wrapToolCall: (request, handler) => guard.toolCall(request as unknown as ToolRequest, () => handler(request)),
  }) as unknown as AgentMonitorMiddleware;
}

/** What was found out about one call, as far as it got. Filled in on the way, so that a failure can be told with what is known. */
interface Progress {
  readonly kind: DecisionEvent["kind"];
  readonly tool: string | undefined;
  readonly startedAt: number;
  session: string | undefined;
  callId: string | undefined;
}

type Verdict =
  | { readonly run: true; /** Undefined when the call runs without a decision, because of `failOpen`. */ readonly decisionId: string | undefined }
  | { readonly run: false; readonly message: ToolMessage };

class Guard {
  readonly #settings: Settings;
  readonly #client: MonitorClient;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#client = new MonitorClient(settings);
  }

  beginRun(messages: readonly BaseMessage[]): RunNote {
    return { id: randomUUID(), hasHistory: hasHistory(messages, this.#isWordOfUser) };
  }

  /**
   * 1. Find out who asks. 2. Ask, and wait for a person if the answer is `pending`. 3. Run the tool only on `allow`.
   * 4. Report what it returned. Nothing but the tool's own error, the graph's own signals and the run's abort leaves this method.
   */
  async toolCall(request: ToolRequest, run: () => Result | Promise<Result>): Promise<Result> {
    const progress = begin("tool-call", request.toolCall.name);
    const verdict = await this.#decideToolCall(request, progress);
    if (!verdict.run) return verdict.message;
    request.runtime.signal?.throwIfAborted();
    return verdict.decisionId === undefined ? run() : this.#runAndReport(request, verdict.decisionId, progress, run);
  }

  async #decideToolCall(request: ToolRequest, progress: Progress): Promise<Verdict> {
    const { toolCall, state, runtime } = request;
    try {
      const identity = await this.#identify(request, progress);
      const callId = toolCallId(identity.session.id, state._agentMonitorRun, state.messages, toolCall);
      progress.callId = callId;
      const question = { ...identity, tool: toolCall.name, arguments: toolCall.args ?? {}, callId };
      const answer = await this.#client.askToolCall(question, runtime.signal);
      if (answer.decision === "pending") return await this.#waitForPerson(request, answer, progress);
      return this.#carryOut(request, answer, progress);
    } catch (error) {
      runtime.signal?.throwIfAborted();
      return this.#withoutAnswer(request, failure(error), progress);
    }
  }

  #carryOut(request: ToolRequest, answer: ToolCallAnswer, progress: Progress): Verdict {
    const { decision, decisionId, reason } = answer;
    this.#announce(progress, { decision, source: "server", decisionId, ...said(reason), labels: answer.labels, policyRevision: answer.policyRevision });
    switch (decision) {
      case "allow":
        return { run: true, decisionId };
      case "deny":
        return refuse(request, texts.denial(reason), { decision, decisionId, ...noted(reason) });
      case "pending":
        return refuse(request, texts.approval("waiting", reason), { decision, decisionId, ...noted(reason) });
    }
  }

  /** A call that waits for a person never runs without that person's yes: not on a failure, and not with `failOpen` either. */
  async #waitForPerson(request: ToolRequest, pending: ToolCallAnswer, progress: Progress): Promise<Verdict> {
    const { decisionId } = pending;
    const session = progress.session ?? "";
    this.#announce(progress, { decision: "pending", source: "server", decisionId, ...said(pending.reason), labels: pending.labels, policyRevision: pending.policyRevision });
    const until = performance.now() + this.#settings.waitForApprovalMs;
    let failed: AgentMonitorError | undefined;
    for (let left = until - performance.now(); left > 0; left = until - performance.now()) {
      const askedAt = performance.now();
      try {
        const answer = await this.#client.poll(decisionId, session, left, request.runtime.signal);
        failed = undefined;
        if (answer.decision !== "pending") return this.#carryOut(request, answer, progress);
      } catch (error) {
        request.runtime.signal?.throwIfAborted();
        // Told once for each stretch of failures, not once a second.
        if (failed === undefined) this.#failed(failure(error), "approval", progress);
        failed = failure(error);
        if (!failed.isOutage && failed.code !== "rate-limited") break;
      }
      // A server that answers a long poll at once must not be asked in a tight loop.
      await pause(Math.min(askedAt + MIN_POLL_MS, until) - performance.now(), request.runtime.signal);
    }
    if (failed === undefined) return refuse(request, texts.approval("waiting", pending.reason), { decision: "pending", decisionId, ...noted(pending.reason) });
    this.#announce(progress, { decision: "deny", source: "fail-closed", decisionId, error: failed });
    return refuse(request, texts.approval("unknown", pending.reason), { decision: "error", decisionId, code: failed.code });
  }

  #withoutAnswer(request: ToolRequest, error: AgentMonitorError, progress: Progress): Verdict {
    this.#failed(error, "tool-call", progress);
    if (this.#settings.failOpen && error.isOutage) {
      this.#announce(progress, { decision: "allow", source: "fail-open", error });
      return { run: true, decisionId: undefined };
    }
    this.#announce(progress, { decision: "deny", source: "fail-closed", error });
    return refuse(request, texts.toolFailure(error), { decision: "error", code: error.code });
  }

  async #runAndReport(request: ToolRequest, decisionId: string, progress: Progress, run: () => Result | Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    const wanted = this.#wantsReport(request.toolCall.name);
    const report = (status: ResultReport["status"], details: Partial<ResultReport>): Promise<AgentMonitorError | undefined> =>
      this.#report(progress, decisionId, { status, durationMs: Math.round(performance.now() - startedAt), ...details });
    let result: Result;
    try {
      result = await run();
    } catch (error) {
      // An interrupt pauses the tool, which has no result yet. A command to the parent graph is how a tool hands over when it is done.
      if (wanted && isParentCommand(error)) await report("ok", {});
      else if (wanted && !isGraphBubbleUp(error)) await report("error", { content: cut(error instanceof Error ? error.message : String(error), this.#settings.maxResultChars) });
      throw error;
    }
    const message = messageIn(result, request.toolCall.id);
    const origin = this.#originOf(request, message);
    if (origin === "unknown") return withheld(request, decisionId);
    if (!wanted && origin === undefined) return result;
    const content = wanted && message !== undefined ? { content: cut(textOf(message.content), this.#settings.maxResultChars) } : {};
    const failed = await report(message?.status === "error" ? "error" : "ok", { ...content, ...origin });
    if (failed === undefined || origin === undefined) return result;
    // The session lacks what the result would have added to its labels, so it must not read the result.
    return this.#settings.failOpen && failed.isOutage ? result : withheld(request, decisionId);
  }

  /** @returns Why the report did not arrive, if it did not; that was told through `onError` already. */
  async #report(progress: Progress, decisionId: string, report: ResultReport): Promise<AgentMonitorError | undefined> {
    try {
      await this.#client.report(decisionId, report);
      return undefined;
    } catch (error) {
      const failed = failure(error);
      this.#failed(failed, "result", progress);
      return failed;
    }
  }

  #originOf(request: ToolRequest, message: ToolMessage | undefined): Pick<ResultReport, "labels" | "fromSession"> | "unknown" | undefined {
    try {
      const origin = this.#settings.describeResult?.({ tool: request.toolCall.name, message, runtime: request.runtime });
      if (origin === undefined || origin === null) return undefined;
      return {
        ...(origin.labels === undefined ? {} : { labels: readList(origin.labels, "labels", readText) }),
        ...(origin.fromSession === undefined ? {} : { fromSession: readSessionRef(origin.fromSession, "fromSession") }),
      };
    } catch (error) {
      this.#callbackFailed("describeResult", error, request.toolCall.name);
      return "unknown";
    }
  }

  #wantsReport(tool: string): boolean {
    try {
      return this.#settings.reports(tool);
    } catch (error) {
      this.#callbackFailed("reportResults", error, tool);
      return true;
    }
  }

  /** 1. Find out who asks. 2. Ask, with the tools and the user's words. 3. Call the model with the tools that were listed, or not at all. */
  async modelCall(request: ModelCallRequest, run: (changed: ModelCallRequest) => AIMessage | Promise<AIMessage>): Promise<AIMessage> {
    const progress = begin("model-call", undefined);
    const decided = await this.#decideModelCall(request, progress);
    if (AIMessage.isInstance(decided)) return decided;
    request.runtime.signal?.throwIfAborted();
    return run(decided);
  }

  async #decideModelCall(request: ModelCallRequest, progress: Progress): Promise<AIMessage | ModelCallRequest> {
    const { state, runtime, messages } = request;
    try {
      const identity = await this.#identify(request, progress);
      const prompt = wordsSinceLastCall(messages, this.#isWordOfUser);
      const question = { ...identity, ...(prompt === undefined ? {} : { prompt }), tools: this.#offers(request, progress) };
      const callId = modelCallId(state._agentMonitorRun, messages, question);
      progress.callId = callId;
      return this.#limit(request, await this.#client.askModelCall({ ...question, callId }, runtime.signal), progress);
    } catch (error) {
      runtime.signal?.throwIfAborted();
      return this.#modelWithoutAnswer(request, failure(error), progress);
    }
  }

  /** Each name once: tools that share one, as a provider's nameless tools of one type do, are governed together. */
  #offers(request: ModelCallRequest, progress: Progress): OfferedTool[] {
    const offers = new Map<string, OfferedTool>();
    for (const tool of request.tools) {
      const name = toolName(tool);
      if (name === undefined || offers.has(name)) continue;
      const unreadable = (why: string): void =>
        this.#failed(new AgentMonitorError("unsendable", `the schema of \`${name}\` has no JSON form and was left out: ${why}`), "model-call", progress);
      offers.set(name, offer(tool, name, unreadable));
    }
    return [...offers.values()];
  }

  /** A tool that the server did not list is not offered: what is not named is not allowed. */
  #limit(request: ModelCallRequest, answer: ModelCallAnswer, progress: Progress): AIMessage | ModelCallRequest {
    const { decision, decisionId } = answer;
    const reason = answer.reason ?? (decision === "deny" ? firstReason(answer) : undefined);
    const listed = new Set(answer.tools);
    const tools = request.tools.filter((tool) => listed.has(toolName(tool) ?? ""));
    const hidden = request.tools
      .filter((tool) => !tools.includes(tool))
      .map((tool) => {
        const name = toolName(tool) ?? "(unnamed)";
        const why = answer.filtered.find((entry) => entry.tool === name);
        return { tool: name, code: why?.code, message: why?.message };
      });
    const offered = tools.map((tool) => toolName(tool) ?? "");
    this.#announce(progress, { decision, source: "server", decisionId, ...said(reason), labels: answer.labels, policyRevision: answer.policyRevision, offered, hidden });
    if (decision === "deny") return texts.modelMessage(texts.modelDenial(reason), { decision, decisionId, ...noted(reason) });
    if (hidden.length === 0) return request;
    const { toolChoice, ...rest } = request;
    const choice = choiceWithin(toolChoice, tools);
    return { ...rest, tools, ...(choice === undefined ? {} : { toolChoice: choice }) };
  }

  #modelWithoutAnswer(request: ModelCallRequest, error: AgentMonitorError, progress: Progress): AIMessage | ModelCallRequest {
    this.#failed(error, "model-call", progress);
    const names = request.tools.map((tool) => toolName(tool) ?? "(unnamed)");
    if (this.#settings.failOpen && error.isOutage) {
      this.#announce(progress, { decision: "allow", source: "fail-open", error, offered: names });
      return request;
    }
    this.#announce(progress, { decision: "deny", source: "fail-closed", error, hidden: names.map((tool) => ({ tool, code: undefined, message: undefined })) });
    return texts.modelMessage(texts.modelFailure(error), { decision: "error", code: error.code });
  }

  async #identify(request: ToolRequest | ModelCallRequest, progress: Progress): Promise<Identity> {
    const identity = await resolveIdentity(this.#settings, request.runtime, request.state._agentMonitorRun);
    progress.session = identity.session.id;
    return identity;
  }

  /** A function that throws vouches for nothing: the message is not taken for the user's words. */
  readonly #isWordOfUser = (message: BaseMessage): boolean => {
    try {
      return this.#settings.isUserMessage(message) === true;
    } catch (error) {
      this.#callbackFailed("isUserMessage", error, undefined);
      return false;
    }
  };

  #announce(progress: Progress, known: Pick<DecisionEvent, "decision" | "source"> & Partial<DecisionEvent>): void {
    const { kind, tool, session, callId } = progress;
    const unknown = { decisionId: undefined, code: undefined, message: undefined, advice: undefined, labels: [], policyRevision: undefined, offered: [], hidden: [], error: undefined };
    const event: DecisionEvent = { kind, tool, session, callId, ...unknown, ...known, elapsedMs: Math.round(performance.now() - progress.startedAt) };
    try {
      this.#settings.onDecision?.(event);
    } catch (error) {
      this.#callbackFailed("onDecision", error, tool);
    }
  }

  #failed(error: AgentMonitorError, during: ErrorContext["during"], progress: Progress): void {
    this.#tell(error, { during, tool: progress.tool, session: progress.session, callId: progress.callId });
  }

  #callbackFailed(name: string, error: unknown, tool: string | undefined): void {
    this.#tell(AgentMonitorError.from(error, "callback", `the function \`${name}\` threw`), { during: "callback", tool, session: undefined, callId: undefined });
  }

  #tell(error: AgentMonitorError, context: ErrorContext): void {
    try {
      this.#settings.onError(error, context);
    } catch {
      // There is nobody left to tell.
    }
  }
}

function begin(kind: DecisionEvent["kind"], tool: string | undefined): Progress {
  return { kind, tool, startedAt: performance.now(), session: undefined, callId: undefined };
}

function refuse(request: ToolRequest, content: string, note: texts.Note): Verdict {
  return { run: false, message: texts.toolMessage(request.toolCall, content, note) };
}

function failure(error: unknown): AgentMonitorError {
  return AgentMonitorError.from(error, "internal", "unexpected failure");
}

function said(reason: Reason | undefined): Pick<DecisionEvent, "code" | "message" | "advice"> {
  return { code: reason?.code, message: reason?.message, advice: reason?.advice };
}

function noted(reason: Reason | undefined): Omit<texts.Note, "decision"> {
  if (reason === undefined) return {};
  return { code: reason.code, message: reason.message, ...(reason.advice === undefined ? {} : { advice: reason.advice }) };
}

/** A denied model call need not carry a reason of its own: what the server said of the tools is the next best. */
function firstReason(answer: ModelCallAnswer): Reason | undefined {
  const first = answer.filtered.find((entry) => entry.message !== undefined);
  return first === undefined ? undefined : { code: first.code ?? "error", message: first.message ?? "", advice: undefined };
}

/** The message that answers the call: the result itself, or the one among the updates of a command. */
function messageIn(result: Result, toolCallId: string | undefined): ToolMessage | undefined {
  if (ToolMessage.isInstance(result)) return result;
  if (!isCommand(result)) return undefined;
  const update = result.update as { messages?: unknown } | undefined;
  const messages = Array.isArray(update?.messages) ? update.messages : [];
  return messages.find((message): message is ToolMessage => ToolMessage.isInstance(message) && message.tool_call_id === toolCallId);
}

function cut(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : text.slice(0, maxChars);
}

function withheld(request: ToolRequest, decisionId: string): ToolMessage {
  return texts.toolMessage(request.toolCall, texts.WITHHELD, { decision: "error", decisionId });
}
