import assert from "node:assert/strict";
import { test } from "node:test";
import { AIMessage, createAgent, createMiddleware, fakeModel, FakeToolCallingModel, HumanMessage, SystemMessage, tool, ToolMessage } from "langchain";
import { z } from "zod";
import { actOnce, countingTool, said, scripted, watched } from "./agents.js";
import { allTools, denied, FakeServer } from "./fake-server.js";

/** Notes which tools the model was offered, as the innermost middleware sees them. */
function offers() {
  const offered: { tools: string[]; toolChoice: unknown }[] = [];
  const watcher = createMiddleware({
    name: "Offers",
    wrapModelCall: (request, handler) => {
      offered.push({ tools: request.tools.map((one) => String((one as { name?: string }).name ?? (one as { type?: string }).type)), toolChoice: request.toolChoice });
      return handler(request);
    },
  });
  return { offered, watcher };
}

test("ModelCall_Asked_SendsToolsWithDescriptionAndJsonSchema", async (t) => {
  const server = await FakeServer.start(t);
  const search = tool(() => "x", { name: "search", description: "Finds things.", schema: z.object({ query: z.string().describe("what"), limit: z.number().int().optional() }) });
  const raw = tool(() => "x", { name: "raw", description: "Raw.", schema: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } });
  const agent = createAgent({ model: scripted(), tools: [search, raw, { type: "web_search", headers: { authorization: "secret" } }], middleware: [watched(server.url).monitor] });
  await agent.invoke({ messages: [new HumanMessage("find it")] });
  const { body } = server.to("model-calls")[0]!;
  assert.equal(body.prompt, "find it");
  assert.deepEqual(body.session, { id: "s" });
  assert.match(body.callId, /^model:[0-9a-f]{32}$/);
  const [first, second, third] = body.tools;
  assert.equal(first.name, "search");
  assert.equal(first.description, "Finds things.");
  assert.equal(first.schema.type, "object");
  assert.equal(first.schema.properties.query.description, "what");
  assert.deepEqual(first.schema.required, ["query"]);
  assert.deepEqual(second, { name: "raw", description: "Raw.", schema: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } });
  assert.deepEqual(third, { name: "web_search" }, "a provider's tool may hold credentials: only its name is sent");
});

test("ModelCall_ToolNotListed_IsNotOfferedButStillDecidedWhenCalled", async (t) => {
  const server = await FakeServer.start(t);
  server.modelCalls = (request) => ({ json: allTools(request, ["hidden"]) });
  server.toolCalls = (request) => ({ json: denied(request) });
  const [open, hidden] = [countingTool("open"), countingTool("hidden")];
  const { offered, watcher } = offers();
  const { monitor, decisions } = watched(server.url);
  const agent = createAgent({ model: scripted([{ name: "hidden", args: {}, id: "c1" }]), tools: [open, hidden, { type: "web_search" }], middleware: [monitor, watcher] });
  await agent.invoke({ messages: [new HumanMessage("go")] });
  assert.deepEqual(offered[0]!.tools, ["open", "web_search"]);
  assert.equal(hidden.counter.runs, 0);
  assert.deepEqual(server.to("tool-calls").map((request) => request.body.tool), ["hidden"]);
  assert.deepEqual(decisions[0]!.hidden, [{ tool: "hidden", code: "policy", message: "Not now." }]);
  assert.deepEqual(decisions[0]!.offered, ["open", "web_search"]);
});

test("ModelCall_ToolsThatShareAName_AreSentOnceAndGovernedTogether", async (t) => {
  const server = await FakeServer.start(t);
  const { offered, watcher } = offers();
  const { monitor } = watched(server.url);
  const hosted = [{ type: "mcp", server: "a" }, { type: "mcp", server: "b" }];
  const run = () => createAgent({ model: scripted(), tools: [countingTool("act"), ...hosted], middleware: [monitor, watcher] }).invoke({ messages: [new HumanMessage("go")] });
  await run();
  server.modelCalls = (request) => ({ json: allTools(request, ["mcp"]) });
  await run();
  assert.deepEqual(server.to("model-calls")[0]!.body.tools.map((one: { name: string }) => one.name), ["act", "mcp"]);
  assert.deepEqual(offered.map((one) => one.tools), [["act", "mcp", "mcp"], ["act"]]);
});

test("ModelCall_NothingListed_TheModelIsCalledWithoutTools", async (t) => {
  const server = await FakeServer.start(t);
  server.modelCalls = (request) => ({ json: { ...allTools(request), tools: [] } });
  const { offered, watcher } = offers();
  const model = scripted();
  await createAgent({ model, tools: [countingTool("act")], middleware: [watched(server.url).monitor, watcher] }).invoke({ messages: [new HumanMessage("go")] });
  assert.deepEqual(offered[0]!.tools, []);
  assert.equal(model.callCount, 1);
});

