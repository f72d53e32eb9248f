import assert from "node:assert/strict";
import { test } from "node:test";
import { createAgent, HumanMessage } from "langchain";
import type { AgentMonitorErrorCode, AgentMonitorOptions } from "@agentmonitor/langchain";
import { actOnce, countingTool, KEY, said, scripted, watched } from "./agents.js";
import { allowed, FakeServer, type Received, type Reply } from "./fake-server.js";

interface Failure {
  readonly name: string;
  readonly reply: (request: Received) => Reply;
  readonly code: AgentMonitorErrorCode;
  /** What `failOpen: true` does with it. */
  readonly opens: boolean;
  /** Attempts with `retries: 2`. */
  readonly attempts: number;
}

const with200 = (change: (answer: any) => unknown) => (request: Received): Reply => ({ json: change(allowed(request)) });

const failures: readonly Failure[] = [
  { name: "BrokenConnection", reply: () => "break", code: "unreachable", opens: true, attempts: 3 },
  { name: "Silence", reply: () => "silence", code: "timeout", opens: true, attempts: 1 },
  { name: "500", reply: () => ({ status: 500 }), code: "server-error", opens: true, attempts: 1 },
  { name: "502", reply: () => ({ status: 502, text: "<html>bad gateway</html>" }), code: "server-error", opens: true, attempts: 3 },
  { name: "503", reply: () => ({ status: 503, json: { code: "ledger-unavailable", title: "Not recorded" } }), code: "server-error", opens: true, attempts: 3 },
  { name: "504", reply: () => ({ status: 504 }), code: "server-error", opens: true, attempts: 3 },
  { name: "429", reply: () => ({ status: 429, headers: { "retry-after": "0" } }), code: "rate-limited", opens: false, attempts: 3 },
  { name: "429ForTooLong", reply: () => ({ status: 429, headers: { "retry-after": "3600" } }), code: "rate-limited", opens: false, attempts: 1 },
  { name: "400", reply: () => ({ status: 400, json: { code: "bad-request" } }), code: "refused", opens: false, attempts: 1 },
  { name: "401", reply: () => ({ status: 401 }), code: "refused", opens: false, attempts: 1 },
  { name: "403", reply: () => ({ status: 403 }), code: "refused", opens: false, attempts: 1 },
  { name: "404", reply: () => ({ status: 404 }), code: "refused", opens: false, attempts: 1 },
  { name: "409", reply: () => ({ status: 409, json: { code: "call-id-reused" } }), code: "refused", opens: false, attempts: 1 },
  { name: "413", reply: () => ({ status: 413 }), code: "refused", opens: false, attempts: 1 },
  { name: "Redirect", reply: () => ({ status: 307, headers: { location: "/v1/elsewhere" } }), code: "refused", opens: false, attempts: 1 },
  { name: "201", reply: (request) => ({ status: 201, json: allowed(request) }), code: "refused", opens: false, attempts: 1 },
  { name: "204", reply: () => ({ status: 204, text: "" }), code: "refused", opens: false, attempts: 1 },
  { name: "EmptyBody", reply: () => ({ text: "" }), code: "malformed", opens: false, attempts: 1 },
  { name: "Html", reply: () => ({ text: "<html>welcome</html>" }), code: "malformed", opens: false, attempts: 1 },
  { name: "TruncatedJson", reply: () => ({ text: '{"decision":"allow","decisionId":"d"' }), code: "malformed", opens: false, attempts: 1 },
  { name: "List", reply: () => ({ json: ["allow"] }), code: "malformed", opens: false, attempts: 1 },
  { name: "Text", reply: () => ({ json: "allow" }), code: "malformed", opens: false, attempts: 1 },
  { name: "Null", reply: () => ({ text: "null" }), code: "malformed", opens: false, attempts: 1 },
  { name: "NoDecision", reply: with200(({ decision: _, ...rest }) => rest), code: "malformed", opens: false, attempts: 1 },
  { name: "UnknownDecision", reply: with200((answer) => ({ ...answer, decision: "maybe" })), code: "malformed", opens: false, attempts: 1 },
  { name: "OddlyCasedDecision", reply: with200((answer) => ({ ...answer, decision: "Allow" })), code: "malformed", opens: false, attempts: 1 },
  { name: "TrueDecision", reply: with200((answer) => ({ ...answer, decision: true })), code: "malformed", opens: false, attempts: 1 },
  { name: "NoSession", reply: with200(({ session: _, ...rest }) => rest), code: "malformed", opens: false, attempts: 1 },
  { name: "AnotherSession", reply: with200((answer) => ({ ...answer, session: { id: "other" } })), code: "malformed", opens: false, attempts: 1 },
  { name: "NoDecisionId", reply: with200(({ decisionId: _, ...rest }) => rest), code: "malformed", opens: false, attempts: 1 },
  { name: "NumberAsDecisionId", reply: with200((answer) => ({ ...answer, decisionId: 7 })), code: "malformed", opens: false, attempts: 1 },
  { name: "TextAsReasonOfAnAllow", reply: with200((answer) => ({ ...answer, reason: "deny" })), code: "malformed", opens: false, attempts: 1 },
  { name: "EndlessAnswer", reply: with200((answer) => ({ ...answer, pad: "x".repeat(5 * 1024 * 1024) })), code: "malformed", opens: false, attempts: 1 },
];

