import { finished, Readable } from "node:stream";
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { boundedServer } from "../boundedServer";
import { withDeadline } from "../deadline";
import { type Log, silent } from "../log";
import { UserError } from "../types";
import type { MakeCredentials } from "./credentialFiles";
import { CONTEXT_PATH, CREDENTIALS_PATH } from "./paths";
import { type KnownBuild, standingOf } from "./standing";
import { readToken, type TokenClaims } from "./token";

/** A context as it comes from where it is kept. */
export interface OpenContext {
  /** In bytes, where it is known. */
  size: number | undefined;
  body: AsyncIterable<Uint8Array>;
}

export interface ContextServerArgs {
  /** Opens a context's .tar.gz by its hash; undefined where it is not there any more. */
  openContext: (hash: string, signal: AbortSignal) => Promise<OpenContext | undefined>;
  credentials: MakeCredentials;
  /** The key of the tokens. */
  key: () => Promise<Buffer>;
  /** What is known of a build, by its Job's name. Asked for tokens only whose signature is right. */
  build: (jobName: string) => KnownBuild;
  /** Contexts that are sent at once. @default 32 */
  most?: number;
  /** Time in which a credential is made, in milliseconds. @default 30000 */
  credentialsMs?: number;
  log?: Log;
}

const BOUNDS = {
  connections: 1_000,
  headersMs: 10_000,
  requestMs: 10_000,
  keepAliveMs: 5_000,
  idleMs: 30_000,
  headerBytes: 8 * 1024,
};

/**
 * What build pods fetch: their context and their credentials, each for a token that holds for that one build. It asks for nothing but the
 * token, answers nothing else, and says to strangers only that they are.
 */
export function contextServer(args: ContextServerArgs): FastifyInstance {
  const { most = 32, credentialsMs = 30_000, log = silent } = args;
  const server = fastify({
    logger: false,
    serverFactory: boundedServer(BOUNDS),
    // Nothing is posted here.
    bodyLimit: 1,
    exposeHeadRoutes: false,
    // Who stops the server waits for contexts that are on their way, and for no idle connection.
    forceCloseConnections: "idle",
  });

  /** The claims of a token that holds; otherwise the request is answered. */
  async function admitted(request: FastifyRequest, reply: FastifyReply): Promise<TokenClaims | undefined> {
    const [, token = ""] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "") ?? [];
    const claims = readToken(await args.key(), token);
    const address = request.socket.remoteAddress;
    if (!claims) {
      log.warn({ address, path: request.url }, "a token that is none");
      refuse(reply, 401, "a build's token is needed");
      return undefined;
    }
    const standing = standingOf(claims, args.build(claims.job), address);
    if (standing === "live") return claims;
    log.warn({ address, job: claims.job, standing }, "a token that does not hold");
    if (standing === "unseen") later(reply, "this build's pod is not known here yet");
    else refuse(reply, 403, "the token's build has ended, or is another");
    return undefined;
  }

  let sending = 0;
  server.get(CONTEXT_PATH, async (request, reply) => {
    const claims = await admitted(request, reply);
    if (!claims) return reply;
    if (sending >= most) return later(reply, "too many contexts are being fetched");
    sending += 1;
    const gone = new AbortController();
    finished(reply.raw, () => {
      sending -= 1;
      gone.abort(new DOMException("the connection was closed", "AbortError"));
    });
    const context = await args.openContext(claims.context, gone.signal);
    if (!context) return refuse(reply, 404, "the build's context is not there any more");
    log.info({ job: claims.job, size: context.size }, "context sent");
    reply.type("application/gzip");
    if (context.size !== undefined) reply.header("content-length", context.size);
    return reply.send(Readable.from(context.body, { objectMode: false }));
  });

  server.get(CREDENTIALS_PATH, async (request, reply) => {
    const claims = await admitted(request, reply);
    if (!claims) return reply;
    const build = { namespace: claims.namespace, jobName: claims.job };
    const files = await withDeadline(credentialsMs, undefined, (signal) => args.credentials(build, signal));
    log.info({ job: claims.job, namespace: claims.namespace }, "credentials given");
    return reply.header("cache-control", "no-store").send({ files });
  });

  server.setNotFoundHandler((_request, reply) => refuse(reply, 404, "there is nothing here"));
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof UserError) return refuse(reply, 422, error.message);
    const { statusCode = 500 } = error;
    if (statusCode < 500) return refuse(reply, statusCode, "the request can't be read");
    log.error({ err: error, path: request.url }, "a build's request failed");
    return later(reply, "the builder can't answer now");
  });
  return server;
}

const refuse = (reply: FastifyReply, code: number, error: string): FastifyReply =>
  reply.code(code).send({ error });

const later = (reply: FastifyReply, error: string): FastifyReply =>
  reply.code(503).header("retry-after", "1").send({ error });
