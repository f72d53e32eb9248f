import { createHash, randomUUID } from "node:crypto";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { RunNote } from "./identity.js";
import type { ModelCallQuestion } from "./wire.js";

/** The server takes call ids of up to 256 characters; the readable part is what model providers make, and they stay well below. */
const READABLE = /^[\w.:-]{1,128}$/;

/**
 * The idempotency key of a tool call. Hooks are run again when an interrupted run is resumed, and must get the decision they
 * got before; two calls must never share one. The model's id of the call alone will not do, because some providers count from
 * zero in each answer: session, run and the message that holds the call go into it too, and all of them survive a resume.
 * A call without an id gets a new key each time, so that it is asked about again rather than confused with another.
 */
export function toolCallId(sessionId: string, run: RunNote | undefined, messages: readonly BaseMessage[], toolCall: { readonly id?: string }): string {
  if (toolCall.id === undefined || toolCall.id === "") return `call-${randomUUID()}`;
  const holder = messages.findLast((message) => AIMessage.isInstance(message) && message.tool_calls?.some((call) => call.id === toolCall.id));
  const digest = digestOf([sessionId, run?.id ?? "", holder?.id ?? "", toolCall.id]);
  return READABLE.test(toolCall.id) ? `${toolCall.id}:${digest}` : digest;
}

/** The idempotency key of a model call: where in the run it stands, and everything that is asked. */
export function modelCallId(run: RunNote | undefined, messages: readonly BaseMessage[], question: Omit<ModelCallQuestion, "callId">): string {
  return `model:${digestOf([run?.id ?? randomUUID(), messages.length, messages.at(-1)?.id ?? "", question])}`;
}

function digestOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
