import { EventEmitter, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type BackOff, backOffMs } from "../backOff";
import { type Log, silent } from "../log";
import { ApiError, isGone } from "./apiError";
import type { KubernetesClient, Selection } from "./client";
import { type ApiObject, keyOf } from "./objects";
import { apiVersionOf, type Resource } from "./resources";
import { type Indexes, Store } from "./store";
import type { WatchEvent } from "./watchStream";

/** What became of an object. `resync`: nothing; it is time to look whether all is as it should be. */
export type Change<T> =
  { type: "added" | "deleted" | "resync"; object: T } | { type: "updated"; object: T; previous: T };

export interface ReflectorArgs<T extends ApiObject> {
  client: KubernetesClient;
  resource: Resource<T>;
  /** @default all namespaces, all objects */
  selection?: Selection;
  /** Makes an object smaller before it is kept. What it leaves out is not there for anyone. `managedFields` go in any case. */
  trim?: (object: T) => T;
  indexes?: Indexes<T>;
  /** Objects in a page of a list. @default 500 */
  pageSize?: number;
  /** Time in which each object is said to have its `resync` once, spread evenly. 0 for never. @default 600000 */
  resyncMs?: number;
  /**
   * Length of one watch, in seconds. The server's bookmarks come once a minute, too seldom to tell a quiet watch from a broken
   * one within a minute; the end that the server puts to a watch tells sooner. @default 45
   */
  watchSeconds?: number;
  /** Silence beyond the end of a watch after which it counts as broken, in milliseconds. @default 5000 */
  graceMs?: number;
  log?: Log;
  random?: () => number;
  /** Monotonic clock, in milliseconds. */
  now?: () => number;
}

const BACK_OFF: BackOff = { baseMs: 200, capMs: 15_000 };
/** A server that asks for more is asked again all the same. */
const LONGEST_RETRY_AFTER_MS = 60_000;
/** A watch that ends sooner has failed, whatever the server says. */
const SHORTEST_WATCH_MS = 1_000;
/** Portions of a resync. */
const PORTIONS = 100;

/**
 * Keeps a store in step with the API server: lists in pages, then watches from where the list ended. A watch that ends, breaks or
 * falls silent is taken up where it ended; only where the server no longer knows that point is there a new list.
 */
export class Reflector<T extends ApiObject> {
  readonly store: Store<T>;
  private readonly args: Required<Omit<ReflectorArgs<T>, "trim" | "indexes">> &
    Pick<ReflectorArgs<T>, "trim">;
  private readonly handlers: ((change: Change<T>) => void)[] = [];
  private readonly firstList = new EventEmitter();
  private version: string | undefined;
  private listed = false;
  private contactAt = Number.NEGATIVE_INFINITY;
  /** When the loop last came round. */
  private turnAt: number;

  constructor({ indexes, ...args }: ReflectorArgs<T>) {
    this.args = {
      selection: {},
      pageSize: 500,
      resyncMs: 600_000,
      watchSeconds: 45,
      graceMs: 5_000,
      log: silent,
      random: Math.random,
      now: () => performance.now(),
      ...args,
    };
    this.turnAt = this.args.now();
    this.store = new Store(indexes);
  }

  /** Told of each change, after the store has it. What it throws is logged, and stops nothing. */
  onChange(handler: (change: Change<T>) => void): void {
    this.handlers.push(handler);
  }

  /** Whether the store has had a whole list. */
  get hasSynced(): boolean {
    return this.listed;
  }

  /**
   * Resolves once the store has had a whole list.
   * @throws AbortError where the signal aborts first
   */
  async synced(signal: AbortSignal): Promise<void> {
    if (!this.listed) await once(this.firstList, "list", { signal });
  }

  /** Milliseconds since the API server was last heard of; Infinity before the first time. */
  get silentMs(): number {
    return this.args.now() - this.contactAt;
  }

  /** Milliseconds since the reflector last heard of the API server, or tried to: one that doesn't even try is stuck. */
  get stillMs(): number {
    return this.args.now() - Math.max(this.contactAt, this.turnAt);
  }

