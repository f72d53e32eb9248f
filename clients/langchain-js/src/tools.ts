import type { ClientTool, ServerTool } from "@langchain/core/tools";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import type { ModelRequest } from "langchain";
import { describe } from "./errors.js";
import type { OfferedTool } from "./wire.js";

type AnyTool = ClientTool | ServerTool;
type ToolChoice = ModelRequest["toolChoice"];

/**
 * The name by which a tool is governed. Tools that the provider runs may have none; their type is the name then.
 * @returns undefined when there is neither: such a tool cannot be governed and is never offered.
 */
export function toolName(tool: AnyTool): string | undefined {
  const { name, type, function: nested } = tool as { name?: unknown; type?: unknown; function?: { name?: unknown } };
  return [name, nested?.name, type].find((one): one is string => typeof one === "string" && one !== "");
}

/**
 * What the server is told of a tool. The definition of a tool that the provider runs is not sent, only its name: it may hold
 * credentials (the headers of a remote MCP server, for example).
 * @param onUnreadable Told of a schema that has no JSON form; the tool is offered without it.
 */
export function offer(tool: AnyTool, name: string, onUnreadable: (why: string) => void): OfferedTool {
  const { description, schema } = tool as { description?: unknown; schema?: unknown };
  return {
    name,
    ...(typeof description === "string" && description !== "" ? { description } : {}),
    ...(schema === undefined ? {} : jsonSchema(schema, onUnreadable)),
  };
}

function jsonSchema(schema: unknown, onUnreadable: (why: string) => void): { schema?: unknown } {
  try {
    return { schema: toJsonSchema(schema as Parameters<typeof toJsonSchema>[0]) };
  } catch (error) {
    onUnreadable(describe(error));
    return {};
  }
}

/** A choice that names a hidden tool, or that asks for any tool when there is none, would make the provider reject the request. */
export function choiceWithin(choice: ToolChoice, tools: readonly AnyTool[]): ToolChoice {
  if (choice === undefined || choice === "auto" || choice === "none") return tools.length === 0 ? undefined : choice;
  if (tools.length === 0) return undefined;
  const named = typeof choice === "object" ? ((choice as { function?: { name?: string }; name?: string }).function?.name ?? (choice as { name?: string }).name) : choice;
  if (named === undefined || named === "required" || named === "any") return choice;
  return tools.some((tool) => toolName(tool) === named) ? choice : undefined;
}
