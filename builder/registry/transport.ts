import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type Dispatcher, getGlobalDispatcher, request } from "undici";
import { type BackOff, backOffMs } from "../backOff";
import { withDeadline } from "../deadline";
import { InfrastructureError } from "../types";
import { type Challenge, readChallenge, readToken, tokenUrl } from "./challenge";
import { anonymous, type Login, type LoginSource } from "./login";
import { isTransient, RegistryError } from "./registryError";

export interface RegistryAsk {
  method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** Path below the registry's address, or a whole URL that the registry has named. */
  path: string;
  headers?: Record<string, string>;
  /** A stream is made anew for each attempt. */
  body?: Uint8Array | (() => Readable);
  signal?: AbortSignal | undefined;
  /** Longest time of one attempt, answer read, in milliseconds. */
  timeoutMs?: number;
}

export interface TransportArgs {
  /** Host, with its port where it has one. */
  registry: string;
  /** The registry speaks plain HTTP. */
  insecure: boolean;
  /** @default anonymous */
  login?: LoginSource;
  /** Through what connections are made, for registries that a user has named: one that refuses addresses which are not to be reached. */
  dispatcher?: Dispatcher;
  /** Longest time of one attempt, in milliseconds. @default 20000 */
  timeoutMs?: number;
  /** Longest time of all attempts at one thing, in milliseconds. @default that of {@link ASK_MS} */
  askMs?: number;
  /** Attempts after the first, where registry or way to it fail. @default 3 */
  retries?: number;
  random?: () => number;
  /** Told of each answer by which the registry asks for patience. */
  onThrottled?: (() => void) | undefined;
}

export type Answer = Dispatcher.ResponseData;

/**
 * Longest time of all attempts at one thing, in milliseconds, a layer's bytes too. A reconciliation lasts longer, so that it is the registry
 * which is said to take too long.
 */
export const ASK_MS = 120_000;
const BACK_OFF: BackOff = { baseMs: 300, capMs: 5_000 };
const MOST_REDIRECTS = 5;
const MOST_TEXT_BYTES = 64 * 1024;
/** A token is not used in the last moments of its life. */
const TOKEN_MARGIN_MS = 5_000;

/** Asks one registry: answers its challenges, follows its redirects without its credentials, asks again where that may help. */
export class RegistryTransport {
  readonly host: string;
  private readonly args: Required<Omit<TransportArgs, "onThrottled">> & Pick<TransportArgs, "onThrottled">;
  private readonly origin: string;
  /** Tokens by what they were asked for. */
  private readonly tokens = new Map<string, { token: string; until: number }>();
  /** The registry takes the login itself. The login is not kept here: its source knows until when it holds. */
  private takesLogin = false;

  constructor(args: TransportArgs) {
    this.args = {
      login: anonymous,
      dispatcher: getGlobalDispatcher(),
      timeoutMs: 20_000,
      askMs: ASK_MS,
      retries: 3,
      random: Math.random,
      ...args,
    };
    this.host = args.registry;
    this.origin = `${args.insecure ? "http" : "https"}://${args.registry}`;
  }

  /**
   * Asks, and hands the answer to `read`, whatever its status below 400, or 404.
   * @param scope What a token is kept for: the same repository and actions
   * @throws RegistryError on another answer; InfrastructureError where the registry can't be reached
   */
  async ask<T>(scope: string, ask: RegistryAsk, read: (answer: Answer) => Promise<T>): Promise<T> {
    const { timeoutMs, askMs, retries } = this.args;
    const end = performance.now() + askMs;
    for (let failures = 1; ; failures += 1) {
      const left = Math.ceil(end - performance.now());
      try {
        return await withDeadline(Math.min(ask.timeoutMs ?? timeoutMs, left), ask.signal, (signal) =>
          this.authorized(scope, ask, signal, read),
        );
      } catch (error) {
        if (ask.signal?.aborted) throw ask.signal.reason;
        const told = this.told(error);
        if (told instanceof RegistryError && told.code === 429) this.args.onThrottled?.();
        const asked = told instanceof RegistryError ? (told.retryAfterMs ?? 0) : 0;
        const wait = Math.max(asked, backOffMs(failures, BACK_OFF, this.args.random()));
        const isOver = failures > retries || performance.now() + wait >= end;
        if (!isTransient(told) || isOver || asked > BACK_OFF.capMs) throw told;
        await sleep(wait, undefined, ask.signal === undefined ? {} : { signal: ask.signal });
      }
    }
  }

  private async authorized<T>(
    scope: string,
    ask: RegistryAsk,
    signal: AbortSignal,
    read: (answer: Answer) => Promise<T>,
  ): Promise<T> {
    let authorization = await this.known(scope, signal);
    let renewed = false;
    for (let attempt = 0; ; attempt += 1) {
      const { answer, own } = await this.follow(ask, authorization, signal);
      const { statusCode } = answer;
      if (statusCode < 400 || statusCode === 404) return await read(answer);
      // Another host has been sent no login, and is not to name where to send one.
      if (own && statusCode === 401 && attempt < 2) {
        const challenge = readChallenge(headerOf(answer, "www-authenticate") ?? "");
        const met = challenge && (await this.meet(scope, challenge, authorization, attempt, signal));
        // What was sent already is no better the second time.
        if (met !== undefined && met !== authorization) {
          await answer.body.dump();
          authorization = met;
          continue;
        }
      }
      const text = await textOf(answer, MOST_TEXT_BYTES);
      const error = RegistryError.of(this.host, statusCode, text, headerOf(answer, "retry-after"));
      if (own && !renewed && authorization?.startsWith(BASIC) === true && saysExpired(error, ask)) {
        renewed = true;
        const login = await this.loginAfter(authorization, signal);
        if (login !== undefined) {
          authorization = login;
          continue;
        }
      }
      throw error;
    }
  }

