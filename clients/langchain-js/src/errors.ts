/**
 * Why AgentMonitor could not be asked, or could not be understood.
 *
 * | code | meaning |
 * |---|---|
 * | `unreachable` | no connection, or it broke before the answer was complete |
 * | `timeout` | no complete answer within `timeoutMs` |
 * | `server-error` | the server answered with a 5xx |
 * | `rate-limited` | the server answered with 429, and went on to do so |
 * | `refused` | any other status than 200: bad credential (401), not permitted (403), bad request (400), another call under this id (409), … |
 * | `malformed` | a 200 whose body is not an answer to what was asked |
 * | `identity` | the session or the users of this call could not be determined |
 * | `unsendable` | the request cannot be written as JSON, or the credential cannot be sent |
 * | `callback` | a function given in the options threw |
 * | `internal` | a defect of this package |
 */
export type AgentMonitorErrorCode =
  | "unreachable"
  | "timeout"
  | "server-error"
  | "rate-limited"
  | "refused"
  | "malformed"
  | "identity"
  | "unsendable"
  | "callback"
  | "internal";

/** What an {@link AgentMonitorError} knows besides its code and message. */
export interface AgentMonitorErrorDetails {
  /** HTTP status of the last answer, if there was one. */
  readonly status?: number | undefined;
  /** The stable `code` of the server's problem document, if it sent one. */
  readonly problemCode?: string | undefined;
  /** The `X-Request-ID` that was sent, to be looked up in the server's log. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** A failure to get an answer. Its message never holds the credential, a prompt or the arguments of a call. */
export class AgentMonitorError extends Error {
  override readonly name = "AgentMonitorError";
  readonly code: AgentMonitorErrorCode;
  readonly status: number | undefined;
  readonly problemCode: string | undefined;
  readonly requestId: string | undefined;

  constructor(code: AgentMonitorErrorCode, message: string, details: AgentMonitorErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.problemCode = details.problemCode;
    this.requestId = details.requestId;
  }

  /**
   * True when the server was not there to answer. Only this may be answered with `failOpen`; a server that answered, even with
   * something we cannot read, has not said yes.
   */
  get isOutage(): boolean {
    return this.code === "unreachable" || this.code === "timeout" || this.code === "server-error";
  }

  /** `error` itself if it is one of ours, otherwise a wrapped one with `code`. */
  static from(error: unknown, code: AgentMonitorErrorCode, message: string): AgentMonitorError {
    return error instanceof AgentMonitorError ? error : new AgentMonitorError(code, `${message}: ${describe(error)}`, { cause: error });
  }
}

/** One line about something that was thrown. */
export function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}
