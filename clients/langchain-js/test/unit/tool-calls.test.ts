import assert from "node:assert/strict";
import { test } from "node:test";
import { Command } from "@langchain/langgraph";
import { createAgent, createMiddleware, HumanMessage, toolErrorMiddleware, ToolMessage, toolRetryMiddleware } from "langchain";
import type { AgentMonitorOptions } from "@agentmonitor/langchain";
import { actOnce, countingTool, KEY, said, scripted, watched } from "./agents.js";
import { allowed, denied, FakeServer, pending } from "./fake-server.js";

test("ToolCall_Allowed_IsAskedFirstRunsOnceAndIsReported", async (t) => {
  const server = await FakeServer.start(t);
  let askedBefore = 0;
  const { runs, result, decisions, errors } = await actOnce(server.url, {}, () => {
    askedBefore = server.to("tool-calls").length;
    return "the result";
  });
  assert.equal(runs, 1);
  assert.equal(askedBefore, 1);
  assert.equal(said(result), "the result");
  assert.equal(result?.status, "success");
  const asked = server.to("tool-calls")[0]!;
  assert.equal(asked.headers.authorization, `Bearer ${KEY}`);
  assert.match(asked.headers["x-request-id"] as string, /^[0-9a-f-]{36}$/);
  assert.match(asked.body.callId, /^call_1:[0-9a-f]{32}$/);
  assert.deepEqual({ ...asked.body, callId: "" }, { session: { id: "s" }, tool: "act", arguments: { text: "hi" }, callId: "" });
  const [report] = server.to("results");
  assert.equal(report!.path, `/v1/tool-calls/${decisions[1]!.decisionId}/result`);
  assert.equal(report!.body.status, "ok");
  assert.equal(report!.body.content, "the result");
  assert.ok(Number.isInteger(report!.body.durationMs));
  assert.deepEqual(errors, []);
  assert.deepEqual(decisions.map((event) => [event.kind, event.decision, event.source]), [
    ["model-call", "allow", "server"],
    ["tool-call", "allow", "server"],
    ["model-call", "allow", "server"],
  ]);
});

test("ToolCall_Denied_ReturnsTheReasonAndNeverRuns", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: denied(request, { code: "policy", message: "Blocked.", advice: "Start anew." }) });
  const { runs, result, last, decisions } = await actOnce(server.url);
  assert.equal(runs, 0);
  assert.equal(said(result), "Blocked. Start anew.");
  assert.equal(result?.status, "error");
  assert.equal(result?.tool_call_id, "call_1");
  assert.equal(result?.name, "act");
  assert.equal(result?.artifact.agentMonitor.decision, "deny");
  assert.equal(result?.artifact.agentMonitor.message, "Blocked.");
  assert.equal(said(last), "done", "the run goes on and the model reads the reason");
  assert.deepEqual(server.to("results"), []);
  const event = decisions.find((one) => one.kind === "tool-call")!;
  assert.deepEqual([event.decision, event.code, event.message, event.advice, event.policyRevision], ["deny", "policy", "Blocked.", "Start anew.", 1]);
});

for (const [name, reason] of [
  ["NoReason", undefined],
  ["NullReason", null],
  ["TextReason", "no"],
  ["EmptyReason", {}],
  ["WronglyTypedReason", { code: 7, message: ["x"], advice: 3 }],
] as const) {
  test(`ToolCall_DeniedWith${name}_IsStillADenialWithAText`, async (t) => {
    const server = await FakeServer.start(t);
    server.toolCalls = (request) => ({ json: { ...denied(request), reason } });
    const { runs, result, decisions } = await actOnce(server.url);
    assert.equal(runs, 0);
    assert.equal(said(result), "Tool execution blocked by policy.");
    assert.equal(decisions.find((one) => one.kind === "tool-call")!.source, "server");
  });
}

