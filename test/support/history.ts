import { setTimeout as delay } from "node:timers/promises";
import { type ApiServer, Refused } from "./apiServer";
import type { KubernetesObject } from "./kubectl";

/** One object at one moment, in the order in which the API server stored it. */
export interface Moment<T> {
  type: "ADDED" | "MODIFIED" | "DELETED";
  object: T;
  /** When it was heard of, in milliseconds on this process's monotonic clock. */
  at: number;
}

interface Listed<T> {
  metadata: { resourceVersion: string };
  items: T[];
}

/** All that became of the objects of one kind, by a watch that is taken up where it broke. */
export class History<T extends KubernetesObject> {
  /** As they are. */
  readonly now = new Map<string, T>();
  readonly moments: Moment<T>[] = [];
  /** How often the watch could not be taken up where it broke: what came and went in between is not in here. */
  gaps = -1;
  private readonly stopped = new AbortController();
  private running: Promise<void> | undefined;

  /** @param keeps What came before; else only how the objects are now */
  constructor(
    private readonly api: ApiServer,
    private readonly path: string,
    private readonly keeps = true,
  ) {}

  async start(): Promise<void> {
    let version: string | undefined;
    const { signal } = this.stopped;
    this.running = (async () => {
      while (!signal.aborted)
        try {
          version ??= await this.list();
          for await (const { type, object } of this.api.watch(this.path, version, signal)) {
            if (type === "ERROR") {
              version = undefined;
              break;
            }
            const known = object as unknown as T;
            version = known.metadata.resourceVersion ?? version;
            if (type !== "BOOKMARK") this.take(type, known);
          }
        } catch (error) {
          if (error instanceof Refused && error.code === 410) version = undefined;
          await delay(100, undefined, { signal }).catch(() => undefined);
        }
    })();
    while (this.gaps < 0) await delay(50);
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async list(): Promise<string> {
    const { metadata, items } = await this.api.get<Listed<T>>(this.path);
    this.gaps += 1;
    const there = new Set(items.map(keyOf));
    for (const [key, object] of this.now) if (!there.has(key)) this.take("DELETED", object);
    for (const object of items)
      if (this.now.get(keyOf(object))?.metadata.resourceVersion !== object.metadata.resourceVersion)
        this.take(this.now.has(keyOf(object)) ? "MODIFIED" : "ADDED", object);
    return metadata.resourceVersion;
  }

  private take(type: Moment<T>["type"], object: T): void {
    if (type === "DELETED") this.now.delete(keyOf(object));
    else this.now.set(keyOf(object), object);
    if (this.keeps) this.moments.push({ type, object, at: performance.now() });
  }
}

const keyOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ""}/${metadata.name}`;
