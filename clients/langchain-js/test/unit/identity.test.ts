import assert from "node:assert/strict";
import { test } from "node:test";
import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import { AIMessage, createAgent, createMiddleware, fakeModel, HumanMessage, ToolMessage } from "langchain";
import type { AgentMonitorOptions } from "@agentmonitor/langchain";
import { countingTool, said, scripted, watched } from "./agents.js";
import { FakeServer } from "./fake-server.js";

const hi = { messages: [new HumanMessage("hi")] };

/** Runs an agent that only answers, and returns what the server was asked. */
async function askedWith(server: FakeServer, options: AgentMonitorOptions, config: object = {}, input: { messages: any[] } = hi) {
  const { monitor, errors } = watched(server.url, { session: undefined, ...options });
  const model = scripted();
  const { messages } = await createAgent({ model, tools: [], middleware: [monitor] }).invoke(input, config);
  return { body: server.to("model-calls").at(-1)?.body, errors, modelCalls: model.callCount, last: messages.at(-1) };
}

test("Identity_EverywhereGiven_OptionsWinThenContextThenConfigurable", async (t) => {
  const server = await FakeServer.start(t);
  const from = (where: string) => ({ session: `${where}-session`, users: [{ id: `${where}-user` }], parents: [{ agent: "a", id: where }], grants: [where] });
  const context = { agentMonitor: from("context") };
  const configurable = { agentMonitor: from("configurable"), thread_id: "thread" };
  const wanted = (where: string) => [{ id: `${where}-session`, parents: [{ agent: "a", id: where }], grants: [where] }, [{ id: `${where}-user` }]];
  const asked = async (options: AgentMonitorOptions, config: object) => {
    const { body } = await askedWith(server, options, config);
    return [body.session, body.users];
  };
  assert.deepEqual(await asked(from("option"), { context, configurable }), wanted("option"));
  assert.deepEqual(await asked({}, { context, configurable }), wanted("context"));
  assert.deepEqual(await asked({}, { configurable }), wanted("configurable"));
  assert.deepEqual(await asked({}, { configurable: { thread_id: "thread" } }), [{ id: "thread" }, undefined]);
});

test("Identity_PartsFromDifferentPlaces_AreLookedUpOneByOne", async (t) => {
  const server = await FakeServer.start(t);
  const { body } = await askedWith(server, { grants: ["financial"] }, { context: { agentMonitor: { users: [{ id: "alice", roles: ["pm"], token: "t" }] } }, configurable: { thread_id: "42" } });
  assert.deepEqual(body.session, { id: "42", grants: ["financial"] });
  assert.deepEqual(body.users, [{ id: "alice", roles: ["pm"], token: "t" }]);
});

test("Identity_Functions_SeeTheRuntimeAndMayWait", async (t) => {
  const server = await FakeServer.start(t);
  const { body } = await askedWith(
    server,
    {
      session: (runtime) => `chat-${runtime.context.chat}`,
      users: async (runtime) => [{ id: runtime.configurable?.["user"] as string }],
      parents: () => undefined,
      grants: () => [],
    },
    { context: { chat: 7, agentMonitor: { parents: [{ agent: "triage", id: "t" }] } }, configurable: { user: "bob" } },
  );
  assert.deepEqual(body.session, { id: "chat-7", parents: [{ agent: "triage", id: "t" }], grants: [] });
  assert.deepEqual(body.users, [{ id: "bob" }]);
});

for (const [name, options, config] of [
  ["FunctionThrows", { session: () => { throw new Error("no request"); } }, {}],
  ["FunctionRejects", { users: () => Promise.reject(new Error("no request")) }, {}],
  ["EmptySession", { session: "" }, {}],
  ["ObjectAsSession", { session: {} as never }, {}],
  ["OneUserInsteadOfAList", { users: { id: "a" } as never }, {}],
  ["TextAsUser", { users: ["alice"] as never }, {}],
  ["UserWithoutId", { users: [{ roles: ["pm"] }] as never }, {}],
  ["TextAsRoles", { users: [{ id: "a", roles: "pm" }] as never }, {}],
  ["ParentWithoutAgent", { parents: [{ id: "x" }] as never }, {}],
  ["TextAsGrants", { grants: "financial" as never }, {}],
  ["WrongContext", {}, { context: { agentMonitor: "s" } }],
  ["WrongUserInContext", {}, { context: { agentMonitor: { users: [null] } } }],
] as const) {
  test(`Identity_${name}_FailsClosedEvenWithFailOpen`, async (t) => {
    const server = await FakeServer.start(t);
    const { errors, modelCalls, last } = await askedWith(server, { failOpen: true, ...options }, { configurable: { thread_id: "t" }, ...config });
    assert.equal(modelCalls, 0);
    assert.deepEqual(errors.map(({ error }) => error.code), ["identity"]);
    assert.match(said(last), /could not be checked/);
    assert.deepEqual(server.received, []);
  });
}

