import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import type { ApiServer } from "../../support/apiServer";

/**
 * Stands between builders and the API server and can spoil what passes: it answers in the server's place, or stops passing what a watch says
 * without a word, as a network does that forgets a connection.
 */
export class ApiGate {
  private readonly server: Server;
  private readonly agent: Agent;
  private readonly watches = new Set<ServerResponse>();
  private readonly swallowed = new WeakSet<ServerResponse>();
  private asked = 0;
  /** Of so many requests one is answered with 429 or 500; 0 for none. */
  refuseOneIn = 0;
  /** Requests that were refused. */
  refused = 0;

  constructor(private readonly api: ApiServer) {
    const { ca, cert, key } = api.tls;
    this.agent = new Agent({ keepAlive: true, maxSockets: 256, ca, cert, key });
    this.server = createServer((ask, answer) => {
      this.pass(ask, answer);
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((listening) => this.server.listen(0, "127.0.0.1", listening));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /**
   * From now on nothing comes of the watches that are there, not even their end. Those that are begun later are let through.
   * @returns Whether one of them is still held open by who began it
   */
  swallowWatches(): () => boolean {
    const now = [...this.watches];
    for (const watch of now) this.swallowed.add(watch);
    return () => now.some((watch) => this.watches.has(watch));
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
    this.agent.destroy();
  }

  private pass(ask: IncomingMessage, answer: ServerResponse): void {
    const path = ask.url ?? "/";
    if (this.refuseOneIn > 0 && (this.asked += 1) % this.refuseOneIn === 0) {
      this.refuse(ask, answer);
      return;
    }
    const isWatch = /[?&]watch=true/.test(path);
    const upstream = this.upstream(ask, (from) => {
      answer.writeHead(from.statusCode ?? 502, from.headers);
      if (isWatch) this.passWatch(from, answer);
      else from.pipe(answer);
      from.on("error", () => answer.destroy());
    });
    upstream.on("error", () => answer.destroy());
    answer.on("close", () => upstream.destroy());
    ask.pipe(upstream);
  }

  private upstream(ask: IncomingMessage, answered: (from: IncomingMessage) => void): ClientRequest {
    const { url } = this.api;
    return request(
      `${url}${ask.url ?? "/"}`,
      {
        method: ask.method ?? "GET",
        headers: { ...ask.headers, host: new URL(url).host },
        agent: this.agent,
      },
      answered,
    );
  }

  private passWatch(from: IncomingMessage, answer: ServerResponse): void {
    this.watches.add(answer);
    answer.on("close", () => this.watches.delete(answer));
    answer.flushHeaders();
    from.on("data", (chunk: Buffer) => {
      if (!this.swallowed.has(answer)) answer.write(chunk);
    });
    from.on("end", () => {
      if (!this.swallowed.has(answer)) answer.end();
    });
  }

  /** With 429 nothing was done. With 500 it was, or it was not: every other such request has gone through. */
  private refuse(ask: IncomingMessage, answer: ServerResponse): void {
    this.refused += 1;
    if (this.refused % 2 === 0) {
      ask.resume();
      say(answer, 429, "TooManyRequests");
    } else if (this.refused % 4 === 1) {
      ask.resume();
      say(answer, 500, "InternalError");
    } else {
      const upstream = this.upstream(ask, (from) => {
        say(answer, 500, "InternalError");
        from.destroy();
      });
      upstream.on("error", () => answer.destroy());
      ask.pipe(upstream);
    }
  }
}

function say(answer: ServerResponse, code: number, reason: string): void {
  const message = "a fault that is tried";
  answer
    .writeHead(code, { "content-type": "application/json", ...(code === 429 ? { "retry-after": "1" } : {}) })
    .end(JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", reason, message, code }));
}
