import { randomUUID } from "node:crypto";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { boundedServer } from "../boundedServer";
import type { Log } from "../log";
import { type Caller, callerNamed } from "./access";
import { readCloudEvent } from "./cloudEvent";
import { Intake, type IntakeArgs } from "./intake";
import { Pressure, type PressureArgs } from "./pressure";
import { busy, Refusal } from "./refusal";
import { checkHeaders, decoded } from "./requestHeaders";

/** One request, answered. */
export interface IntakeAnswer {
  port: "http" | "broker";
  status: number;
  /** `created`, `repeated`, … or the reason of a refusal. */
  outcome: string;
  seconds: number;
}

export interface IntakeServersArgs extends IntakeArgs {
  log: Log;
  /** Told of each answer, for metrics. */
  onAnswer?: ((answer: IntakeAnswer) => void) | undefined;
  /** What each port works on at once. @default 256 requests, 96 MiB */
  pressure?: PressureArgs | undefined;
}

export interface IntakeServers {
  /** For callers with a token. */
  http: FastifyInstance;
  /** For a broker that can't send one; undefined where no user is named for it. */
  broker: FastifyInstance | undefined;
}

/** The API server takes no object above 1.5 MiB. */
export const BODY_LIMIT = 1_572_864;
const PATHS = ["/", "/events"];
const CORRELATION = "x-correlation-id";
const CORRELATION_ID = /^[\x21-\x7e]{1,128}$/;
const BEARER = /^Bearer +([\x21-\x7e]+)$/i;
/** As many as the memory of the smallest builder has room for; more are closed as they come. */
export const MOST_CONNECTIONS = 4_096;
/** Slow clients hold a connection, and no more than that, for a few seconds. */
const BOUNDS = { connections: MOST_CONNECTIONS, headersMs: 10_000, requestMs: 15_000, keepAliveMs: 10_000 };

declare module "fastify" {
  interface FastifyRequest {
    correlationId: string;
    caller: Caller | undefined;
    outcome: string;
    leave: (() => void) | undefined;
  }
}

/**
 * The two servers of CloudEvents, over one intake. They listen when told to; `close` answers what was taken and takes no more.
 */
export function intakeServers(args: IntakeServersArgs): IntakeServers {
  const intake = new Intake(args);
  const user = args.environment.BROKER_USER;
  return {
    http: server(args, intake, "http", async (request) => {
      const token = BEARER.exec(request.headers.authorization ?? "")?.[1];
      const caller = token === undefined ? undefined : await intake.access.callerOf(token);
      if (!caller)
        throw new Refusal(401, "Unauthorized", "send a token of the cluster as Authorization: Bearer");
      return caller;
    }),
    broker:
      user === undefined || user === ""
        ? undefined
        : server(args, intake, "broker", () => Promise.resolve(callerNamed(user))),
  };
}

function server(
  { log, onAnswer, pressure: most }: IntakeServersArgs,
  intake: Intake,
  port: IntakeAnswer["port"],
  authenticate: (request: FastifyRequest) => Promise<Caller>,
): FastifyInstance {
  const pressure = new Pressure(most ?? { requests: 256, bytes: 96 * 1024 * 1024 });
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    serverFactory: boundedServer(BOUNDS),
    routerOptions: { ignoreTrailingSlash: true },
    // While it stops, fastify answers 503 to what still comes in over a connection that was open.
    forceCloseConnections: "idle",
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });
  app.decorateRequest("correlationId", "");
  app.decorateRequest("caller", undefined);
  app.decorateRequest("outcome", "");
  app.decorateRequest("leave", undefined);

  app.addHook("onRequest", async (request, reply) => {
    const given = request.headers[CORRELATION];
    request.correlationId = typeof given === "string" && CORRELATION_ID.test(given) ? given : randomUUID();
    reply.header(CORRELATION, request.correlationId);
    reply.raw.once("close", () => request.leave?.());
  });
  let closing = false;
  app.addHook("preClose", (done) => {
    closing = true;
    done();
  });
  app.addHook("onSend", async (_request, reply) => {
    // A connection that is kept would hold up the end.
    if (closing) reply.header("connection", "close");
  });
  app.addHook("onResponse", async (request, reply) => {
    onAnswer?.({
      port,
      status: reply.statusCode,
      outcome: request.outcome,
      seconds: reply.elapsedTime / 1000,
    });
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    answerRefusal(asRefusal(error), request, reply, error, log);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0] ?? "";
    const refusal = PATHS.includes(path)
      ? new Refusal(405, "MethodNotAllowed", "send events by POST")
      : new Refusal(404, "NotFound", "send events to / or /events");
    if (refusal.status === 405) reply.header("allow", "POST");
    answerRefusal(refusal, request, reply, refusal, log);
  });

  for (const url of PATHS)
    app.post(
      url,
      {
        // Before the body is read: nobody who is not known makes the service read one.
        onRequest: async (request) => {
          const length = Number(request.headers["content-length"] ?? BODY_LIMIT);
          checkHeaders(request.raw);
          if (length > BODY_LIMIT) throw new Refusal(413, "TooLarge", `a body above ${BODY_LIMIT} bytes`);
          request.leave = pressure.take(length);
          if (!request.leave) throw busy("too many events at once; send this one again");
          request.caller = await authenticate(request);
        },
      },
      async (request, reply) => {
        const caller = request.caller as Caller;
        const body = Buffer.isBuffer(request.body) ? decoded(request.body, "the body") : "";
        const event = readCloudEvent(request.headers, body);
        const accepted = await intake.take(event, caller, request.correlationId);
        request.outcome = accepted.outcome;
        log.info(
          {
            correlationId: request.correlationId,
            eventId: event.id,
            eventType: event.type,
            caller: caller.username,
            port,
            ...accepted,
          },
          "event accepted",
        );
        return reply.code(202).send({
          status: "accepted",
          eventId: event.id,
          correlationId: request.correlationId,
          ...accepted,
        });
      },
    );
  return app;
}

function asRefusal(error: Error & { statusCode?: number }): Refusal {
  if (error instanceof Refusal) return error;
  if (error.statusCode === 413) return new Refusal(413, "TooLarge", `a body above ${BODY_LIMIT} bytes`);
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return new Refusal(400, "RequestUnreadable", error.message);
  return new Refusal(500, "Failed", "the event could not be stored; send it again", { retryAfterSeconds: 5 });
}

function answerRefusal(
  refusal: Refusal,
  request: FastifyRequest,
  reply: FastifyReply,
  error: Error,
  log: Log,
): void {
  const { status, reason, message, details } = refusal;
  const { correlationId } = request;
  request.outcome = reason;
  if (status === 500)
    log.error({ correlationId, error: error.message, reason: error.name }, "event not stored");
  else
    log.info({ correlationId, status, reason, message, caller: request.caller?.username }, "event refused");
  if (status === 401) reply.header("www-authenticate", "Bearer");
  if (details.retryAfterSeconds !== undefined) reply.header("retry-after", String(details.retryAfterSeconds));
  // What is left of its body is not waited for.
  if (!request.raw.readableEnded) reply.header("connection", "close");
  reply.code(status).send({
    status: "error",
    error: reason,
    message,
    ...(details.mistakes === undefined ? {} : { mistakes: details.mistakes }),
    correlationId,
  });
}
