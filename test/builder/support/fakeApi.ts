import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent } from "undici";
import { KubernetesClient } from "../../../builder/kubernetes/client";
import type { Connection } from "../../../builder/kubernetes/connection";
import type { ApiObject } from "../../../builder/kubernetes/objects";
import { RateLimit } from "../../../builder/kubernetes/rateLimit";
import type { TransportArgs } from "../../../builder/kubernetes/transport";
import { merge } from "../../../tools/bench/changes";
import { bodyOf, Loopback } from "./loopback";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: unknown;
}

/** An answer that a test gives in the server's place. */
export interface Given {
  code: number;
  body?: unknown;
  headers?: Record<string, string>;
}

interface Watcher {
  collection: string;
  response: ServerResponse;
}

type Changed = Record<string, unknown> & { metadata?: Record<string, unknown> };

/**
 * As much of an API server as the builder's client needs: lists in pages, watches, creates, patches and deletes, with versions and preconditions. It knows no
 * schema, no selectors and no field managers, and an apply merges.
 */
export class FakeApi {
  readonly asked: Asked[] = [];
  readonly objects = new Map<string, ApiObject>();
  /** Answers in the server's place, or never where it returns "hang". */
  intercept: (asked: Asked) => Given | "hang" | undefined = () => undefined;
  /** Watches get no events, and stay open: a connection whose other end is gone. */
  blackHole = false;
  private readonly watchers = new Set<Watcher>();
  private readonly history: { collection: string; version: number; line: string }[] = [];
  private version = 100;
  private oldest = 0;
  private loopback!: Loopback;

  static async start(): Promise<FakeApi> {
    const api = new FakeApi();
    api.loopback = await Loopback.listen((request, response) => {
      void api.answer(request, response);
    });
    return api;
  }

  get connection(): Connection & { renewed: number } {
    const dispatcher = new Agent();
    return {
      server: this.loopback.url,
      renewed: 0,
      credentials: () => Promise.resolve({ headers: { authorization: "Bearer t" }, dispatcher }),
      renew() {
        this.renewed += 1;
      },
      close: () => dispatcher.destroy(),
    };
  }

  client(args: Partial<TransportArgs> = {}): KubernetesClient {
    return new KubernetesClient({
      connection: this.connection,
      rateLimit: new RateLimit({ perSecond: 1e6, burst: 1e6 }),
      userAgent: "test",
      fieldManager: "test",
      ...args,
    });
  }

  async close(): Promise<void> {
    await this.loopback.close();
  }

  /** Goes away and comes back, with its objects. */
  async restart(between: () => Promise<void>): Promise<void> {
    await this.loopback.close();
    await between();
    this.loopback = await Loopback.listen((request, response) => {
      void this.answer(request, response);
    }, this.loopback.port);
  }

  /** Forgets what was before: a watch from there is answered with 410. */
  compact(): void {
    this.oldest = ++this.version;
    this.history.length = 0;
  }

  /** What stands in the store, changed from outside. */
  put(collection: string, object: ApiObject): ApiObject {
    return this.write(collection, object);
  }

  remove(collection: string, name: string): void {
    const path = `${collection}/${name}`;
    const object = this.objects.get(path);
    if (!object) return;
    this.objects.delete(path);
    object.metadata.resourceVersion = String(++this.version);
    this.publish(collection, "DELETED", object);
  }

  /** Ends all watches, as the server does when their time is over. */
  endWatches(): void {
    for (const { response } of this.watchers) response.end();
  }

  /** Writes into all watches, whatever it is. */
  inject(bytes: string | Uint8Array): void {
    for (const { response } of this.watchers) response.write(bytes);
  }

  get watching(): number {
    return this.watchers.size;
  }