test("ToolCall_ParallelCalls_AreEachDecidedOnTheirOwn", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: request.body.tool === "bad" ? denied(request) : allowed(request), delayMs: 20 });
  const [good, bad] = [countingTool("good"), countingTool("bad")];
  const { monitor } = watched(server.url);
  const model = scripted([
    { name: "good", args: { text: "1" }, id: "c1" },
    { name: "bad", args: { text: "2" }, id: "c2" },
    { name: "good", args: { text: "3" }, id: "c3" },
    { name: "bad", args: { text: "4" }, id: "c4" },
  ]);
  const { messages } = await createAgent({ model, tools: [good, bad], middleware: [monitor] }).invoke({ messages: [new HumanMessage("go")] });
  assert.deepEqual([good.counter.runs, bad.counter.runs], [2, 0]);
  assert.equal(new Set(server.to("tool-calls").map((request) => request.body.callId)).size, 4);
  const statuses = messages.filter(ToolMessage.isInstance).map((m) => [m.tool_call_id, m.status]);
  assert.deepEqual(statuses, [["c1", "success"], ["c2", "error"], ["c3", "success"], ["c4", "error"]]);
  assert.equal(server.to("results").length, 2);
});

test("ToolCall_OfAToolThatTheAgentDoesNotHave_IsAskedAboutToo", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: denied(request) });
  const act = countingTool("act");
  const agent = createAgent({ model: scripted([{ name: "imagined", args: {}, id: "c1" }]), tools: [act], middleware: [watched(server.url).monitor] });
  await agent.invoke({ messages: [new HumanMessage("go")] });
  assert.deepEqual(server.to("tool-calls").map((request) => request.body.tool), ["imagined"]);
  assert.equal(act.counter.runs, 0);
});

test("ToolCall_ArgumentsRewrittenByAnOuterMiddleware_AreTheOnesAskedAbout", async (t) => {
  const server = await FakeServer.start(t);
  const seen: unknown[] = [];
  const act = countingTool("act", (args) => (seen.push(args), "ok"));
  const rewriting = createMiddleware({
    name: "Rewriting",
    wrapToolCall: (request, handler) => handler({ ...request, toolCall: { ...request.toolCall, args: { text: "rewritten" } } }),
  });
  const agent = createAgent({ model: scripted([{ name: "act", args: { text: "original" }, id: "c1" }]), tools: [act], middleware: [rewriting, watched(server.url).monitor] });
  await agent.invoke({ messages: [new HumanMessage("go")] });
  assert.deepEqual(server.to("tool-calls")[0]!.body.arguments, { text: "rewritten" });
  assert.deepEqual(seen, [{ text: "rewritten" }]);
});

test("ToolCall_RunAgainByAnOuterRetry_AsksAgainUnderTheSameCallId", async (t) => {
  const server = await FakeServer.start(t);
  const act = countingTool("act", () => {
    if (act.counter.runs < 3) throw new Error("flaky");
    return "at last";
  });
  const retry = toolRetryMiddleware({ maxRetries: 3, initialDelayMs: 1, jitter: false });
  const agent = createAgent({ model: scripted([{ name: "act", args: {}, id: "c1" }]), tools: [act], middleware: [retry, watched(server.url).monitor] });
  const { messages } = await agent.invoke({ messages: [new HumanMessage("go")] });
  assert.equal(said(messages.find(ToolMessage.isInstance)), "at last");
  assert.equal(server.to("tool-calls").length, 3);
  assert.equal(new Set(server.to("tool-calls").map((request) => request.body.callId)).size, 1);
});

test("ToolCall_DeniedUnderAnOuterRetry_NeverRuns", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: denied(request) });
  const act = countingTool("act");
  const retry = toolRetryMiddleware({ maxRetries: 3, initialDelayMs: 1, jitter: false });
  await createAgent({ model: scripted([{ name: "act", args: {}, id: "c1" }]), tools: [act], middleware: [retry, watched(server.url).monitor] }).invoke({ messages: [new HumanMessage("go")] });
  assert.equal(act.counter.runs, 0);
  assert.equal(server.to("tool-calls").length, 1, "a denial is a result, not an error to retry");
});

// Results

