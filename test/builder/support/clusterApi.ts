import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent } from "undici";
import { KubernetesClient } from "../../../builder/kubernetes/client";
import type { Connection } from "../../../builder/kubernetes/connection";
import { RateLimit } from "../../../builder/kubernetes/rateLimit";
import type { TransportArgs } from "../../../builder/kubernetes/transport";
import { merge, patched, type PatchOperation, Refused } from "../../../tools/bench/changes";
import { selectorOf } from "../../../tools/bench/selector";
import { bodyOf, Loopback } from "./loopback";
import { type Admission, ObjectStore, pluralOf, type StoredObject, type StoreEvent } from "./objectStore";

/** A request, and from whom: the user agent tells replicas apart. */
export interface ClusterAsked {
  method: string;
  path: string;
  from: string;
  body: unknown;
}

/**
 * What becomes of a request instead: an answer of its own; `cut`, no answer and nothing done; `lost`, done and no answer.
 */
export type Fault = { code: number; reason?: string; retryAfter?: number } | "cut" | "lost";

interface Watcher {
  plural: string;
  from: string;
  see: (event: StoreEvent) => void;
}

/** An API server in memory, on the loopback: {@link ObjectStore} over HTTP, with label selectors, watches and logs of pods. */
export class ClusterApi {
  readonly store: ObjectStore;
  /** All that was asked but watches, Events and the replicas' Leases. */
  readonly asked: ClusterAsked[] = [];
  /** Logs by `namespace/pod`. */
  readonly logs = new Map<string, string>();
  fault: (asked: ClusterAsked) => Fault | undefined = () => undefined;
  private readonly watchers = new Set<Watcher>();
  private readonly lagging = new Set<string>();
  private readonly late: { watcher: Watcher; event: StoreEvent }[] = [];
  private readonly dead = new Set<string>();
  private loopback!: Loopback;

  private constructor(admission: Readonly<Record<string, Admission>>, now: () => Date) {
    this.store = new ObjectStore(admission, now);
    this.store.onEvent((event) => {
      for (const watcher of this.watchers)
        if (this.lagging.has(watcher.plural) || this.lagging.has(`${watcher.from} ${watcher.plural}`))
          this.late.push({ watcher, event });
        else watcher.see(event);
    });
  }

  static async start(
    admission: Readonly<Record<string, Admission>> = {},
    now: () => Date = () => new Date(),
  ): Promise<ClusterApi> {
    const api = new ClusterApi(admission, now);
    api.loopback = await Loopback.listen((request, response) => {
      void api.answer(request, response);
    });
    return api;
  }

  close(): Promise<void> {
    return this.loopback.close();
  }

  connection(): Connection {
    const dispatcher = new Agent();
    return {
      server: this.loopback.url,
      credentials: () => Promise.resolve({ headers: {}, dispatcher }),
      renew: () => undefined,
      close: () => dispatcher.destroy(),
    };
  }

  /** @param from The user agent: a replica's name */
  client(from: string, connection: Connection, args: Partial<TransportArgs> = {}): KubernetesClient {
    return new KubernetesClient({
      connection,
      rateLimit: new RateLimit({ perSecond: 1e6, burst: 1e6 }),
      userAgent: from,
      fieldManager: "knative-lambda-builder",
      ...args,
    });
  }

  /** Nothing more is taken from a replica, and nothing told: it was killed. */
  kill(from: string): void {
    this.dead.add(from);
  }

  /** Watches of a kind tell nothing for now, of all replicas or of one: they are behind. */
  holdWatches(plural: string, from?: string): void {
    this.lagging.add(from === undefined ? plural : `${from} ${plural}`);
  }

  releaseWatches(): void {
    this.lagging.clear();
    for (const { watcher, event } of this.late.splice(0)) watcher.see(event);
  }