test("Session_NumberAsThreadId_IsTakenAsText", async (t) => {
  const server = await FakeServer.start(t);
  assert.equal((await askedWith(server, {}, { configurable: { thread_id: 42 } })).body.session.id, "42");
});

test("Session_NoneFoundInAnEmptyRun_IsMadeUpOncePerRun", async (t) => {
  const server = await FakeServer.start(t);
  const { monitor } = watched(server.url, { session: undefined });
  const sessions = async (): Promise<string[]> => {
    const before = server.received.length;
    const agent = createAgent({ model: scripted([{ name: "act", args: {}, id: "c1" }]), tools: [countingTool("act")], middleware: [monitor] });
    await agent.invoke(hi);
    return server.received.slice(before).filter((request) => !request.path.endsWith("/result")).map((request) => request.body.session.id);
  };
  const runs = await Promise.all([sessions(), sessions(), sessions()]);
  const ids = new Set(runs.flat());
  assert.equal(ids.size, 3, "three runs of one middleware at once, each with a session of its own");
  for (const id of ids) assert.match(id, /^run-[0-9a-f-]{36}$/);
  assert.equal(server.to("tool-calls").length, 3);
});

for (const [name, messages] of [
  ["AnEarlierAnswer", [new HumanMessage("a"), new AIMessage("b"), new HumanMessage("c")]],
  ["AnEarlierResult", [new HumanMessage("a"), new AIMessage({ content: "", tool_calls: [{ name: "x", args: {}, id: "1" }] }), new ToolMessage({ content: "r", tool_call_id: "1" }), new HumanMessage("c")]],
  ["ASummary", [new HumanMessage({ content: "so far", additional_kwargs: { lc_source: "summarization" } }), new HumanMessage("c")]],
] as const) {
  test(`Session_NoneFoundBut${name}_IsRefused`, async (t) => {
    const server = await FakeServer.start(t);
    const { modelCalls, errors } = await askedWith(server, { failOpen: true }, {}, { messages: [...messages] });
    assert.equal(modelCalls, 0);
    assert.match(errors[0]!.error.message, /begins with an earlier conversation but has no session id.*thread_id/);
    assert.deepEqual(server.received, []);
  });

  test(`Session_NoneFoundBut${name}WithMissingSessionNew_IsMadeUp`, async (t) => {
    const server = await FakeServer.start(t);
    const { modelCalls, body } = await askedWith(server, { missingSession: "new" }, {}, { messages: [...messages] });
    assert.equal(modelCalls, 1);
    assert.match(body.session.id, /^run-/);
  });
}

test("Session_NoneFoundWithMissingSessionDeny_IsRefused", async (t) => {
  const server = await FakeServer.start(t);
  const { modelCalls, errors } = await askedWith(server, { missingSession: "deny" });
  assert.equal(modelCalls, 0);
  assert.match(errors[0]!.error.message, /no session id/);
});

test("Session_ForgedRunNoteInTheInput_IsIgnored", async (t) => {
  const server = await FakeServer.start(t);
  const { body } = await askedWith(server, {}, {}, { ...hi, _agentMonitorRun: { id: "forged", hasHistory: false } } as never);
  assert.notEqual(body.session.id, "run-forged");
});

// Call ids

test("CallId_RunResumedAfterAnInterrupt_IsTheSame", async (t) => {
  const server = await FakeServer.start(t);
  const act = countingTool("act", () => `answer: ${interrupt("sure?")}`);
  const { monitor } = watched(server.url, { session: undefined });
  const agent = createAgent({ model: scripted([{ name: "act", args: { text: "x" }, id: "call_1" }]), tools: [act], middleware: [monitor], checkpointer: new MemorySaver() });
  const config = { configurable: { thread_id: "t1" } };
  const paused = await agent.invoke(hi, config);
  assert.equal((paused as any).__interrupt__.length, 1);
  assert.deepEqual(server.to("results"), [], "a paused tool has no result yet");
  const { messages } = await agent.invoke(new Command({ resume: "yes" }), config);
  assert.equal(said(messages.find(ToolMessage.isInstance)), "answer: yes");
  const [first, second] = server.to("tool-calls");
  assert.deepEqual(second!.body, first!.body);
  assert.equal(server.to("results").length, 1);
});

