import { AIMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import type { AgentMonitorError } from "./errors.js";
import type { Reason } from "./wire.js";

// Everything the model may read from this package. Short, says what happened and what to do, and never how a rule is written.

/** Kept in `artifact` of a tool message and in `response_metadata` of a model message, where no model sees it. */
export interface Note {
  readonly decision: "deny" | "pending" | "error";
  readonly decisionId?: string;
  readonly code?: string;
  readonly message?: string;
  readonly advice?: string;
}

const NOTE = "agentMonitor";

export type ApprovalOutcome = "rejected" | "expired" | "waiting" | "unknown";

/** What a denied tool call returns. The server's words come first and unchanged. */
export function denial(reason: Reason | undefined): string {
  switch (reason?.code) {
    case "approval-rejected":
      return approval("rejected", reason);
    case "approval-expired":
      return approval("expired", reason);
    default:
      return sentences(reason?.message || "Tool execution blocked by policy.", reason?.advice);
  }
}

/** What a call that needed a person's approval and did not get it returns. */
export function approval(outcome: ApprovalOutcome, reason: Reason | undefined): string {
  const own = {
    rejected: "This call was rejected by a person and has not run.",
    expired: "This call expired while it waited for a person's approval: nobody rejected it, and it has not run.",
    waiting: "This call still waits for a person's approval and has not run. Do not repeat it now; tell the user that it waits.",
    unknown: "This call needs a person's approval, and the outcome could not be learned. It has not run.",
  } satisfies Record<ApprovalOutcome, string>;
  return sentences(reason?.message, own[outcome], reason?.advice);
}

/** What a tool call returns when the server could not be asked. The cause goes to `onError`, not to the model. */
export function toolFailure(error: AgentMonitorError): string {
  return sentences("Tool execution blocked: it could not be checked whether this call is allowed, so it was not made.", afterwards(error));
}

/** What stands in for the model's answer when the server could not be asked. */
export function modelFailure(error: AgentMonitorError): string {
  return sentences("I cannot go on: it could not be checked whether I am allowed to.", afterwards(error));
}

/** What stands in for the model's answer when the agent is stopped. */
export function modelDenial(reason: Reason | undefined): string {
  return sentences(reason?.message || "I cannot go on: this agent has been stopped by an operator.", reason?.advice);
}

/** What a tool call returns whose result may not be used, because where it came from could not be recorded. */
export const WITHHELD = "The tool has run, but its result is withheld: where it came from could not be recorded. Do not run it again.";

function afterwards(error: AgentMonitorError): string {
  return error.isOutage || error.code === "rate-limited" ? "It may work later." : "Trying again will not help until this is repaired.";
}

/** An error result for a tool call that did not run, or whose result is withheld. */
export function toolMessage(toolCall: { readonly id?: string; readonly name: string }, content: string, note: Note): ToolMessage {
  return new ToolMessage({ content, tool_call_id: toolCall.id ?? "", name: toolCall.name, status: "error", artifact: { [NOTE]: note } });
}

/** An answer without tool calls, which ends the run. */
export function modelMessage(content: string, note: Note): AIMessage {
  return new AIMessage({ content, response_metadata: { [NOTE]: note } });
}

/** True for a {@link modelMessage} that was written because the server could not be asked. */
export function isFailureNotice(message: BaseMessage): boolean {
  const note = message.response_metadata?.[NOTE] as Partial<Note> | undefined;
  return note?.decision === "error";
}

function sentences(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(" ");
}
