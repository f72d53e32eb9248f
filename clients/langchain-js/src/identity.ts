import type { Runtime } from "langchain";
import { AgentMonitorError } from "./errors.js";
import type { PerRun, Settings } from "./options.js";
import type { ActingUser, Identity, SessionRef } from "./wire.js";

/** What `beforeAgent` notes once for each run and a checkpointer brings back when the run is resumed. */
export interface RunNote {
  /** Made up; tells this run from every other. */
  readonly id: string;
  /** True when the run began with answers or tool results of an earlier one. */
  readonly hasHistory: boolean;
}

/** The same identity under the same key in `context` and in `configurable`. */
const KEY = "agentMonitor";

/**
 * Finds out who asks: options first, then `runtime.context`, then `configurable`, then (session only) the run itself. Each part
 * is looked up on its own. What is found and has the wrong form is an error, never a reason to look further: an identity
 * that was meant and mistyped must not turn into a weaker one.
 */
export async function resolveIdentity(settings: Settings, runtime: Runtime<any>, run: RunNote | undefined): Promise<Identity> {
  const places = [member(runtime.context, KEY, "context"), member(runtime.configurable, KEY, "configurable")];
  const find = async <T>(name: string, option: PerRun<T> | undefined, read: (value: unknown, name: string) => T): Promise<T | undefined> => {
    const given = typeof option === "function" ? await callOption(name, option as (runtime: Runtime<any>) => unknown, runtime) : option;
    const value = [given, ...places.map((place) => place?.[name])].find((one) => one !== undefined && one !== null);
    return value === undefined ? undefined : read(value, name);
  };
  const session = await find("session", settings.session, readSession);
  const users = await find("users", settings.users, (value) => readList(value, "users", readUser));
  const parents = await find("parents", settings.parents, (value) => readList(value, "parents", readSessionRef));
  const grants = await find("grants", settings.grants, (value) => readList(value, "grants", readText));
  return {
    session: {
      id: session ?? threadId(runtime) ?? ownSession(settings, run),
      ...(parents === undefined ? {} : { parents }),
      ...(grants === undefined ? {} : { grants }),
    },
    ...(users === undefined ? {} : { users }),
  };
}

function threadId(runtime: Runtime<any>): string | undefined {
  const value = runtime.configurable?.thread_id as unknown;
  return value === undefined || value === null ? undefined : readSession(value, "thread_id");
}

function ownSession(settings: Settings, run: RunNote | undefined): string {
  const how = "give `session`, `context.agentMonitor.session` or `configurable.thread_id`";
  if (run === undefined || settings.missingSession === "deny") throw new AgentMonitorError("identity", `the run has no session id: ${how}`);
  if (settings.missingSession === "new-if-empty" && run.hasHistory) {
    throw new AgentMonitorError("identity", `the run begins with an earlier conversation but has no session id, so the labels of that conversation cannot be found: ${how}`);
  }
  return `run-${run.id}`;
}

async function callOption(name: string, option: (runtime: Runtime<any>) => unknown, runtime: Runtime<any>): Promise<unknown> {
  try {
    return await option(runtime);
  } catch (error) {
    throw AgentMonitorError.from(error, "identity", `the function \`${name}\` threw`);
  }
}

function member(place: unknown, key: string, where: string): Readonly<Record<string, unknown>> | undefined {
  const value = typeof place === "object" && place !== null ? (place as Record<string, unknown>)[key] : undefined;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object") throw wrong(`${where}.${key}`, "an object");
  return value as Record<string, unknown>;
}

function readSession(value: unknown, name: string): string {
  if (typeof value === "number") return String(value);
  return readText(value, name);
}

export function readText(value: unknown, name: string): string {
  if (typeof value !== "string" || value === "") throw wrong(name, "a text that is not empty");
  return value;
}

export function readList<T>(value: unknown, name: string, read: (item: unknown, name: string) => T): readonly T[] {
  if (!Array.isArray(value)) throw wrong(name, "a list");
  return value.map((item, index) => read(item, `${name}[${index}]`));
}

function readUser(value: unknown, name: string): ActingUser {
  const { id, roles, token } = fields(value, name);
  return {
    id: readText(id, `${name}.id`),
    ...(roles === undefined ? {} : { roles: readList(roles, `${name}.roles`, readText) }),
    ...(token === undefined ? {} : { token: readText(token, `${name}.token`) }),
  };
}

export function readSessionRef(value: unknown, name: string): SessionRef {
  const { agent, id } = fields(value, name);
  return { agent: readText(agent, `${name}.agent`), id: readText(id, `${name}.id`) };
}

function fields(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw wrong(name, "an object");
  return value as Record<string, unknown>;
}

// The value itself is left out: it may be a token.
function wrong(name: string, wanted: string): AgentMonitorError {
  return new AgentMonitorError("identity", `\`${name}\` must be ${wanted}`);
}
