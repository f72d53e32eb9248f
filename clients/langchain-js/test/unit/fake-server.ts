import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** What came in. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: any;
}

/** What goes out: a JSON body under a status, raw text, a broken connection, or nothing at all. */
export type Reply =
  | { readonly status?: number; readonly json?: unknown; readonly text?: string; readonly headers?: Record<string, string>; readonly delayMs?: number }
  | "break"
  | "silence";

type Route = (request: Received, count: number) => Reply | Promise<Reply>;

/** An AgentMonitor whose answers the test writes. Each route sees how many requests it has had before. */
export class FakeServer {
  readonly received: Received[] = [];
  toolCalls: Route = (request) => ({ json: allowed(request) });
  polls: Route = (request) => ({ json: { decisionId: decodeURIComponent(request.path.split("/")[3]!.split("?")[0]!), decision: "pending" } });
  results: Route = () => ({ json: { session: { id: "s", labels: [] } } });
  modelCalls: Route = (request) => ({ json: allTools(request) });

  readonly #counts = new Map<string, number>();
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  static async start(t: TestContext): Promise<FakeServer> {
    const fake = new FakeServer();
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    t.after(() => fake.stop());
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** The requests to one endpoint, in order. */
  to(kind: "tool-calls" | "polls" | "results" | "model-calls"): readonly Received[] {
    return this.received.filter((request) => kindOf(request) === kind);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += chunk;
    const received: Received = { method: request.method!, path: request.url!, headers: request.headers, body: text === "" ? undefined : JSON.parse(text) };
    this.received.push(received);
    const kind = kindOf(received);
    const route = { "tool-calls": this.toolCalls, polls: this.polls, results: this.results, "model-calls": this.modelCalls }[kind];
    const count = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, count + 1);
    const reply = await route(received, count);
    if (reply === "break") return void request.socket.destroy();
    if (reply === "silence") return;
    if (reply.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, reply.delayMs));
    response.writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers });
    response.end(reply.text ?? JSON.stringify(reply.json ?? {}));
  }
}

function kindOf(request: Received): "tool-calls" | "polls" | "results" | "model-calls" {
  if (request.path === "/v1/model-calls") return "model-calls";
  if (request.path.endsWith("/result")) return "results";
  return request.method === "GET" ? "polls" : "tool-calls";
}

let decisions = 0;

export function allowed(request: Received): object {
  return { decisionId: `d-${++decisions}`, decision: "allow", reason: { code: "default", message: "" }, session: { id: request.body.session.id, labels: [] }, policyRevision: 1 };
}

export function denied(request: Received, reason: object = { code: "policy", message: "No.", advice: "Ask again." }): object {
  return { ...allowed(request), decision: "deny", reason };
}

export function pending(request: Received, decisionId = "p-1"): object {
  return { ...allowed(request), decisionId, decision: "pending", reason: { code: "approval", message: "Needs a person." }, approval: { id: "a-1", expiresAt: "2030-01-01T00:00:00Z" } };
}

export function allTools(request: Received, without: readonly string[] = []): object {
  const names: string[] = request.body.tools.map((tool: { name: string }) => tool.name);
  return {
    decisionId: `m-${++decisions}`,
    decision: "allow",
    tools: names.filter((name) => !without.includes(name)),
    filtered: without.map((tool) => ({ tool, code: "policy", message: "Not now." })),
    session: { id: request.body.session.id, labels: [] },
  };
}
