import assert from "node:assert/strict";
import { test } from "node:test";
import { agentMonitor, type AgentMonitorOptions } from "@agentmonitor/langchain";
import { actOnce, KEY } from "./agents.js";
import { FakeServer } from "./fake-server.js";

const good = { url: "http://127.0.0.1:1", apiKey: KEY };

for (const [name, options, wanted] of [
  ["NoUrl", { url: undefined }, /`url`/],
  ["NotAUrl", { url: "monitor" }, /`url`/],
  ["OtherProtocol", { url: "ftp://host" }, /http or https/],
  ["UserInUrl", { url: `http://me:${KEY}@host` }, /user name or password/],
  ["QueryInUrl", { url: "http://host/?a=1" }, /query/],
  ["NoKey", { apiKey: undefined }, /`apiKey`/],
  ["EmptyKey", { apiKey: "" }, /`apiKey`/],
  ["KeyWithLineBreak", { apiKey: `${KEY}\n` }, /printable ASCII/],
  ["NegativeTimeout", { timeoutMs: -1 }, /`timeoutMs`/],
  ["NaNTimeout", { timeoutMs: Number.NaN }, /`timeoutMs`/],
  ["TextAsRetries", { retries: "2" }, /`retries`/],
  ["TooManyRetries", { retries: 1_000 }, /`retries`/],
  ["TextAsFailOpen", { failOpen: "false" }, /`failOpen`/],
  ["UnknownMissingSession", { missingSession: "allow" }, /`missingSession`/],
  ["TextAsCallback", { onDecision: "log" }, /`onDecision`/],
  ["TextAsReportResults", { reportResults: "no" }, /`reportResults`/],
] as const) {
  test(`Options_${name}_Throw`, () => {
    assert.throws(
      () => agentMonitor({ ...good, ...options } as AgentMonitorOptions),
      (error: Error) => error instanceof TypeError && wanted.test(error.message) && !error.message.includes(KEY),
    );
  });
}

test("Options_SeveralMistakes_AreToldAtOnce", () => {
  assert.throws(() => agentMonitor({ url: "x", apiKey: "", retries: -1 }), /`url`.*`apiKey`.*`retries`/);
});

test("Options_FromTheEnvironment_AreUsed", async (t) => {
  const server = await FakeServer.start(t);
  process.env["AGENTMONITOR_URL"] = `${server.url}/`;
  process.env["AGENTMONITOR_API_KEY"] = "from-the-environment";
  t.after(() => {
    delete process.env["AGENTMONITOR_URL"];
    delete process.env["AGENTMONITOR_API_KEY"];
  });
  const { runs } = await actOnce(undefined as never, { apiKey: undefined });
  assert.equal(runs, 1);
  assert.equal(server.received[0]!.headers.authorization, "Bearer from-the-environment");
});

test("Options_UrlWithAPath_KeepsIt", async (t) => {
  const server = await FakeServer.start(t);
  const paths: string[] = [];
  await actOnce(`${server.url}/monitor/`, {
    fetch: (input, init) => {
      paths.push(new URL(String(input)).pathname);
      return fetch(String(input).replace("/monitor", ""), init);
    },
  });
  assert.equal(paths[0], "/monitor/v1/model-calls");
});