  private async known(scope: string, signal: AbortSignal): Promise<string | undefined> {
    const token = this.tokens.get(scope);
    if (token && token.until > performance.now()) return `Bearer ${token.token}`;
    if (!this.takesLogin) return undefined;
    const login = await this.args.login({ renew: false, signal });
    return login && basicHeader(login);
  }

  /**
   * Another login than the one that was refused, or undefined where there is none. It is renewed only where nobody else has done so: of many
   * requests that are refused at a time one renews it.
   */
  private async loginAfter(refused: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    for (const renew of refused === undefined ? [false] : [false, true]) {
      const login = await this.args.login({ renew, signal });
      const header = login && basicHeader(login);
      if (header !== refused) return header;
    }
    return undefined;
  }

  /** What answers a challenge; undefined where nothing does. */
  private async meet(
    scope: string,
    challenge: Challenge,
    sent: string | undefined,
    attempt: number,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (challenge.scheme === "basic") {
      this.takesLogin = true;
      return this.loginAfter(sent, signal);
    }
    const url = tokenUrl(challenge, this.args.insecure);
    if (typeof url === "string") throw new InfrastructureError("RegistryRefused", `${this.host} ${url}`);
    const login = await this.args.login({ renew: attempt > 0, signal });
    const header = login && basicHeader(login);
    let answer = await this.send(url, { method: "GET", path: "" }, header, signal);
    const other =
      answer.statusCode === 401 && header !== undefined ? await this.loginAfter(header, signal) : undefined;
    if (other !== undefined) {
      await answer.body.dump();
      answer = await this.send(url, { method: "GET", path: "" }, other, signal);
    }
    const text = await textOf(answer, MOST_TEXT_BYTES);
    if (answer.statusCode !== 200) throw RegistryError.of(url.host, answer.statusCode, text);
    const read = readToken(text);
    if (!read) throw new InfrastructureError("RegistryRefused", `${url.host} answered without a token`);
    this.tokens.set(scope, { token: read.token, until: performance.now() + read.lastsMs - TOKEN_MARGIN_MS });
    return `Bearer ${read.token}`;
  }

  /**
   * Follows redirects of a GET or a HEAD. Another host gets no credential: it has been given the right in the address itself.
   * @returns The last answer, and whether it is the registry's own
   */
  private async follow(
    ask: RegistryAsk,
    authorization: string | undefined,
    signal: AbortSignal,
  ): Promise<{ answer: Answer; own: boolean }> {
    let url = new URL(ask.path, this.origin);
    for (let redirects = 0; ; redirects += 1) {
      const own = url.origin === this.origin;
      const answer = await this.send(url, ask, own ? authorization : undefined, signal);
      const location = headerOf(answer, "location");
      const followed =
        ["GET", "HEAD"].includes(ask.method) && [301, 302, 303, 307, 308].includes(answer.statusCode);
      if (!followed || location === undefined) return { answer, own };
      await answer.body.dump();
      const next = URL.parse(location, url.href);
      if (
        redirects >= MOST_REDIRECTS ||
        !next ||
        (next.protocol !== "https:" && next.protocol !== new URL(this.origin).protocol)
      )
        throw new InfrastructureError(
          "RegistryRefused",
          `${this.host} redirects to nowhere that can be asked`,
        );
      url = next;
    }
  }

  private async send(
    url: URL,
    { method, headers, body }: RegistryAsk,
    authorization: string | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    try {
      return await request(url, {
        method,
        dispatcher: this.args.dispatcher,
        signal,
        headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
        body: typeof body === "function" ? body() : (body ?? null),
        // The signal bounds the whole.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      const { message, code } = error as Error & { code?: string };
      throw new InfrastructureError(
        "RegistryUnreachable",
        `${url.host} can't be reached: ${message || (code ?? "")}`,
        { cause: error },
      );
    }
  }

  private told(error: unknown): unknown {
    if (error instanceof InfrastructureError) return error;
    const { name, message } = error as Error;
    return new InfrastructureError(
      name === "TimeoutError" ? "RegistryTimeout" : "RegistryUnreachable",
      `${this.host} can't be reached: ${message}`,
      { cause: error },
    );
  }
}

const BASIC = "Basic ";

const basicHeader = ({ username, password }: Login): string =>
  `${BASIC}${Buffer.from(`${username}:${password}`).toString("base64")}`;

/**
 * Whether a login was refused for its age, and not for its rights: ECR says so by a 403 in place of a 401 (`DENIED`, "Your authorization
 * token has expired. Reauthenticate and try again."). An answer to a HEAD says nothing, so that it may be either.
 */
const saysExpired = ({ code, codes, message }: RegistryError, { method }: RegistryAsk): boolean =>
  code === 403 && (method === "HEAD" || (codes.includes("DENIED") && /\bexpired\b/i.test(message)));

export function headerOf({ headers }: Answer, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The whole body. @throws InfrastructureError where it is longer than it may be */
export async function bytesOf(answer: Answer, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > most)
      throw new InfrastructureError("RegistryRefused", `an answer of more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const textOf = async (answer: Answer, most: number): Promise<string> =>
  (await bytesOf(answer, most)).toString();