test("Report_ToolThrowsUnderAnOuterErrorMiddleware_IsReportedAndTheModelReadsTheError", async (t) => {
  const server = await FakeServer.start(t);
  const act = countingTool("act", () => {
    throw new Error("disk full");
  });
  const agent = createAgent({ model: scripted([{ name: "act", args: {}, id: "c1" }]), tools: [act], middleware: [toolErrorMiddleware({ onError: (error) => `failed: ${(error as Error).message}` }), watched(server.url).monitor] });
  const { messages } = await agent.invoke({ messages: [new HumanMessage("go")] });
  assert.equal(messages.find(ToolMessage.isInstance)!.status, "error");
  assert.equal(said(messages.at(-1)), "done");
  assert.equal(server.to("results")[0]!.body.content, "disk full");
});

test("Report_ToolThrows_ReportsTheErrorAndRethrowsIt", async (t) => {
  const server = await FakeServer.start(t);
  await assert.rejects(
    actOnce(server.url, {}, () => {
      throw new Error("disk full");
    }),
    /disk full/,
  );
  const [report] = server.to("results");
  assert.equal(report!.body.status, "error");
  assert.equal(report!.body.content, "disk full");
});

test("Report_ArgumentsDoNotFitTheSchema_ReportsAnErrorAndTheModelMayCorrectItself", async (t) => {
  const server = await FakeServer.start(t);
  const act = countingTool("act");
  const agent = createAgent({ model: scripted([{ name: "act", args: { text: 7 }, id: "c1" }]), tools: [act], middleware: [watched(server.url).monitor] });
  const { messages } = await agent.invoke({ messages: [new HumanMessage("go")] });
  assert.equal(act.counter.runs, 0);
  assert.equal(server.to("results")[0]!.body.status, "error");
  assert.equal(messages.find(ToolMessage.isInstance)!.status, "error");
});

test("Report_ToolReturnsAnErrorMessage_IsReportedAsAnError", async (t) => {
  const server = await FakeServer.start(t);
  await actOnce(server.url, {}, (_, config) => new ToolMessage({ content: "not found", tool_call_id: config.toolCallId ?? "call_1", status: "error" }));
  assert.equal(server.to("results")[0]!.body.status, "error");
  assert.equal(server.to("results")[0]!.body.content, "not found");
});

test("Report_ToolReturnsACommand_ReportsTheMessageInIt", async (t) => {
  const server = await FakeServer.start(t);
  const { result } = await actOnce(server.url, {}, () => new Command({ update: { messages: [new ToolMessage({ content: "by command", tool_call_id: "call_1" })] } }));
  assert.equal(said(result), "by command");
  assert.equal(server.to("results")[0]!.body.content, "by command");
});

for (const [name, reply] of [
  ["ServerError", { status: 500 }],
  ["NotFound", { status: 404 }],
  ["TooLarge", { status: 413 }],
  ["NotJson", { text: "<html>" }],
  ["BrokenConnection", "break"],
  ["Silence", "silence"],
] as const) {
  test(`Report_${name}_IsToldAndBreaksNothing`, async (t) => {
    const server = await FakeServer.start(t);
    server.results = () => reply;
    const { runs, result, last, errors } = await actOnce(server.url, { timeoutMs: 150 }, () => "fine");
    assert.equal(runs, 1);
    assert.equal(said(result), "fine");
    assert.equal(said(last), "done");
    assert.deepEqual(errors.map(({ context }) => [context.during, context.tool, context.session]), [["result", "act", "s"]]);
  });
}

test("Report_SwitchedOff_SendsNothing", async (t) => {
  const server = await FakeServer.start(t);
  await actOnce(server.url, { reportResults: false });
  assert.deepEqual(server.to("results"), []);
});

test("Report_SwitchedOffForOneTool_SendsNothingOfThatTool", async (t) => {
  const server = await FakeServer.start(t);
  const asked: string[] = [];
  await actOnce(server.url, { reportResults: (tool) => (asked.push(tool), false) });
  assert.deepEqual(asked, ["act"]);
  assert.deepEqual(server.to("results"), []);
});

test("Report_LongResult_IsCutAndTheModelReadsAllOfIt", async (t) => {
  const server = await FakeServer.start(t);
  const { result } = await actOnce(server.url, { maxResultChars: 10 }, () => "x".repeat(1_000));
  assert.equal(server.to("results")[0]!.body.content, "x".repeat(10));
  assert.equal(said(result).length, 1_000);
});

