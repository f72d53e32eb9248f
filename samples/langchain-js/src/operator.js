import { CATALOGUE } from "./tools.js";

/** The operator's side: registers the agent, classifies its tools and, later, presses the buttons. */
export class Operator {
  #url;
  #token;

  constructor(url, token) {
    this.#url = url;
    this.#token = token;
  }

  /** @returns a key for the agent that is good for an hour. */
  async register(agent) {
    await this.#send("PUT", `/v1/agents/${agent}`, { name: "Product manager", description: "Sample agent over a small database." });
    for (const [tool, facts] of Object.entries(CATALOGUE)) await this.#send("PUT", `/v1/agents/${agent}/tools/${tool}`, facts);
    const { key } = await this.#send("POST", `/v1/agents/${agent}/keys`, { name: "sample", expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    return key;
  }

  disableTool = (agent, tool, reason) => this.#send("PUT", `/v1/agents/${agent}/tools/${tool}/disable`, { reason });
  enableTool = (agent, tool) => this.#send("DELETE", `/v1/agents/${agent}/tools/${tool}/disable`);
  quarantine = (agent, reason) => this.#send("PUT", `/v1/agents/${agent}/quarantine`, { reason });
  release = (agent) => this.#send("DELETE", `/v1/agents/${agent}/quarantine`);

  async #send(method, path, body) {
    const response = await fetch(this.#url + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }
}
