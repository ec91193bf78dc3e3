import * as http from "node:http";
import * as https from "node:https";
import { InfrastructureError, UserError } from "../../types";
import { type Bytes, held } from "../streams";
import { type GuardedAgents } from "./guardedAgents";

/** A connection on which nothing moves for that long is given up. */
export const IDLE_MS = 30_000;

export interface HttpRequest {
  url: URL;
  method: "GET" | "POST";
  headers?: Readonly<Record<string, string>>;
  body?: Buffer;
}

export interface HttpResponse {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Has to be read or `discard`ed. */
  body: Bytes;
  discard(): void;
}

/** One request over checked addresses. Redirects are answers like others: whoever asks decides whether they may be followed. */
export async function request(
  { url, method, headers, body }: HttpRequest,
  agents: GuardedAgents,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const secure = url.protocol === "https:";
  const failed = failure(url, signal);
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const asked = (secure ? https : http).request(url, {
      method,
      headers: { ...headers, ...(body && { "content-length": String(body.byteLength) }) },
      agent: secure ? agents.https : agents.http,
      signal,
      timeout: IDLE_MS,
    });
    asked.on("timeout", () => asked.destroy(new Error(`nothing came for ${IDLE_MS / 1000} s`)));
    asked.on("response", (answer) => {
      resolve(held(answer));
    });
    asked.on("error", (error) => {
      reject(failed(error));
    });
    // Without a listener nothing would be heard of such an answer, not even its end.
    asked.on("upgrade", (_answer, socket) => {
      socket.destroy();
      reject(failed(new Error("the server switches to another protocol")));
    });
    asked.end(body);
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: bodyOf(response, failed),
    discard: () => response.destroy(),
  };
}

async function* bodyOf(
  response: http.IncomingMessage,
  failed: (error: unknown) => Error,
): AsyncGenerator<Buffer> {
  try {
    yield* response as AsyncIterable<Buffer>;
  } catch (error) {
    throw failed(error);
  }
}

/** What a failed request means to its caller. A request that was called off fails with what called it off. */
const failure =
  (url: URL, signal: AbortSignal) =>
  (error: unknown): Error => {
    if (signal.aborted) return signal.reason as Error;
    if (error instanceof UserError || error instanceof InfrastructureError) return error;
    return new InfrastructureError("SourceUnreachable", `${url.host}: ${(error as Error).message}`, {
      cause: error,
    });
  };
