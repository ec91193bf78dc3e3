import { setTimeout as sleep } from "node:timers/promises";
import { type Dispatcher, request } from "undici";
import { type BackOff, backOffMs } from "../backOff";
import { withDeadline } from "../deadline";
import { InfrastructureError } from "../types";
import { ApiError, isTransient } from "./apiError";
import type { Connection } from "./connection";
import type { Priority, RateLimit } from "./rateLimit";
import type { ServerClock } from "./serverClock";

export interface ApiRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  /** @default application/json */
  contentType?: string;
  /** @default "normal" */
  priority?: Priority | undefined;
  signal?: AbortSignal | undefined;
  /** Longest time of one attempt, in milliseconds. */
  timeoutMs?: number | undefined;
  /** Attempts after the first, where the server or the way to it fails. @default the transport's */
  retries?: number | undefined;
}

/** One request that was answered, or not. */
export interface Answered {
  method: string;
  path: string;
  /** HTTP status; undefined where there was no answer. */
  code: number | undefined;
  seconds: number;
}

export interface TransportArgs {
  connection: Connection;
  rateLimit: RateLimit;
  /** Said to the API server, and in its audit log. */
  userAgent: string;
  /** Longest time of one attempt, in milliseconds. @default 15000 */
  timeoutMs?: number;
  /** Attempts after the first, where the server or the way to it fails. @default 3 */
  retries?: number;
  /** Told of each attempt, for metrics. */
  onAnswer?: (answered: Answered) => void;
  /** Told the server's time. */
  clock?: ServerClock;
  random?: () => number;
}

const BACK_OFF: BackOff = { baseMs: 200, capMs: 3_000 };
/** A server that asks for more is asked again by whoever wants the answer, when they want it. */
const LONGEST_RETRY_AFTER_MS = 5_000;

/** Asks the API server: with its credentials, within the rate limit, again where that may help. */
export class Transport {
  private readonly args: Required<Omit<TransportArgs, "onAnswer" | "clock">> &
    Pick<TransportArgs, "onAnswer" | "clock">;

  constructor(args: TransportArgs) {
    this.args = { timeoutMs: 15_000, retries: 3, random: Math.random, ...args };
  }

  /** The answer's text. */
  text(ask: ApiRequest): Promise<string> {
    return this.repeatedly(ask, async () => {
      // The wait for one's turn is no fault of the server's: the deadline begins after it.
      await this.turn(ask, ask.signal);
      return withDeadline(ask.timeoutMs ?? this.args.timeoutMs, ask.signal, (signal) =>
        this.once(ask, signal, async (response) => response.body.text()),
      );
    });
  }

  async json<T>(ask: ApiRequest): Promise<T> {
    const text = await this.text(ask);
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new InfrastructureError(
        "ApiServerUnreadable",
        `${ask.method} ${ask.path}: an answer that is no JSON`,
        {
          cause,
        },
      );
    }
  }

  /**
   * Sends one request and hands over the answer as it comes in; the deadline is the caller's. Never repeated: the caller knows from where to go on.
   * @param signal Ends request and answer
   */
  async stream(
    ask: ApiRequest,
    signal: AbortSignal,
    read: (body: Dispatcher.ResponseData["body"]) => Promise<void>,
  ): Promise<void> {
    await this.turn(ask, signal);
    await this.once(ask, signal, (response) => read(response.body));
  }

  private turn(ask: ApiRequest, signal: AbortSignal | undefined): Promise<void> {
    return this.args.rateLimit.take(ask.priority ?? "normal", signal);
  }

  private async repeatedly<T>(ask: ApiRequest, attempt: () => Promise<T>): Promise<T> {
    const retries = ask.retries ?? this.args.retries;
    for (let failures = 1; ; failures += 1) {
      try {
        return await attempt();
      } catch (error) {
        const refused = error instanceof ApiError ? error : undefined;
        // A refused credential may be an old one. A POST may have made its object, unless the server says that it took nothing (429).
        const again =
          refused?.code === 401
            ? failures === 1
            : refused?.code === 429 || (ask.method !== "POST" && isTransient(error));
        const retryAfter = refused?.retryAfterMs ?? 0;
        if (!again || failures > retries || retryAfter > LONGEST_RETRY_AFTER_MS) throw error;
        const wait = Math.max(backOffMs(failures, BACK_OFF, this.args.random()), retryAfter);
        await sleep(wait, undefined, ask.signal === undefined ? {} : { signal: ask.signal });
      }
    }
  }

  private async once<T>(
    ask: ApiRequest,
    signal: AbortSignal,
    read: (response: Dispatcher.ResponseData) => Promise<T>,
  ): Promise<T> {
    const { connection, userAgent, onAnswer, clock } = this.args;
    const what = `${ask.method} ${ask.path}`;
    const started = performance.now();
    let code: number | undefined;
    const reached = async (): Promise<T> => {
      const { headers, dispatcher } = await connection.credentials();
      const asked = performance.now();
      const response = await request(`${connection.server}${ask.path}${queryText(ask.query)}`, {
        method: ask.method,
        dispatcher,
        signal,
        headers: {
          ...headers,
          accept: "application/json",
          "user-agent": userAgent,
          ...(ask.body === undefined ? {} : { "content-type": ask.contentType ?? "application/json" }),
        },
        body: ask.body === undefined ? null : JSON.stringify(ask.body),
        // The signal bounds the whole.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      code = response.statusCode;
      clock?.heard(response.headers["date"], performance.now() - asked);
      if (code >= 200 && code < 300) return await read(response);
      if (code === 401) connection.renew();
      const after = response.headers["retry-after"];
      throw ApiError.of(
        what,
        code,
        await response.body.text(),
        typeof after === "string" ? after : undefined,
      );
    };
    try {
      return await reached();
    } catch (error) {
      throw this.told(what, error, ask.signal);
    } finally {
      onAnswer?.({ method: ask.method, path: ask.path, code, seconds: (performance.now() - started) / 1000 });
    }
  }

  /** What a failure means. The caller's own wish to stop stays what it is. */
  private told(what: string, error: unknown, caller: AbortSignal | undefined): unknown {
    if (error instanceof InfrastructureError || error instanceof RangeError) return error;
    if (caller?.aborted) return caller.reason;
    const { name, message, code } = error as Error & { code?: string };
    if (name === "TimeoutError")
      return new InfrastructureError("ApiServerTimeout", `${what}: ${message}`, { cause: error });
    // Another authority has signed, or another certificate is asked for: read both anew.
    if (/CERT|TLS|SSL/.test(code ?? "")) this.args.connection.renew();
    return new InfrastructureError("ApiServerUnreachable", `${what}: ${message || (code ?? name)}`, {
      cause: error,
    });
  }
}

function queryText(query: ApiRequest["query"] = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? "" : `?${given.toString()}`;
}