for (const { name, reply, code, opens, attempts } of failures) {
  const options: AgentMonitorOptions = { timeoutMs: 300, retries: 2 };

  test(`ToolCall_${name}_FailsClosed`, async (t) => {
    const server = await FakeServer.start(t);
    server.toolCalls = reply;
    const { runs, result, last, decisions, errors } = await actOnce(server.url, options);
    assert.equal(runs, 0);
    assert.match(said(result), /^Tool execution blocked: it could not be checked/);
    assert.equal(result?.status, "error");
    assert.equal(said(last), "done", "the run goes on");
    assert.deepEqual(errors.map(({ error, context }) => [error.code, context.during]), [[code, "tool-call"]]);
    const event = decisions.find((one) => one.kind === "tool-call")!;
    assert.deepEqual([event.decision, event.source, event.error?.code], ["deny", "fail-closed", code]);
    assert.equal(server.to("tool-calls").length, attempts);
    assert.equal(new Set(server.to("tool-calls").map((request) => JSON.stringify(request.body))).size, 1, "every attempt asks the same under the same call id");
  });

  test(`ToolCall_${name}WithFailOpen_${opens ? "Runs" : "StaysClosed"}`, async (t) => {
    const server = await FakeServer.start(t);
    server.toolCalls = reply;
    const { runs, decisions, errors } = await actOnce(server.url, { ...options, failOpen: true });
    assert.equal(runs, opens ? 1 : 0);
    assert.equal(errors.length, 1, "told all the same");
    assert.equal(decisions.find((one) => one.kind === "tool-call")!.source, opens ? "fail-open" : "fail-closed");
    assert.deepEqual(server.to("results"), [], "there is no decision to report to");
  });

  // Three of the cases are about members that only the answer to a tool call has, or that a model call reads otherwise.
  test(`ModelCall_${name}_NeverReachesTheModel`, async (t) => {
    const server = await FakeServer.start(t);
    server.modelCalls = (request) => withTools(reply(request), request);
    const { runs, modelCalls, last, errors } = await actOnce(server.url, options);
    assert.equal(modelCalls, 0);
    assert.equal(runs, 0);
    assert.match(said(last), /^I cannot go on: it could not be checked/);
    assert.deepEqual(last.tool_calls ?? [], []);
    assert.deepEqual(errors.map(({ error, context }) => [error.code, context.during]), [[code, "model-call"]]);
  });

  test(`ModelCall_${name}WithFailOpen_${opens ? "ReachesTheModel" : "StaysClosed"}`, async (t) => {
    const server = await FakeServer.start(t);
    server.modelCalls = (request) => withTools(reply(request), request);
    const { modelCalls } = await actOnce(server.url, { ...options, failOpen: true });
    assert.equal(modelCalls, opens ? 2 : 0);
  });
}