test("CallId_ModelCallRunAgainAfterAnInterrupt_IsTheSame", async (t) => {
  const server = await FakeServer.start(t);
  const asking = createMiddleware({
    name: "Asking",
    wrapModelCall: (request, handler) => {
      interrupt("may I?");
      return handler(request);
    },
  });
  const { monitor } = watched(server.url, { session: undefined });
  const agent = createAgent({ model: scripted(), tools: [], middleware: [monitor, asking], checkpointer: new MemorySaver() });
  const config = { configurable: { thread_id: "t1" } };
  await agent.invoke(hi, config);
  await agent.invoke(new Command({ resume: "yes" }), config);
  const [first, second] = server.to("model-calls");
  assert.deepEqual(second!.body, first!.body);
});

test("CallId_SameIdFromTheModelInAnotherTurn_IsAnotherOne", async (t) => {
  const server = await FakeServer.start(t);
  const act = countingTool("act");
  const model = scripted([{ name: "act", args: { text: "1" }, id: "call_0" }], [{ name: "act", args: { text: "2" }, id: "call_0" }]);
  await createAgent({ model, tools: [act], middleware: [watched(server.url).monitor] }).invoke(hi);
  const ids = server.to("tool-calls").map((request) => request.body.callId);
  assert.equal(ids.length, 2);
  assert.notEqual(ids[0], ids[1]);
});

test("CallId_SameIdsInAnotherRunOrSession_AreOtherOnes", async (t) => {
  const server = await FakeServer.start(t);
  const { monitor } = watched(server.url, { session: undefined });
  for (const thread_id of ["t1", "t1", "t2"]) {
    const agent = createAgent({ model: scripted([{ name: "act", args: {}, id: "call_0" }]), tools: [countingTool("act")], middleware: [monitor] });
    await agent.invoke(hi, { configurable: { thread_id } });
  }
  const ids = [...server.to("tool-calls"), ...server.to("model-calls")].map((request) => request.body.callId);
  assert.equal(new Set(ids).size, 3 + 6);
});

test("CallId_LongOrOddIdFromTheModel_StaysWithinTheServersBounds", async (t) => {
  const server = await FakeServer.start(t);
  for (const id of ["x".repeat(500), "with blank", "new\nline", "\u202e"]) {
    await createAgent({ model: scripted([{ name: "act", args: {}, id }]), tools: [countingTool("act")], middleware: [watched(server.url).monitor] }).invoke(hi);
  }
  for (const request of server.to("tool-calls")) assert.match(request.body.callId, /^[0-9a-f]{32}$/);
});

test("CallId_ModelGivesNone_EachAskIsItsOwn", async (t) => {
  const server = await FakeServer.start(t);
  const { monitor } = watched(server.url);
  const run = { messages: [new AIMessage({ content: "", tool_calls: [{ name: "act", args: {} }] })] };
  const request = { toolCall: { name: "act", args: {}, type: "tool_call" }, tool: undefined, state: run, runtime: {} };
  const handler = (): ToolMessage => new ToolMessage({ content: "ok", tool_call_id: "" });
  await monitor.wrapToolCall!(request as never, handler as never);
  await monitor.wrapToolCall!(request as never, handler as never);
  const ids = server.to("tool-calls").map((one) => one.body.callId);
  assert.equal(new Set(ids).size, 2);
  for (const id of ids) assert.match(id, /^call-[0-9a-f-]{36}$/);
});

test("ModelCalls_InOneRun_HaveDifferentCallIds", async (t) => {
  const server = await FakeServer.start(t);
  const model = fakeModel().respondWithTools([{ name: "act", args: {}, id: "1" }]).respondWithTools([{ name: "act", args: {}, id: "2" }]).respond(new AIMessage("done"));
  await createAgent({ model, tools: [countingTool("act")], middleware: [watched(server.url).monitor] }).invoke(hi);
  const ids = server.to("model-calls").map((request) => request.body.callId);
  assert.equal(new Set(ids).size, 3);
});