  /** Runs until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const stopResync = this.resync();
    let failures = 0;
    const alive = (): void => {
      failures = 0;
    };
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      let retryAfter = 0;
      this.turnAt = this.args.now();
      try {
        this.version ??= await this.list(signal);
        const started = performance.now();
        await this.watch(this.version, signal, alive);
        if (performance.now() - started >= SHORTEST_WATCH_MS) alive();
        else failures += 1;
      } catch (error) {
        if (stopped()) break;
        failures += 1;
        if (isGone(error)) this.version = undefined;
        retryAfter = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
        this.args.log.warn(
          { err: error, resource: this.args.resource.plural, failures },
          isGone(error) ? "list again" : "watch again",
        );
      }
      if (failures > 0)
        await sleep(
          Math.max(
            Math.min(retryAfter, LONGEST_RETRY_AFTER_MS),
            backOffMs(failures, BACK_OFF, this.args.random()),
          ),
          undefined,
          {
            signal,
          },
        ).catch(() => undefined);
    }
    stopResync();
  }

  private async list(signal: AbortSignal): Promise<string> {
    const { client, resource, selection, pageSize } = this.args;
    const objects: T[] = [];
    let from: string | undefined;
    let version = "";
    do {
      const page = await client.list(resource, selection, { limit: pageSize, from, signal });
      this.contactAt = this.args.now();
      for (const object of page.items) objects.push(this.kept(object));
      ({ next: from, resourceVersion: version } = page);
    } while (from !== undefined);

    const { added, updated, deleted } = this.store.replace(objects);
    this.listed = true;
    for (const object of deleted) this.tell({ type: "deleted", object });
    for (const { object, previous } of updated) this.tell({ type: "updated", object, previous });
    for (const object of added) this.tell({ type: "added", object });
    this.firstList.emit("list");
    return version;
  }

  private watch(resourceVersion: string, signal: AbortSignal, alive: () => void): Promise<void> {
    const { client, resource, selection, watchSeconds, graceMs, random } = this.args;
    // Watches that began together are not to end together.
    const seconds = Math.max(1, Math.round(watchSeconds * (0.8 + 0.2 * random())));
    return client.watch(resource, selection, {
      resourceVersion,
      seconds,
      silentMs: seconds * 1000 + graceMs,
      signal,
      onContact: () => {
        this.contactAt = this.args.now();
      },
      onEvent: (event) => {
        alive();
        this.take(event);
      },
    });
  }

  private take({ type, object }: WatchEvent<T>): void {
    this.version = object.metadata.resourceVersion ?? this.version;
    if (type === "BOOKMARK") return;
    if (type === "DELETED") {
      const previous = this.store.delete(keyOf(object));
      if (previous) this.tell({ type: "deleted", object: this.kept(object) });
      return;
    }
    const kept = this.kept(object);
    const previous = this.store.set(kept);
    this.tell(previous ? { type: "updated", object: kept, previous } : { type: "added", object: kept });
  }

  private kept(object: T): T {
    const { resource, trim } = this.args;
    delete object.metadata.managedFields;
    // Items of a list come without; one text is shared by all.
    object.apiVersion = apiVersionOf(resource);
    object.kind = resource.kind;
    return trim ? trim(object) : object;
  }

  private tell(change: Change<T>): void {
    for (const handler of this.handlers) {
      try {
        handler(change);
      } catch (error) {
        this.args.log.error(
          { err: error, resource: this.args.resource.plural, object: keyOf(change.object) },
          "a handler of changes failed",
        );
      }
    }
  }

  /** Says `resync` of every object once in `resyncMs`, a portion at a time. */
  private resync(): () => void {
    const { resyncMs } = this.args;
    if (resyncMs <= 0) return () => undefined;
    let left: string[] = [];
    let portion = 0;
    const timer = setInterval(() => {
      if (portion % PORTIONS === 0) left = [...this.store.keys()];
      const count = Math.ceil(left.length / (PORTIONS - (portion % PORTIONS)));
      portion += 1;
      for (const key of left.splice(left.length - count)) {
        const object = this.store.get(key);
        if (object) this.tell({ type: "resync", object });
      }
    }, resyncMs / PORTIONS);
    return () => {
      clearInterval(timer);
    };
  }
}