function withTools(reply: Reply, request: Received): Reply {
  if (typeof reply === "string" || typeof reply.json !== "object" || reply.json === null || Array.isArray(reply.json) || !("session" in reply.json || "decision" in reply.json)) return reply;
  return { ...reply, json: { ...reply.json, tools: request.body.tools.map((tool: { name: string }) => tool.name), filtered: [] } };
}

test("Server_NotThereAtAll_NothingRuns", async (t) => {
  const server = await FakeServer.start(t);
  const { url } = server;
  await server.stop();
  const { runs, modelCalls, errors } = await actOnce(url, { retries: 1 });
  assert.deepEqual([runs, modelCalls], [0, 0]);
  assert.match(errors[0]!.error.message, /cannot reach http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)/);
});

test("Server_NotThereWithFailOpen_EverythingRuns", async (t) => {
  const server = await FakeServer.start(t);
  const { url } = server;
  await server.stop();
  const { runs, modelCalls } = await actOnce(url, { retries: 0, failOpen: true });
  assert.deepEqual([runs, modelCalls], [1, 2]);
});

test("Server_SlowHeadersAndBody_TheTimeLimitCoversBoth", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: allowed(request), delayMs: 1_000 });
  const startedAt = performance.now();
  const { runs, errors } = await actOnce(server.url, { timeoutMs: 200 });
  assert.equal(runs, 0);
  assert.equal(errors[0]!.error.code, "timeout");
  assert.ok(performance.now() - startedAt < 900);
});

test("Retry_SecondAttemptAnswers_TheAnswerCounts", async (t) => {
  for (const first of ["break", { status: 503 }, { status: 429 }] as const) {
    const server = await FakeServer.start(t);
    server.toolCalls = (request, count) => (count === 0 ? first : { json: allowed(request) });
    const { runs, errors } = await actOnce(server.url);
    assert.equal(runs, 1);
    assert.deepEqual(errors, []);
    const [one, two] = server.to("tool-calls");
    assert.deepEqual(two!.body, one!.body);
    assert.equal(two!.headers["x-request-id"], one!.headers["x-request-id"]);
  }
});

for (const [name, header] of [
  ["Seconds", () => "1"],
  ["ADate", () => new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000).toUTCString()],
] as const) {
  test(`Retry_RetryAfterIn${name}_IsObeyed`, async (t) => {
    const server = await FakeServer.start(t);
    const at: number[] = [];
    server.toolCalls = (request, count) => {
      at.push(performance.now());
      return count === 0 ? { status: 429, headers: { "retry-after": header() } } : { json: allowed(request) };
    };
    const { runs } = await actOnce(server.url);
    assert.equal(runs, 1);
    assert.ok(at[1]! - at[0]! >= 950, `waited ${at[1]! - at[0]!} ms`);
  });
}

test("Retry_UnreadableRetryAfter_FallsBackToTheBackOff", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request, count) => (count === 0 ? { status: 429, headers: { "retry-after": "soon" } } : { json: allowed(request) });
  assert.equal((await actOnce(server.url)).runs, 1);
});

test("Retry_Zero_AsksOnce", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = () => ({ status: 503 });
  await actOnce(server.url, { retries: 0 });
  assert.equal(server.to("tool-calls").length, 1);
});

test("Run_AbortedWhileAsking_EndsAndNothingRuns", async (t) => {
  for (const kind of ["toolCalls", "modelCalls"] as const) {
    const server = await FakeServer.start(t);
    const stop = new AbortController();
    server[kind] = () => {
      stop.abort(new Error("the user left"));
      return "silence";
    };
    const act = countingTool("act");
    const { monitor, decisions, errors } = watched(server.url, { failOpen: true });
    const agent = createAgent({ model: scripted([{ name: "act", args: {}, id: "c1" }]), tools: [act], middleware: [monitor] });
    await assert.rejects(agent.invoke({ messages: [new HumanMessage("go")] }, { signal: stop.signal }));
    await new Promise((done) => setTimeout(done, 50));
    assert.equal(act.counter.runs, 0);
    assert.deepEqual(errors, [], "an abort is not a failure of the server");
    assert.deepEqual(decisions.map((event) => event.kind), kind === "toolCalls" ? ["model-call"] : []);
  }
});