test("Report_ResultWithMedia_SendsItsTextOnly", async (t) => {
  const server = await FakeServer.start(t);
  await actOnce(
    server.url,
    {},
    () => new ToolMessage({ content: [{ type: "text", text: "one" }, { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }, { type: "text", text: "two" }], tool_call_id: "call_1" }),
  );
  assert.equal(server.to("results")[0]!.body.content, "one\ntwo");
});

test("Report_ResultOfAnotherSession_NamesThatSession", async (t) => {
  const server = await FakeServer.start(t);
  server.results = () => ({ json: { session: { id: "s", labels: ["act", "own", "more"] } } });
  const describeResult: AgentMonitorOptions["describeResult"] = ({ tool, message }) => ({ labels: [tool, said(message)], fromSession: { agent: "helper", id: "h-1" } });
  const { result } = await actOnce(server.url, { describeResult }, () => "own");
  assert.equal(said(result), "own");
  const { labels, fromSession } = server.to("results")[0]!.body;
  assert.deepEqual({ labels, fromSession }, { labels: ["act", "own"], fromSession: { agent: "helper", id: "h-1" } });
});

test("Report_TakenWithoutItsLabels_WithholdsTheResult", async (t) => {
  const server = await FakeServer.start(t);
  for (const json of [{ session: { id: "s", labels: ["other"] } }, { session: { id: "s" } }, {}]) {
    server.results = () => ({ json });
    const { result, errors } = await actOnce(server.url, { failOpen: true, describeResult: () => ({ labels: ["untrusted-content"] }) }, () => "the secret");
    assert.match(said(result), /withheld/);
    assert.deepEqual(errors.map(({ error, context }) => [error.code, context.during]), [["malformed", "result"]]);
  }
});

test("Report_OriginNotRecorded_WithholdsTheResult", async (t) => {
  const server = await FakeServer.start(t);
  server.results = () => ({ status: 503 });
  const { runs, result } = await actOnce(server.url, { retries: 0, describeResult: () => ({ labels: ["untrusted-content"] }) }, () => "the secret");
  assert.equal(runs, 1);
  assert.match(said(result), /withheld/);
  assert.doesNotMatch(said(result), /the secret/);
  assert.equal(result?.status, "error");
});

test("Report_OriginNotRecordedButFailOpen_PassesTheResultOnOutageOnly", async (t) => {
  const server = await FakeServer.start(t);
  const options = { retries: 0, failOpen: true, describeResult: () => ({ labels: ["untrusted-content"] }) };
  server.results = () => ({ status: 503 });
  assert.equal(said((await actOnce(server.url, options, () => "fine")).result), "fine");
  server.results = () => ({ status: 400 });
  assert.match(said((await actOnce(server.url, options, () => "fine")).result), /withheld/);
});

for (const [name, describeResult] of [
  ["Throws", () => { throw new Error("oops"); }],
  ["ReturnsAWrongSession", () => ({ fromSession: { id: "x" } }) as never],
  ["ReturnsWrongLabels", () => ({ labels: "x" }) as never],
] as const) {
  test(`Report_DescribeResult${name}_WithholdsTheResult`, async (t) => {
    const server = await FakeServer.start(t);
    const { result, errors } = await actOnce(server.url, { describeResult }, () => "fine");
    assert.match(said(result), /withheld/);
    assert.equal(errors[0]!.context.during, "callback");
  });
}

// Approval

test("Approval_GivenWhileWaiting_RunsTheCall", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: pending(request) });
  server.polls = () => ({ json: { decisionId: "p-1", decision: "allow", reason: { code: "approval", message: "ok" }, session: { id: "s", labels: ["x"] } }, delayMs: 50 });
  const { runs, decisions } = await actOnce(server.url);
  assert.equal(runs, 1);
  assert.equal(server.to("polls")[0]!.path, "/v1/tool-calls/p-1?wait=30");
  assert.equal(server.to("results")[0]!.path, "/v1/tool-calls/p-1/result");
  assert.deepEqual(decisions.filter((one) => one.kind === "tool-call").map((one) => one.decision), ["pending", "allow"]);
});

