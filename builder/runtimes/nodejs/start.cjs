"use strict";
/**
 * Serves a function's handler through the Functions Framework.
 *
 * A handler takes one argument, the event's data, and its result is answered as a CloudEvent. A function that registers itself with the
 * framework under the handler's name, or sets FUNCTION_SIGNATURE_TYPE, is handed to the framework as it is. Whatever is missing fails the start.
 */
const { randomUUID } = require("node:crypto");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

const CODE = process.env.FUNCTION_CODE ?? "/function/code";
const FILE = process.env.HANDLER_FILE ?? "index.js";
const TARGET = process.env.FUNCTION_TARGET ?? "handler";
const SIGNATURE = process.env.FUNCTION_SIGNATURE_TYPE;
const NAME = process.env.K_SERVICE ?? process.env.FUNCTION_NAME ?? "function";
const NAMESPACE = process.env.FUNCTION_NAMESPACE ?? "default";

/** Name under which a handler is registered with the framework, whose rules for names are narrower than JavaScript's. */
const ADAPTED = "knative-lambda-handler";
/** The next attempt fails just the same. */
const NEVER_RETRYABLE = new Set(["TypeError", "RangeError", "ReferenceError", "SyntaxError", "URIError"]);

let firstInvocation = true;

/** As the function sees it: a framework among its own dependencies goes before this image's. */
const fromCode = createRequire(join(CODE, FILE));
const framework = fromCode("@google-cloud/functions-framework");
const { getFunction, getTestServer } = fromCode("@google-cloud/functions-framework/testing");
const { CloudEvent, HTTP } = createRequire(fromCode.resolve("@google-cloud/functions-framework"))(
  "cloudevents",
);

/** @returns the name under which the framework has the function */
async function register() {
  const module = await import(pathToFileURL(join(CODE, FILE)).href);
  if (getFunction(TARGET) !== undefined) return TARGET;
  const handler = module[TARGET] ?? module.default?.[TARGET];
  // What every object has, such as toString, nobody exported.
  if (typeof handler !== "function" || handler === Object.prototype[TARGET]) {
    const exported = { ...module.default, ...module };
    const found = Object.keys(exported).filter((name) => typeof exported[name] === "function");
    throw new Error(
      "the handler is not there: " +
        FILE +
        " exports no function " +
        TARGET +
        "; it exports: " +
        (found.join(", ") || "none"),
    );
  }
  if (SIGNATURE === "http") framework.http(ADAPTED, handler);
  else if (SIGNATURE === "cloudevent") framework.cloudEvent(ADAPTED, handler);
  else if (SIGNATURE !== undefined && SIGNATURE !== "")
    throw new Error("FUNCTION_SIGNATURE_TYPE is " + SIGNATURE + "; it may be http or cloudevent");
  else framework.http(ADAPTED, (request, response) => serve(handler, request, response));
  return ADAPTED;
}

/** Answers one CloudEvent. */
async function serve(handler, request, response) {
  if (request.method !== "POST") {
    response.status(405).set("Allow", "POST").type("text").send("send a CloudEvent by POST\n");
    return;
  }
  const coldStart = firstInvocation;
  firstInvocation = false;
  const started = performance.now();
  const sent = request.get("X-Correlation-ID");
  let eventId = request.get("ce-id");
  let correlationId = headerSafe(sent ?? eventId);

  const send = (status, kind, extra) => {
    const event = new CloudEvent({
      type: "io.knative.lambda.response." + kind,
      source: "io.knative.lambda/" + NAME,
      subject: NAME,
      datacontenttype: "application/json",
      data: {
        functionName: NAME,
        namespace: NAMESPACE,
        invocationId: eventId ?? correlationId,
        correlationId,
        ...extra,
        metrics: {
          durationMs: Math.round(performance.now() - started),
          coldStart,
          memoryUsedMb: Math.floor(process.memoryUsage.rss() / 1024 ** 2),
        },
      },
    });
    const { headers, body } = HTTP.binary(event);
    response.status(status).set(headers).set("X-Correlation-ID", correlationId).send(body);
  };
  const fail = (status, code, message, retryable) => {
    console.error(JSON.stringify({ level: "error", msg: message, code, correlationId }));
    send(status, "error", { error: { code, message, retryable } });
  };

  let event;
  try {
    event = HTTP.toEvent({ headers: request.headers, body: request.rawBody?.toString("utf8") ?? "" });
    if (Array.isArray(event)) throw new Error("a batch of events; send one at a time");
    event.validate();
  } catch (error) {
    fail(400, "InvalidCloudEvent", messageOf(error), false);
    return;
  }
  eventId = event.id;
  if (sent === undefined) correlationId = headerSafe(eventId);
  try {
    const result = await handler(event.data === "" ? {} : (event.data ?? {}));
    send(200, "success", { result: { statusCode: 200, body: result ?? null } });
  } catch (error) {
    console.error(error);
    const code = (error instanceof Error && error.name) || "Error";
    fail(500, code, messageOf(error), !NEVER_RETRYABLE.has(code));
  }
}

const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** A text that a header can carry, or a new id in its place. */
const headerSafe = (text) =>
  typeof text === "string" && /^[\x21-\x7e]{1,256}$/.test(text) ? text : randomUUID();

/** What every function answers, whatever its signature. */
function beforeFunction(server) {
  const [answer] = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const path = request.url.split("?", 1)[0];
    if (path === "/health" && (request.method === "GET" || request.method === "HEAD")) {
      response.writeHead(200, { "Content-Type": "application/json" }).end('{"status":"ok"}');
      return;
    }
    const correlationId = request.headers["x-correlation-id"];
    if (correlationId !== undefined) response.setHeader("X-Correlation-ID", headerSafe(correlationId));
    answer.call(server, request, response);
  });
}

async function main() {
  process.chdir(CODE);
  const server = getTestServer(await register());
  beforeFunction(server);
  // A proxy that keeps its connections to the function decides when they end.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  // As process 1 it would ignore both.
  for (const signal of ["SIGTERM", "SIGINT"])
    process.once(signal, () => {
      server.close(() => process.exit(0));
      server.closeIdleConnections();
    });
  server.listen(Number(process.env.PORT ?? 8080));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
