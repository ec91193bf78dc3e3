import type { ApiObject } from "../../builder/kubernetes/objects";
import { keyOf } from "../../builder/kubernetes/objects";

export interface TableEvent {
  version: number;
  type: "ADDED" | "MODIFIED" | "DELETED";
  object: ApiObject;
  /** What was there before. */
  previous: ApiObject | undefined;
}

/** Changes that a watch may begin before; one that is further behind must list again. */
const MOST_EVENTS = 20_000;

/** The objects of one kind, and what changed of them last. */
export class ObjectTable {
  private readonly objects = new Map<string, ApiObject>();
  private readonly events: TableEvent[] = [];
  private readonly listeners = new Set<(event: TableEvent) => void>();
  /** Version below which changes are no longer known. */
  private forgotten = 0;

  /** @param nextVersion The next of the server's one sequence of versions */
  constructor(private readonly nextVersion: () => number) {}

  get(key: string): ApiObject | undefined {
    return this.objects.get(key);
  }

  all(): IterableIterator<ApiObject> {
    return this.objects.values();
  }

  put(object: ApiObject): ApiObject {
    const previous = this.objects.get(keyOf(object));
    const version = this.nextVersion();
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    this.objects.set(keyOf(object), stored);
    this.tell({ version, type: previous ? "MODIFIED" : "ADDED", object: stored, previous });
    return stored;
  }

  remove(key: string): boolean {
    const previous = this.objects.get(key);
    if (!previous) return false;
    this.objects.delete(key);
    const version = this.nextVersion();
    const object = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(version) } };
    this.tell({ version, type: "DELETED", object, previous });
    return true;
  }

  /**
   * Tells of every change after a version.
   * @returns Ends it; undefined where the version is too old
   */
  follow(after: number, listener: (event: TableEvent) => void): (() => void) | undefined {
    if (after < this.forgotten) return undefined;
    for (const event of this.events) if (event.version > after) listener(event);
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(event: TableEvent): void {
    this.events.push(event);
    if (this.events.length > MOST_EVENTS) this.forgotten = this.events.shift()?.version ?? 0;
    for (const listener of this.listeners) listener(event);
  }
}
