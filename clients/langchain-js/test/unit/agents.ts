import { AIMessage, createAgent, fakeModel, HumanMessage, tool, type AIMessage as Answer, type ToolMessage } from "langchain";
import { z } from "zod";
import { agentMonitor, type AgentMonitorError, type AgentMonitorOptions, type DecisionEvent, type ErrorContext } from "@agentmonitor/langchain";

export const KEY = "am_test_0123456789abcdef";

/** A call that a scripted model makes. */
export interface Call {
  readonly name: string;
  readonly args: Record<string, unknown>;
  readonly id?: string;
}

/** A tool that counts how often its body ran. */
export function countingTool(name: string, body: (args: any, config?: any) => unknown = () => `${name} done`) {
  const counter = { runs: 0 };
  const made = tool(
    async (args, config) => {
      counter.runs++;
      return body(args, config);
    },
    { name, description: `The tool ${name}.`, schema: z.object({ text: z.string().optional() }) },
  );
  return Object.assign(made, { counter });
}

/** A model that makes these calls, one list for each turn, and then says that it is done. */
export function scripted(...turns: readonly (readonly Call[])[]) {
  const model = fakeModel();
  for (const calls of turns) model.respondWithTools([...calls]);
  return model.respond(new AIMessage("done"));
}

/** The options that most tests want: quick, and everything that is told is kept. */
export function watched(url: string, options: AgentMonitorOptions = {}) {
  const decisions: DecisionEvent[] = [];
  const errors: { error: AgentMonitorError; context: ErrorContext }[] = [];
  const monitor = agentMonitor({
    url,
    apiKey: KEY,
    session: "s",
    timeoutMs: 2_000,
    retryDelayMs: 1,
    onDecision: (event) => decisions.push(event),
    onError: (error, context) => errors.push({ error, context }),
    ...options,
  });
  return { monitor, decisions, errors };
}

/** Runs one agent with one tool `act`, which the model calls once. */
export async function actOnce(url: string, options: AgentMonitorOptions = {}, body?: (args: any, config?: any) => unknown) {
  const act = countingTool("act", body);
  const { monitor, decisions, errors } = watched(url, options);
  const model = scripted([{ name: "act", args: { text: "hi" }, id: "call_1" }]);
  const agent = createAgent({ model, tools: [act], middleware: [monitor] });
  const { messages } = await agent.invoke({ messages: [new HumanMessage("go")] });
  return { runs: act.counter.runs, modelCalls: model.callCount, messages, result: messages.find((m): m is ToolMessage => m.getType() === "tool"), last: messages.at(-1) as Answer, decisions, errors };
}

/** The text of a message. */
export const said = (message: { readonly content: unknown } | undefined): string => (typeof message?.content === "string" ? message.content : JSON.stringify(message?.content));