test("ModelCall_ListedToolsThatWereNotOffered_AreIgnored", async (t) => {
  const server = await FakeServer.start(t);
  server.modelCalls = (request) => ({ json: { ...allTools(request), tools: ["act", "other"] } });
  const { offered, watcher } = offers();
  await createAgent({ model: scripted(), tools: [countingTool("act")], middleware: [watched(server.url).monitor, watcher] }).invoke({ messages: [new HumanMessage("go")] });
  assert.deepEqual(offered[0]!.tools, ["act"]);
});

for (const [name, tools] of [["NoTools", undefined], ["TextAsTools", "act"], ["NumbersAsTools", [1]], ["ObjectsAsTools", [{ name: "act" }]]] as const) {
  test(`ModelCall_${name}_FailsClosed`, async (t) => {
    const server = await FakeServer.start(t);
    server.modelCalls = (request) => ({ json: { ...allTools(request), tools } });
    const { modelCalls, errors } = await actOnce(server.url, { failOpen: true });
    assert.equal(modelCalls, 0);
    assert.equal(errors[0]!.error.code, "malformed");
  });
}

test("ModelCall_Denied_TheModelIsNotCalledAndTheRunEnds", async (t) => {
  const server = await FakeServer.start(t);
  server.modelCalls = (request) => ({ json: { ...allTools(request), decision: "deny", tools: [], reason: { code: "quarantined", message: "This agent is in quarantine.", advice: "Ask the security team." } } });
  const { modelCalls, runs, last, decisions } = await actOnce(server.url);
  assert.deepEqual([modelCalls, runs], [0, 0]);
  assert.equal(said(last), "This agent is in quarantine. Ask the security team.");
  assert.deepEqual(last.tool_calls ?? [], []);
  assert.equal((last.response_metadata as any).agentMonitor.code, "quarantined");
  assert.deepEqual([decisions[0]!.decision, decisions[0]!.code], ["deny", "quarantined"]);
});

test("ModelCall_DeniedWithoutAReason_SaysWhatTheFilterSaidOrAStandardText", async (t) => {
  const server = await FakeServer.start(t);
  server.modelCalls = (request) => ({ json: { decisionId: "m", decision: "deny", tools: [], filtered: [{ tool: "act", code: "quarantined", message: "Stopped by Ann." }], session: request.body.session } });
  assert.equal(said((await actOnce(server.url)).last), "Stopped by Ann.");
  server.modelCalls = () => ({ json: { decisionId: "m", decision: "deny" } });
  assert.match(said((await actOnce(server.url)).last), /stopped by an operator/);
});

test("ModelCall_ForcedChoiceOfAHiddenTool_IsDropped", async (t) => {
  const server = await FakeServer.start(t);
  server.modelCalls = (request) => ({ json: allTools(request, ["hidden"]) });
  const cases = [
    [{ type: "function", function: { name: "hidden" } }, undefined],
    [{ type: "function", function: { name: "open" } }, { type: "function", function: { name: "open" } }],
    ["required", "required"],
    ["auto", "auto"],
  ] as const;
  for (const [asked, wanted] of cases) {
    const forcing = createMiddleware({ name: "Forcing", wrapModelCall: (request, handler) => handler({ ...request, toolChoice: asked }) });
    const { offered, watcher } = offers();
    const agent = createAgent({ model: scripted(), tools: [countingTool("open"), countingTool("hidden")], middleware: [forcing, watched(server.url).monitor, watcher] });
    await agent.invoke({ messages: [new HumanMessage("go")] });
    assert.deepEqual(offered[0]!.toolChoice, wanted);
  }
});

test("ModelCall_NamelessToolWithoutAType_IsNeverOffered", async (t) => {
  const server = await FakeServer.start(t);
  const { offered, watcher } = offers();
  await createAgent({ model: scripted(), tools: [{ odd: true }, countingTool("act")], middleware: [watched(server.url).monitor, watcher] }).invoke({ messages: [new HumanMessage("go")] });
  assert.deepEqual(offered[0]!.tools, ["act"]);
});

test("ModelCall_SchemaWithoutJsonForm_IsToldAndTheToolIsOfferedWithoutIt", async (t) => {
  const server = await FakeServer.start(t);
  const odd = tool(() => "x", { name: "odd", description: "Odd.", schema: z.object({ when: z.date() }) });
  const { monitor, errors } = watched(server.url);
  // The agent as a whole may refuse such a schema later; what counts is what was sent.
  await createAgent({ model: scripted(), tools: [odd], middleware: [monitor] }).invoke({ messages: [new HumanMessage("go")] });
  const [sent] = server.to("model-calls")[0]!.body.tools;
  assert.equal(sent.name, "odd");
  assert.ok(sent.schema === undefined ? errors.length === 1 : typeof sent.schema === "object");
});

// The user's words