  askedFor(method: string, part = ""): Asked[] {
    return this.asked.filter((asked) => asked.method === method && asked.path.includes(part));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://api");
    const text = (await bodyOf(request)).toString();
    const asked: Asked = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: text === "" ? undefined : (JSON.parse(text) as unknown),
    };
    this.asked.push(asked);
    const given = this.intercept(asked) ?? (asked.query.has("watch") ? undefined : this.decide(asked));
    if (given === "hang") return;
    if (!given) {
      this.watch(asked, response);
      return;
    }
    response.writeHead(given.code, { "content-type": "application/json", ...given.headers });
    response.end(typeof given.body === "string" ? given.body : JSON.stringify(given.body ?? {}));
  }

  private decide({ method, path, query, body, headers }: Asked): Given {
    const status = path.endsWith("/status");
    const target = status ? path.slice(0, -"/status".length) : path;
    const object = this.objects.get(target);
    const collection = target.slice(0, target.lastIndexOf("/"));
    if (method === "POST") {
      const made = body as ApiObject;
      if (this.objects.has(`${path}/${made.metadata.name}`)) return refusal(409, "AlreadyExists");
      return { code: 201, body: this.write(path, made) };
    }
    if (method === "GET") return object ? { code: 200, body: object } : this.list(path, query);
    if (method === "DELETE") {
      if (!object) return refusal(404, "NotFound");
      const { preconditions = {} } = body as { preconditions?: Record<string, string> };
      const { uid, resourceVersion } = object.metadata;
      if (
        (preconditions["uid"] ?? uid) !== uid ||
        (preconditions["resourceVersion"] ?? resourceVersion) !== resourceVersion
      )
        return refusal(409, "Conflict");
      this.remove(collection, object.metadata.name);
      return { code: 200, body: {} };
    }
    const type = headers["content-type"];
    if (type === "application/json-patch+json") {
      if (!object) return refusal(404, "NotFound");
      const changed = structuredClone(object) as unknown as Changed;
      for (const { path: at, value } of body as { path: string; value: unknown }[]) {
        if (at === "/metadata/resourceVersion" && value !== object.metadata.resourceVersion)
          return refusal(409, "Conflict");
        set(changed, at.slice(1).split("/"), value);
      }
      return { code: 200, body: this.write(collection, changed as unknown as ApiObject) };
    }
    const change = body as Changed;
    const { uid, resourceVersion } = (change.metadata ?? {}) as { uid?: string; resourceVersion?: string };
    if (!object)
      return type === "application/apply-patch+yaml" && uid === undefined
        ? { code: 201, body: this.write(collection, change as unknown as ApiObject) }
        : refusal(uid === undefined ? 404 : 409, uid === undefined ? "NotFound" : "Conflict");
    if ((resourceVersion ?? object.metadata.resourceVersion) !== object.metadata.resourceVersion)
      return refusal(409, "Conflict");
    return { code: 200, body: this.write(collection, merge(object, change) as ApiObject) };
  }

  private list(path: string, query: URLSearchParams): Given {
    const all = [...this.objects].filter(([key]) => key.startsWith(`${path}/`)).map(([, object]) => object);
    const last = path.slice(path.lastIndexOf("/") + 1);
    if (all.length === 0 && /\/(namespaces\/[^/]+\/)?[a-z]+\/[^/]+$/.test(path) && !/s$/.test(last))
      return refusal(404, "NotFound");
    const from = Number(query.get("continue") ?? 0);
    const limit = Number(query.get("limit") ?? all.length);
    const more = from + limit < all.length;
    return {
      code: 200,
      body: {
        metadata: {
          resourceVersion: String(this.version),
          ...(more ? { continue: String(from + limit) } : {}),
        },
        items: all.slice(from, from + limit),
      },
    };
  }

  private watch({ path, query }: Asked, response: ServerResponse): void {
    const from = Number(query.get("resourceVersion"));
    response.writeHead(200, { "content-type": "application/json" });
    if (from < this.oldest) {
      response.end(`${JSON.stringify({ type: "ERROR", object: refusal(410, "Expired").body })}\n`);
      return;
    }
    response.flushHeaders();
    const watcher: Watcher = { collection: path, response };
    this.watchers.add(watcher);
    response.on("close", () => this.watchers.delete(watcher));
    if (this.blackHole) return;
    for (const { collection, version, line } of this.history)
      if (collection === path && version > from) response.write(line);
  }

  private write(collection: string, object: ApiObject): ApiObject {
    const path = `${collection}/${object.metadata.name}`;
    const before = this.objects.get(path);
    const written: ApiObject = {
      ...object,
      metadata: {
        ...object.metadata,
        uid: before?.metadata.uid ?? `uid-${++this.version}`,
        resourceVersion: String(++this.version),
        managedFields: [{ manager: "test", operation: "Apply" }],
      },
    };
    this.objects.set(path, written);
    this.publish(collection, before ? "MODIFIED" : "ADDED", written);
    return written;
  }

  private publish(collection: string, type: string, object: ApiObject): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    this.history.push({ collection, version: Number(object.metadata.resourceVersion), line });
    if (this.blackHole) return;
    for (const watcher of this.watchers) if (watcher.collection === collection) watcher.response.write(line);
  }
}

const refusal = (code: number, reason: string): Given => ({
  code,
  body: { kind: "Status", code, reason, message: `${reason} by the fake API server` },
});

function set(target: Record<string, unknown>, [first = "", ...rest]: string[], value: unknown): void {
  if (rest.length === 0) target[first] = value;
  else set((target[first] ??= {}) as Record<string, unknown>, rest, value);
}
