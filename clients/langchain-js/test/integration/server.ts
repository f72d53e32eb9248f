import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** How long a server may take from its start until it is ready, in milliseconds. */
const START_MS = 120_000;

/** A real AgentMonitor, and the operator's side of its API. */
export class MonitorServer {
  private constructor(
    readonly url: string,
    readonly token: string,
    readonly stop: () => Promise<void>,
  ) {}

  /**
   * The server under AGENTMONITOR_URL if that is set, with AGENTMONITOR_OPERATOR_TOKEN as the operator's token. Otherwise a fresh one
   * with an empty data directory: AGENTMONITOR_SERVER_DLL if that is set, else the built project beside this package.
   */
  static async start(): Promise<MonitorServer> {
    const { AGENTMONITOR_URL: url, AGENTMONITOR_OPERATOR_TOKEN: token } = process.env;
    if (url !== undefined) {
      if (token === undefined) throw new Error("AGENTMONITOR_URL is set, AGENTMONITOR_OPERATOR_TOKEN is not");
      const server = new MonitorServer(url.replace(/\/$/, ""), token, () => Promise.resolve());
      await server.#waitUntilReady(() => undefined);
      return server;
    }
    return MonitorServer.#launch();
  }

  static async #launch(): Promise<MonitorServer> {
    const url = `http://127.0.0.1:${await freePort()}`;
    const token = randomBytes(24).toString("hex");
    const data = await mkdtemp(join(tmpdir(), "agentmonitor-"));
    const dll = process.env["AGENTMONITOR_SERVER_DLL"];
    const project = resolve(dirname(fileURLToPath(import.meta.url)), "../../../../AgentMonitor.Web");
    // A process group of its own: `dotnet run` starts the server as a child, which must go with it.
    const child = spawn("dotnet", dll === undefined ? ["run", "--no-build", "--no-launch-profile", "--project", project] : [dll], {
      cwd: dll === undefined ? project : dirname(resolve(dll)),
      env: { ...process.env, Urls: url, AgentMonitor__DataDirectory: data, AgentMonitor__Bootstrap__OperatorToken: token },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let log = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-8_000)));
    const stop = async (): Promise<void> => {
      await end(child);
      await rm(data, { recursive: true, force: true });
    };
    const server = new MonitorServer(url, token, stop);
    try {
      await server.#waitUntilReady(() => (child.exitCode === null ? undefined : `it ended with code ${child.exitCode}`));
    } catch (error) {
      await stop();
      throw new Error(`the server did not start: ${(error as Error).message}\n${log}`);
    }
    return server;
  }

  async #waitUntilReady(hasEnded: () => string | undefined): Promise<void> {
    const until = Date.now() + START_MS;
    while (Date.now() < until) {
      const ended = hasEnded();
      if (ended !== undefined) throw new Error(ended);
      const response = await fetch(`${this.url}/readyz`).catch(() => undefined);
      await response?.arrayBuffer();
      if (response?.status === 200) return;
      await new Promise((done) => setTimeout(done, 250));
    }
    throw new Error(`/readyz did not answer 200 within ${START_MS} ms`);
  }

  /** A request as the operator. Throws unless it succeeds. */
  async operate(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<any> {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Registers an agent with its tools. @returns its key. */
  async register(agent: string, tools: Readonly<Record<string, readonly string[]>>): Promise<string> {
    await this.operate("PUT", `/v1/agents/${agent}`, { name: agent });
    for (const [tool, tags] of Object.entries(tools)) await this.operate("PUT", `/v1/agents/${agent}/tools/${tool}`, { description: `The tool ${tool}.`, tags });
    const { key } = await this.operate("POST", `/v1/agents/${agent}/keys`, { name: "test" });
    return key;
  }

  /** Changes the policy's rules, on top of whatever revision is in force. */
  async changeRules(change: (rules: readonly any[]) => readonly any[]): Promise<void> {
    const { revision, rules } = await this.operate("GET", "/v1/policy");
    await this.operate("PUT", "/v1/policy", { rules: change(rules) }, { "if-match": `"${revision}"` });
  }

  /** The ledger's entries of one kind for one session. */
  async events(agent: string, session: string, kind: string): Promise<any[]> {
    const { items } = await this.operate("GET", `/v1/events?agent=${agent}&session=${encodeURIComponent(session)}&kind=${kind}&limit=100`);
    return items;
  }
}

/** A way to the server that can be cut, so that a test can take the server away in the middle of a run. */
export class Cable {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(target: URL) {
    this.#server = createServer((inner) => {
      const outer = connect(Number(target.port), target.hostname);
      for (const socket of [inner, outer]) {
        this.#sockets.add(socket);
        socket.on("error", () => undefined).on("close", () => (inner.destroy(), outer.destroy()));
      }
      inner.pipe(outer).pipe(inner);
    });
  }

  static async to(url: string): Promise<Cable> {
    const cable = new Cable(new URL(url));
    await new Promise<void>((done) => cable.#server.listen(0, "127.0.0.1", done));
    return cable;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async cut(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((done) => this.#server.close(done));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((done) => child.once("exit", done));
  const kill = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, signal);
    } catch {
      // It has ended by itself.
    }
  };
  kill("SIGTERM");
  const timer = setTimeout(() => kill("SIGKILL"), 10_000);
  await exited;
  clearTimeout(timer);
}