test("Approval_GivenAtTheThirdPoll_RunsTheCall", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: pending(request) });
  server.polls = (_, count) => ({ json: { decisionId: "p-1", decision: count < 2 ? "pending" : "allow", session: { id: "s" } } });
  const { runs } = await actOnce(server.url, { waitForApprovalSeconds: 10 });
  assert.equal(runs, 1);
  assert.equal(server.to("polls").length, 3);
});

test("Approval_RejectedExpiredOrStillWaiting_NeverRunsAndSaysWhich", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: pending(request) });
  const texts: string[] = [];
  for (const code of ["approval-rejected", "approval-expired", "approval"]) {
    server.polls = () => ({ json: { decisionId: "p-1", decision: code === "approval" ? "pending" : "deny", reason: { code, message: "Server says.", advice: "Go on." }, session: { id: "s" } } });
    const { runs, result } = await actOnce(server.url, { waitForApprovalSeconds: 0.2 });
    assert.equal(runs, 0);
    assert.equal(result?.status, "error");
    texts.push(said(result));
  }
  assert.match(texts[0]!, /^Server says\. This call was rejected by a person and has not run\. Go on\.$/);
  assert.match(texts[1]!, /^Server says\. This call expired .* nobody rejected it, and it has not run\. Go on\.$/);
  assert.match(texts[2]!, /still waits/);
});

test("Approval_WaitOfZero_DoesNotPollAndDoesNotRun", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: pending(request) });
  const { runs, result } = await actOnce(server.url, { waitForApprovalSeconds: 0 });
  assert.equal(runs, 0);
  assert.deepEqual(server.to("polls"), []);
  assert.match(said(result), /still waits/);
  assert.equal(result?.artifact.agentMonitor.decision, "pending");
});

test("Approval_ShortWait_AsksForNoLongerPollThanThat", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: pending(request) });
  await actOnce(server.url, { waitForApprovalSeconds: 2 });
  assert.equal(server.to("polls")[0]!.path, "/v1/tool-calls/p-1?wait=2");
  assert.ok(server.to("polls").length <= 3, "not a tight loop");
});

test("Approval_ServerGoesDownWhileWaiting_NeverRunsEvenWithFailOpen", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: pending(request) });
  server.polls = () => ({ status: 500 });
  const { runs, result, errors } = await actOnce(server.url, { failOpen: true, waitForApprovalSeconds: 0.3 });
  assert.equal(runs, 0);
  assert.match(said(result), /outcome could not be learned/);
  assert.deepEqual(errors.map(({ context }) => context.during), ["approval"]);
});

test("Approval_ServerComesBackWhileWaiting_TheAnswerCounts", async (t) => {
  const server = await FakeServer.start(t);
  server.toolCalls = (request) => ({ json: pending(request) });
  server.polls = (_, count) => (count === 0 ? { status: 500 } : { json: { decisionId: "p-1", decision: "allow", session: { id: "s" } } });
  const { runs } = await actOnce(server.url, { waitForApprovalSeconds: 10 });
  assert.equal(runs, 1);
});

for (const [name, reply] of [
  ["AnotherDecision", { json: { decisionId: "p-2", decision: "allow", session: { id: "s" } } }],
  ["AnotherSession", { json: { decisionId: "p-1", decision: "allow", session: { id: "other" } } }],
  ["AnUnknownDecision", { json: { decisionId: "p-1", decision: "approve", session: { id: "s" } } }],
  ["NotFound", { status: 404 }],
] as const) {
  test(`Approval_PollAnswers${name}_NeverRuns`, async (t) => {
    const server = await FakeServer.start(t);
    server.toolCalls = (request) => ({ json: pending(request) });
    server.polls = () => reply;
    const { runs, result } = await actOnce(server.url, { waitForApprovalSeconds: 5, failOpen: true });
    assert.equal(runs, 0);
    assert.match(said(result), /outcome could not be learned/);
  });
}
