import type { IncomingMessage, ServerResponse } from "node:http";
import { randomUUID } from "node:crypto";
import type { ApiObject } from "../../builder/kubernetes/objects";
import { keyText } from "../../builder/kubernetes/objects";
import { pathOf, type Resource } from "../../builder/kubernetes/resources";
import { merge, patched, type PatchOperation, Refused } from "./changes";
import { ObjectTable } from "./objectTable";
import { selectorOf } from "./selector";

const BOOKMARK_EVERY_MS = 60_000;

/** How often each kind of request was made: `GET services`, `WATCH pods`. */
export type RequestCounts = Record<string, number>;

/**
 * An API server in memory, as far as a builder asks: lists in pages, watches with a bookmark each minute and one at their end, status as a subresource,
 * optimistic concurrency, JSON patches, merge patches and server-side apply, and reviews of tokens and rights that grant everything. An
 * apply takes no fields away, and nothing is validated.
 */
export class ApiServer {
  readonly requests: RequestCounts = {};
  private readonly tables = new Map<string, ObjectTable>();
  private version = 1_000;

  /** Has an object without telling of it as a request. */
  place(resource: Resource, object: ApiObject): void {
    this.table(pathOf(resource)).put(object);
  }

  async answer(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const place = readPath(url.pathname);
    const watch = url.searchParams.has("watch");
    const asked = `${watch ? "WATCH" : (request.method ?? "")} ${place.plural}`;
    this.requests[asked] = (this.requests[asked] ?? 0) + 1;
    if (watch) {
      this.watch(place, url.searchParams, response);
      return;
    }
    const body = await readJson(request);
    let code = request.method === "POST" ? 201 : 200;
    let answer: unknown;
    try {
      answer = this.decide(
        request.method ?? "",
        place,
        url.searchParams,
        request.headers["content-type"] ?? "",
        body,
      );
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      code = error.code;
      answer = {
        kind: "Status",
        apiVersion: "v1",
        status: "Failure",
        code,
        reason: error.reason,
        message: error.message,
      };
    }
    response.writeHead(code, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  }

  private decide(method: string, place: Place, query: URLSearchParams, type: string, body: unknown): unknown {
    if (method === "POST") return this.create(place, body as ApiObject, query.get("fieldManager") ?? "");
    if (place.name === undefined) return this.list(place, query);
    const table = this.table(place.collection);
    const key = keyText({ namespace: place.namespace, name: place.name });
    const found = table.get(key);
    const applies = type === "application/apply-patch+yaml";
    if (!found && applies)
      return this.create(place, body as ApiObject, query.get("fieldManager") ?? "", "Apply");
    if (!found) throw new Refused(404, "NotFound", `${place.plural} "${place.name}" not found`);
    if (method === "GET") return found;
    if (method === "DELETE") return table.remove(key) ? { kind: "Status", status: "Success" } : {};
    const after =
      type === "application/json-patch+json"
        ? patched(found, body as PatchOperation[])
        : (merge(found, body) as ApiObject);
    const { resourceVersion: expected, ...metadata } = after.metadata;
    if (expected !== found.metadata.resourceVersion)
      throw new Refused(409, "Conflict", `${key} has been modified`);
    const specChanged = JSON.stringify(specIn(after)) !== JSON.stringify(specIn(found));
    return table.put({
      ...after,
      metadata: { ...metadata, generation: (found.metadata.generation ?? 1) + (specChanged ? 1 : 0) },
    });
  }

  private create(
    place: Place,
    given: ApiObject,
    manager: string,
    operation: "Apply" | "Update" = "Update",
  ): unknown {
    if (place.plural === "tokenreviews")
      return {
        ...given,
        status: {
          authenticated: true,
          user: { username: "sender", uid: "1", groups: ["system:authenticated"] },
        },
      };
    if (place.plural === "subjectaccessreviews") return { ...given, status: { allowed: true } };
    const table = this.table(place.collection);
    const key = keyText({ namespace: place.namespace, name: given.metadata.name });
    if (table.get(key)) throw new Refused(409, "AlreadyExists", `${key} already exists`);
    return table.put({
      ...given,
      metadata: {
        ...given.metadata,
        ...(place.namespace === undefined ? {} : { namespace: place.namespace }),
        uid: randomUUID(),
        generation: 1,
        creationTimestamp: new Date().toISOString().replace(/\.\d+/, ""),
        managedFields: [{ manager, operation }],
      },
    });
  }

  private list(place: Place, query: URLSearchParams): unknown {
    const selects = selectorOf(query.get("labelSelector"));
    const all = [...this.table(place.collection).all()].filter(
      (object) => isIn(place, object) && selects(object),
    );
    const from = Number(query.get("continue") ?? 0);
    const limit = Number(query.get("limit") ?? 0) || all.length;
    const more = from + limit < all.length;
    return {
      metadata: {
        resourceVersion: String(this.version),
        ...(more ? { continue: String(from + limit) } : {}),
      },
      items: all.slice(from, from + limit),
    };
  }

  private watch(place: Place, query: URLSearchParams, response: ServerResponse): void {
    const selects = selectorOf(query.get("labelSelector"));
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    const say = (type: string, object: object): void =>
      void response.write(`${JSON.stringify({ type, object })}\n`);
    const bookmark = (): void => {
      say("BOOKMARK", { metadata: { resourceVersion: String(this.version) } });
    };
    const stop = this.table(place.collection).follow(
      Number(query.get("resourceVersion")),
      ({ type, object, previous }) => {
        if (!isIn(place, object)) return;
        const before = previous !== undefined && selects(previous);
        const after = type !== "DELETED" && selects(object);
        if (before || after) say(before && after ? "MODIFIED" : after ? "ADDED" : "DELETED", object);
      },
    );
    if (!stop) {
      say("ERROR", { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" });
      response.end();
      return;
    }
    const minute = setInterval(bookmark, BOOKMARK_EVERY_MS);
    const end = setTimeout(
      () => {
        bookmark();
        response.end();
      },
      Number(query.get("timeoutSeconds") ?? 300) * 1000,
    );
    response.on("close", () => {
      stop();
      clearInterval(minute);
      clearTimeout(end);
    });
  }

  private table(collection: string): ObjectTable {
    const known = this.tables.get(collection) ?? new ObjectTable(() => (this.version += 1));
    this.tables.set(collection, known);
    return known;
  }
}

interface Place {
  /** Path of the kind, of all namespaces. */
  collection: string;
  plural: string;
  namespace: string | undefined;
  name: string | undefined;
}

/** Reads the path of a collection, an object, or a subresource. */
export function readPath(path: string): Place {
  const [, base = "", namespace, plural = "", name] =
    /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?/.exec(path) ??
    [];
  return { collection: `${base}/${plural}`, plural, namespace, name };
}

const isIn = ({ namespace }: Place, { metadata }: ApiObject): boolean =>
  namespace === undefined || metadata.namespace === namespace;

const specIn = (object: ApiObject): unknown => (object as { spec?: unknown }).spec;

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? undefined : JSON.parse(text);
}
