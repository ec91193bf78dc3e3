import { type ApiObject, keyOf } from "./objects";

/** Values by which a store finds objects: for each name the values of one object. */
export type Indexes<T> = Readonly<Record<string, (object: T) => readonly string[]>>;

/** What a list changed in a store. */
export interface Difference<T> {
  added: T[];
  updated: { object: T; previous: T }[];
  deleted: T[];
}

/** Objects of one kind as they were last seen. They are shared: who wants to change one copies it. */
export class Store<T extends ApiObject> {
  private readonly objects = new Map<string, T>();
  private readonly found: Map<string, Map<string, Set<string>>>;

  constructor(private readonly indexes: Indexes<T> = {}) {
    this.found = new Map(Object.keys(indexes).map((name) => [name, new Map<string, Set<string>>()]));
  }

  get size(): number {
    return this.objects.size;
  }

  /** @param key `namespace/name` */
  get(key: string): T | undefined {
    return this.objects.get(key);
  }

  keys(): IterableIterator<string> {
    return this.objects.keys();
  }

  list(): T[] {
    return [...this.objects.values()];
  }

  /**
   * The objects for which an index has a value.
   * @throws RangeError on an index that the store doesn't have
   */
  by(index: string, value: string): T[] {
    const keys = this.index(index).get(value) ?? [];
    return [...keys].flatMap((key) => this.objects.get(key) ?? []);
  }

  /** @returns What was there before */
  set(object: T): T | undefined {
    const key = keyOf(object);
    const previous = this.objects.get(key);
    if (previous) this.unindex(key, previous);
    this.objects.set(key, object);
    for (const [name, values] of Object.entries(this.indexes)) {
      const index = this.index(name);
      for (const value of values(object)) {
        const keys = index.get(value);
        if (keys) keys.add(key);
        else index.set(value, new Set([key]));
      }
    }
    return previous;
  }

  /** @returns What was there before */
  delete(key: string): T | undefined {
    const previous = this.objects.get(key);
    if (!previous) return undefined;
    this.unindex(key, previous);
    this.objects.delete(key);
    return previous;
  }

  /** Takes a whole list for what there is. An object whose version is known stays the one that it was: no second copy is kept. */
  replace(objects: readonly T[]): Difference<T> {
    const difference: Difference<T> = { added: [], updated: [], deleted: [] };
    const gone = new Set(this.objects.keys());
    for (const object of objects) {
      const key = keyOf(object);
      gone.delete(key);
      const previous = this.objects.get(key);
      if (
        previous?.metadata.resourceVersion !== undefined &&
        previous.metadata.resourceVersion === object.metadata.resourceVersion
      )
        continue;
      this.set(object);
      if (previous) difference.updated.push({ object, previous });
      else difference.added.push(object);
    }
    for (const key of gone) {
      const previous = this.delete(key);
      if (previous) difference.deleted.push(previous);
    }
    return difference;
  }

  private index(name: string): Map<string, Set<string>> {
    const index = this.found.get(name);
    if (!index) throw new RangeError(`there is no index ${name}`);
    return index;
  }

  private unindex(key: string, object: T): void {
    for (const [name, values] of Object.entries(this.indexes)) {
      const index = this.index(name);
      for (const value of values(object)) {
        const keys = index.get(value);
        keys?.delete(key);
        if (keys?.size === 0) index.delete(value);
      }
    }
  }
}
