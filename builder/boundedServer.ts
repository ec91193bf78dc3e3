import { createServer, IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What strangers can take of a server. */
export interface Bounds {
  /** Connections at once; more are closed as they come. */
  connections: number;
  /** Time in which a request's headers come, in milliseconds. */
  headersMs: number;
  /** Time in which all of a request comes, in milliseconds. */
  requestMs: number;
  /** How long a connection is kept after an answer, in milliseconds. */
  keepAliveMs: number;
  /** Silence after which a connection is cut whatever it waits for, in milliseconds. @default never */
  idleMs?: number;
  /** In bytes. @default 16 KiB */
  headerBytes?: number;
}

/** Requests of a connection in one turn of the event loop. A client sends one and waits for its answer. */
const MOST_AT_ONCE = 8;

/**
 * What came over a connection in this turn. A packet holds a thousand small requests, of which each would be some kilobytes of objects, all
 * alive until its end: a few hundred such connections would end the process. So past the bound a connection is cut, and what the parser, which
 * can't be stopped, still finds in the packet shares one request and one answer that nobody handles.
 */
class Turn {
  private requests = 0;
  private last: Request | undefined;
  answer: Answer | undefined;

  /** The request to go on with; undefined for a new one. */
  next(): Request | undefined {
    this.requests += 1;
    return this.last;
  }

  began(request: Request): void {
    if (this.requests <= MOST_AT_ONCE) return;
    this.last = request;
    request.socket.destroy();
  }

  get isCut(): boolean {
    return this.last !== undefined;
  }
}

const turns = new WeakMap<Socket, Turn>();

function turnOf(socket: Socket): Turn {
  const known = turns.get(socket);
  if (known) return known;
  const turn = new Turn();
  turns.set(socket, turn);
  setImmediate(() => {
    if (!turn.isCut) turns.delete(socket);
  });
  return turn;
}

class Request extends IncomingMessage {
  constructor(socket: Socket) {
    const turn = turnOf(socket);
    const shared = turn.next();
    if (shared) return shared;
    super(socket);
    turn.began(this);
  }
}

class Answer extends ServerResponse<Request> {
  constructor(request: Request) {
    const turn = turnOf(request.socket);
    if (turn.isCut && turn.answer) return turn.answer;
    super(request);
    if (!turn.isCut) return;
    this.setMaxListeners(0);
    turn.answer = this;
  }
}

/** A server of HTTP within bounds, for fastify's `serverFactory`. */
export const boundedServer =
  ({ connections, headersMs, requestMs, keepAliveMs, idleMs = 0, headerBytes }: Bounds) =>
  (handle: (request: IncomingMessage, response: ServerResponse) => void): Server => {
    const options = {
      IncomingMessage: Request,
      ServerResponse: Answer,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: 1_000,
      ...(headerBytes === undefined ? {} : { maxHeaderSize: headerBytes }),
    };
    const server = createServer(options, (request, response) => {
      if (!request.socket.destroyed) handle(request, response);
    });
    server.maxConnections = connections;
    server.setTimeout(idleMs);
    return server;
  };
