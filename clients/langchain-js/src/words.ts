import { AIMessage, HumanMessage, type BaseMessage } from "@langchain/core/messages";
import { isFailureNotice } from "./texts.js";

/**
 * The user's own words since the last model call: the text of the human messages after the last answer of the model. An answer
 * that this package wrote because the server could not be asked does not count, since the words before it were never delivered.
 * @returns undefined when there are none.
 */
export function wordsSinceLastCall(messages: readonly BaseMessage[], isUserMessage: (message: BaseMessage) => boolean): string | undefined {
  const last = messages.findLastIndex((message) => AIMessage.isInstance(message) && !isFailureNotice(message));
  const words = messages
    .slice(last + 1)
    .filter((message) => HumanMessage.isInstance(message) && isUserMessage(message))
    .map((message) => textOf(message.content))
    .filter((text) => text !== "");
  return words.length === 0 ? undefined : words.join("\n\n");
}

/** True when a run begins with more than the user's words: somebody, or something, has spoken in this context before. */
export function hasHistory(messages: readonly BaseMessage[], isUserMessage: (message: BaseMessage) => boolean): boolean {
  return messages.some((message) => {
    const type = message.getType();
    return type !== "system" && type !== "developer" && !(type === "human" && isUserMessage(message)) && !isFailureNotice(message);
  });
}

/** The text of a message; images and other media are left out. */
export function textOf(content: BaseMessage["content"]): string {
  if (typeof content === "string") return content;
  return content
    .map((block) => (block.type === "text" && typeof block["text"] === "string" ? block["text"] : ""))
    .filter((text) => text !== "")
    .join("\n");
}