test("Credential_EchoedByTheServer_IsNowhereInWhatIsTold", async (t) => {
  const server = await FakeServer.start(t);
  const echo = (request: Received): Reply => ({ status: 401, json: { code: `bad-${KEY}`, title: `no such key: ${request.headers.authorization}`, detail: KEY } });
  server.toolCalls = echo;
  server.results = echo;
  const { errors, messages } = await actOnce(server.url);
  const told = errors.map(({ error }) => `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).join() + JSON.stringify(messages);
  assert.match(told, /401/);
  assert.ok(!told.includes(KEY), told);
});

test("Credential_FromAFunction_IsAskedForEachRequest", async (t) => {
  const server = await FakeServer.start(t);
  let count = 0;
  await actOnce(server.url, { apiKey: async () => `key-${++count}` });
  assert.deepEqual(server.received.map((request) => request.headers.authorization), ["Bearer key-1", "Bearer key-2", "Bearer key-3", "Bearer key-4"]);
});

for (const [name, apiKey] of [
  ["Throws", () => { throw new Error(`cannot read ${KEY}`); }],
  ["Rejects", () => Promise.reject(new Error(`cannot read ${KEY}`))],
  ["ReturnsNothing", () => undefined as never],
  ["ReturnsALineBreak", () => `${KEY}\nX-Other: 1`],
  ["ReturnsNonAscii", () => `${KEY}é`],
] as const) {
  test(`Credential_Function${name}_FailsClosedAndIsNotRepeated`, async (t) => {
    const server = await FakeServer.start(t);
    const { runs, modelCalls, errors } = await actOnce(server.url, { apiKey, failOpen: true });
    assert.deepEqual([runs, modelCalls], [0, 0]);
    assert.equal(errors[0]!.error.code, "unsendable");
    assert.ok(!`${errors[0]!.error.stack}${String(errors[0]!.error.cause)}`.includes(KEY));
    assert.deepEqual(server.received, []);
  });
}

test("Credential_FunctionNeverReturns_TimesOut", async (t) => {
  const server = await FakeServer.start(t);
  const { modelCalls, errors } = await actOnce(server.url, { apiKey: () => new Promise(() => undefined), timeoutMs: 100 });
  assert.equal(modelCalls, 0);
  assert.equal(errors[0]!.error.code, "timeout");
});

test("Callbacks_Throw_NothingBreaks", async (t) => {
  const server = await FakeServer.start(t);
  const boom = (): never => {
    throw new Error("boom");
  };
  const { runs, last } = await actOnce(server.url, { onDecision: boom, onError: boom, reportResults: boom });
  assert.equal(runs, 1);
  assert.equal(said(last), "done");
  assert.equal(server.to("results").length, 1, "when in doubt, report");
});

test("Callbacks_OnDecisionThrows_IsToldThroughOnError", async (t) => {
  const server = await FakeServer.start(t);
  const { errors } = await actOnce(server.url, {
    onDecision: () => {
      throw new Error("boom");
    },
  });
  assert.deepEqual(errors.map(({ error, context }) => [error.code, context.during]), Array(3).fill(["callback", "callback"]));
});

test("Arguments_ThatCannotBeWritten_FailClosed", async (t) => {
  const server = await FakeServer.start(t);
  const act = countingTool("act");
  const { monitor, errors } = watched(server.url);
  const model = scripted([{ name: "act", args: { text: 1n as unknown as string }, id: "c1" }]);
  const agent = createAgent({ model, tools: [act], middleware: [monitor] });
  await agent.invoke({ messages: [new HumanMessage("go")] });
  assert.equal(act.counter.runs, 0);
  assert.equal(errors[0]!.error.code, "unsendable");
});

test("OnError_NotGiven_WarnsInOneLineWithoutTheCredential", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = () => ({ status: 401 });
  const lines: string[] = [];
  t.mock.method(console, "warn", (line: string) => lines.push(line));
  await actOnce(server.url, { onError: undefined });
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^\[agentmonitor\] tool-call act: refused: the server answered 401$/);
});