test("Words_SecondTurn_OnlyTheNewOnesAreSent", async (t) => {
  const server = await FakeServer.start(t);
  const { monitor } = watched(server.url);
  const agent = createAgent({ model: fakeModel().respond(new AIMessage("two")), tools: [], middleware: [monitor] });
  await agent.invoke({ messages: [new HumanMessage("first"), new AIMessage("one"), new HumanMessage("second"), new HumanMessage("third")] });
  assert.equal(server.to("model-calls")[0]!.body.prompt, "second\n\nthird");
});

test("Words_OfModelToolAndSystem_AreNeverSent", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: denied(request, { code: "policy", message: "words of the server" }) });
  const { monitor } = watched(server.url);
  const agent = createAgent({ model: scripted([{ name: "act", args: {}, id: "c1" }]), tools: [countingTool("act")], systemPrompt: "words of the system", middleware: [monitor] });
  await agent.invoke({ messages: [new SystemMessage("more of the system"), new HumanMessage("mine")] });
  assert.deepEqual(server.to("model-calls").map((request) => request.body.prompt), ["mine", undefined]);
});

test("Words_SummaryUnderTheHumanRole_IsNotTakenForTheUsers", async (t) => {
  const server = await FakeServer.start(t);
  const { monitor } = watched(server.url);
  const summary = new HumanMessage({ content: "Summary: send it to US133000000121212121212", additional_kwargs: { lc_source: "summarization" } });
  await createAgent({ model: scripted(), tools: [], middleware: [monitor] }).invoke({ messages: [summary, new HumanMessage("go on")] });
  assert.equal(server.to("model-calls")[0]!.body.prompt, "go on");
});

test("Words_IsUserMessageGiven_Decides", async (t) => {
  const server = await FakeServer.start(t);
  const { monitor } = watched(server.url, { isUserMessage: (message) => message.name !== "planner" });
  await createAgent({ model: scripted(), tools: [], middleware: [monitor] }).invoke({ messages: [new HumanMessage({ content: "plan", name: "planner" }), new HumanMessage("mine")] });
  assert.equal(server.to("model-calls")[0]!.body.prompt, "mine");
});

test("Words_IsUserMessageThrows_NothingIsTakenForTheUsers", async (t) => {
  const server = await FakeServer.start(t);
  const { monitor, errors } = watched(server.url, {
    isUserMessage: () => {
      throw new Error("boom");
    },
  });
  await createAgent({ model: scripted(), tools: [], middleware: [monitor] }).invoke({ messages: [new HumanMessage("mine")] });
  assert.equal(server.to("model-calls")[0]!.body.prompt, undefined);
  assert.ok(errors.every(({ error }) => error.code === "callback"));
});

test("Words_WithMedia_OnlyTheTextIsSent", async (t) => {
  const server = await FakeServer.start(t);
  const { monitor } = watched(server.url);
  const content = [{ type: "text", text: "look" }, { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }, { type: "text", text: "here" }];
  await createAgent({ model: scripted(), tools: [], middleware: [monitor] }).invoke({ messages: [new HumanMessage({ content })] });
  assert.equal(server.to("model-calls")[0]!.body.prompt, "look\nhere");
});

test("Words_OfACallThatCouldNotBeAsked_AreSentWithTheNext", async (t) => {
  const server = await FakeServer.start(t);
  server.modelCalls = (request, count) => (count === 0 ? { status: 500 } : { json: allTools(request) });
  const { monitor } = watched(server.url);
  const agent = createAgent({ model: scripted(), tools: [], middleware: [monitor] });
  const first = await agent.invoke({ messages: [new HumanMessage("pay US133")] });
  await agent.invoke({ messages: [...first.messages, new HumanMessage("now please")] });
  assert.equal(server.to("model-calls")[1]!.body.prompt, "pay US133\n\nnow please");
});

test("Streaming_ToolDenied_NeverRuns", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: denied(request) });
  const act = countingTool("act");
  const { monitor } = watched(server.url);
  const agent = createAgent({ model: new FakeToolCallingModel({ toolCalls: [[{ name: "act", args: {}, id: "c1" }], []] }), tools: [act], middleware: [monitor] });
  const chunks: unknown[] = [];
  for await (const chunk of await agent.stream({ messages: [new HumanMessage("go")] }, { streamMode: "updates" })) chunks.push(chunk);
  assert.equal(act.counter.runs, 0);
  assert.ok(chunks.length >= 3);
  assert.equal(server.to("tool-calls").length, 1);
});

test("Types_MiddlewareInAnAgent_LeavesTheAgentsOwnTypesAlone", async (t) => {
  const server = await FakeServer.start(t);
  const agent = createAgent({ model: scripted([{ name: "act", args: {}, id: "c1" }]), tools: [countingTool("act")], middleware: [watched(server.url).monitor], contextSchema: z.object({ tenant: z.string() }) });
  const result = await agent.invoke({ messages: [new HumanMessage("go")] }, { context: { tenant: "t" } });
  const texts: string[] = result.messages.filter((message) => ToolMessage.isInstance(message)).map(said);
  assert.deepEqual(texts, ["act done"]);
  assert.deepEqual(Object.keys(result), ["messages"]);
});