  /** What changed something, or was to. */
  writes(part = ""): ClusterAsked[] {
    return this.asked.filter(({ method, path }) => method !== "GET" && path.includes(part));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://api");
    const text = (await bodyOf(request)).toString();
    const asked: ClusterAsked = {
      method: request.method ?? "",
      path: url.pathname,
      from: request.headers["user-agent"] ?? "",
      body: text === "" ? undefined : (JSON.parse(text) as unknown),
    };
    if (this.dead.has(asked.from)) {
      response.destroy();
      return;
    }
    if (url.searchParams.has("watch")) {
      this.watch(asked, url.searchParams, response);
      return;
    }
    const quiet = /\/events(\/|$)|-system\/leases/.test(asked.path);
    if (!quiet) this.asked.push(asked);
    const fault = quiet ? undefined : this.fault(asked);
    // It may have been killed at this very request.
    if (fault === "cut" || (fault !== "lost" && this.dead.has(asked.from))) return void response.destroy();
    if (typeof fault === "object") {
      const after = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
      response.writeHead(fault.code, after);
      return void response.end(
        JSON.stringify(status(fault.code, fault.reason ?? "", "a fault of the test's")),
      );
    }
    let code = asked.method === "POST" ? 201 : 200;
    let body: unknown;
    try {
      body = this.decide(asked, url.searchParams, request.headers["content-type"] ?? "");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      code = error.code;
      body = status(code, error.reason, error.message);
    }
    if (fault === "lost") return void response.destroy();
    response.writeHead(code, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  }

  private decide({ method, path, body, from }: ClusterAsked, query: URLSearchParams, type: string): unknown {
    const { collection, name, subresource } = readPath(path);
    const manager = query.get("fieldManager") ?? from;
    if (method === "POST") return this.store.create(collection, body as StoredObject, manager);
    if (name === undefined) return this.list(collection, query);
    if (subresource === "log") {
      const log = this.logs.get(`${readPath(path).namespace ?? ""}/${name}`);
      if (log === undefined) throw new Refused(404, "NotFound", "no such log");
      return partOf(log, Number(query.get("tailLines")), Number(query.get("limitBytes")));
    }
    if (method === "GET") {
      const object = this.store.get(`${collection}/${name}`);
      if (!object) throw new Refused(404, "NotFound", `${path} not found`);
      return object;
    }
    if (method === "DELETE") {
      const { preconditions } = body as { preconditions?: { uid?: string; resourceVersion?: string } };
      this.store.remove(collection, name, preconditions);
      return {};
    }
    if (type === "application/apply-patch+yaml")
      return this.store.apply(collection, body as StoredObject, manager);
    return this.store.change(collection, name, subresource === "status", (object) =>
      type === "application/json-patch+json"
        ? patched(object, body as PatchOperation[])
        : (merge(object, body) as StoredObject),
    );
  }

  private list(collection: string, query: URLSearchParams): unknown {
    const items = this.store.where((path) => isIn(collection, path.slice(0, path.lastIndexOf("/"))));
    const selected = items.filter(selectorOf(query.get("labelSelector")));
    return { metadata: { resourceVersion: String(this.store.latest) }, items: selected };
  }

  private watch({ path, from }: ClusterAsked, query: URLSearchParams, response: ServerResponse): void {
    const { collection } = readPath(path);
    const selects = selectorOf(query.get("labelSelector"));
    const since = Number(query.get("resourceVersion"));
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    const see = (event: StoreEvent): void => {
      if (event.version <= since || !isIn(collection, event.collection) || this.dead.has(from)) return;
      const before = event.type !== "ADDED" && event.previous !== undefined && selects(event.previous);
      const after = event.type !== "DELETED" && selects(event.object);
      if (!before && !after) return;
      const type = before && after ? "MODIFIED" : after ? "ADDED" : "DELETED";
      response.write(`${JSON.stringify({ type, object: event.object })}\n`);
    };
    for (const event of this.store.events) see(event);
    const watcher = { plural: pluralOf(collection), from, see };
    this.watchers.add(watcher);
    const end = setTimeout(
      () => {
        const bookmark = { metadata: { resourceVersion: String(this.store.latest) } };
        response.end(`${JSON.stringify({ type: "BOOKMARK", object: bookmark })}\n`);
      },
      Number(query.get("timeoutSeconds")) * 1000,
    );
    response.on("close", () => {
      clearTimeout(end);
      this.watchers.delete(watcher);
    });
  }
}

/** The parts of a path. `collection` is the path without name and subresource. */
export function readPath(path: string): {
  collection: string;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
} {
  const found =
    /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/.exec(
      path,
    );
  const [, base = "", inNamespace = "", namespace, plural = "", name, subresource] = found ?? [];
  return { collection: `${base}${inNamespace}/${plural}`, namespace, name, subresource };
}

/** As the kubelet reads logs: so many bytes from where the last lines begin, whatever comes after them. */
const partOf = (log: string, tailLines: number, limitBytes: number): string =>
  Buffer.from(
    log
      .split(/(?<=\n)/)
      .slice(-tailLines)
      .join(""),
  )
    .subarray(0, limitBytes)
    .toString();

/** Whether a collection is part of another: of the same, or of the kind in all namespaces. */
const isIn = (whole: string, part: string): boolean =>
  part === whole || part.replace(/\/namespaces\/[^/]+(?=\/[^/]+$)/, "") === whole;

const status = (code: number, reason: string, message: string) => ({ kind: "Status", code, reason, message });
