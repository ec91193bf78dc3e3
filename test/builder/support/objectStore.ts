import type { ApiObject, ObjectMeta } from "../../../builder/kubernetes/objects";
import { merge, Refused } from "../../../tools/bench/changes";

export type StoredObject = ApiObject & Record<string, unknown>;

export interface StoreEvent {
  version: number;
  collection: string;
  type: "ADDED" | "MODIFIED" | "DELETED";
  object: StoredObject;
  previous: StoredObject | undefined;
}

/** Checks an object that is to be written and gives it its defaults, as a kind's schema does. */
export type Admission = (object: StoredObject, status: boolean) => StoredObject;

type Fields = Record<string, unknown>;
interface FieldOwner {
  manager: string;
  operation: "Apply" | "Update";
  /** What was applied. The API server writes only the names of its fields. */
  fieldsV1: Fields;
}

/**
 * Objects as an API server keeps them: versions of one sequence, generations that count changes of the spec, status as a subresource, preconditions,
 * finalizers, owners of applied fields, and what is owned going after its owner.
 */
export class ObjectStore {
  readonly events: StoreEvent[] = [];
  private readonly objects = new Map<string, StoredObject>();
  private readonly listeners: ((event: StoreEvent) => void)[] = [];
  private version = 100;
  private made = 0;

  /** @param admission by plural */
  constructor(
    private readonly admission: Readonly<Record<string, Admission>> = {},
    private readonly now: () => Date = () => new Date(),
  ) {}

  get latest(): number {
    return this.version;
  }

  onEvent(listener: (event: StoreEvent) => void): void {
    this.listeners.push(listener);
  }

  get(path: string): StoredObject | undefined {
    return this.objects.get(path);
  }

  /** All objects whose path is so. */
  where(is: (path: string) => boolean): StoredObject[] {
    return [...this.objects].filter(([path]) => is(path)).map(([, object]) => object);
  }

  create(collection: string, given: StoredObject, manager: string): StoredObject {
    const path = `${collection}/${given.metadata.name}`;
    if (this.objects.has(path)) throw new Refused(409, "AlreadyExists", `${path} already exists`);
    const namespace = /\/namespaces\/([^/]+)\/[^/]+$/.exec(collection)?.[1];
    const object = this.admit(collection, { ...structuredClone(given) }, false);
    if (hasStatus(collection)) delete object["status"];
    object.metadata = {
      ...object.metadata,
      ...(namespace === undefined ? {} : { namespace }),
      uid: `uid-${++this.made}`,
      generation: 1,
      creationTimestamp: seconds(this.now()),
      managedFields: [{ manager, operation: "Update", fieldsV1: fieldsOf(given) }] as never,
    };
    return this.store(path, collection, object, undefined);
  }

  /** Writes what `change` makes of the object that is there. */
  change(
    collection: string,
    name: string,
    status: boolean,
    change: (object: StoredObject) => StoredObject,
  ): StoredObject {
    const path = `${collection}/${name}`;
    const before = this.objects.get(path);
    if (!before) throw new Refused(404, "NotFound", `${path} not found`);
    const asked = change(structuredClone(before));
    const given = asked.metadata;
    if ((given.resourceVersion ?? before.metadata.resourceVersion) !== before.metadata.resourceVersion)
      throw new Refused(409, "Conflict", `${path} has been modified`);
    if ((given.uid ?? before.metadata.uid) !== before.metadata.uid)
      throw new Refused(409, "Conflict", `${path} is another object`);
    let after: StoredObject = status
      ? { ...before, status: asked["status"] }
      : { ...asked, ...(hasStatus(collection) ? { status: before["status"] } : {}) };
    after = this.admit(collection, after, status);
    after.metadata = {
      ...(status ? before.metadata : given),
      ...pick(before.metadata, ["uid", "creationTimestamp", "generation", "deletionTimestamp"]),
    };
    if (!same(content(before), content(after)))
      after.metadata.generation = (before.metadata.generation ?? 0) + 1;
    return this.store(path, collection, after, before);
  }

  /** Server-side apply: what this manager applied before and applies no more goes, unless somebody else applied it too. */
  apply(collection: string, given: StoredObject, manager: string): StoredObject {
    const path = `${collection}/${given.metadata.name}`;
    if (!this.objects.has(path)) {
      if (given.metadata.uid !== undefined) throw new Refused(409, "Conflict", `${path} is gone`);
      const made = this.create(collection, given, manager);
      owners(made).forEach((owner) => (owner.operation = "Apply"));
      return made;
    }
    return this.change(collection, given.metadata.name, false, (object) => {
      const own = owners(object).find((owner) => owner.manager === manager && owner.operation === "Apply");
      const others = owners(object).filter((owner) => owner !== own);
      const applied = fieldsOf(given);
      if (own)
        drop(
          object,
          own.fieldsV1,
          applied,
          others.map(({ fieldsV1 }) => fieldsV1),
        );
      const result = merge(object, given) as StoredObject;
      result.metadata.managedFields = [
        ...others,
        { manager, operation: "Apply", fieldsV1: applied },
      ] as never;
      return result;
    });
  }

  remove(collection: string, name: string, preconditions: Partial<ObjectMeta> = {}): void {
    const path = `${collection}/${name}`;
    const object = this.objects.get(path);
    if (!object) throw new Refused(404, "NotFound", `${path} not found`);
    const { uid, resourceVersion, finalizers = [] } = object.metadata;
    if (
      (preconditions.uid ?? uid) !== uid ||
      (preconditions.resourceVersion ?? resourceVersion) !== resourceVersion
    )
      throw new Refused(409, "Conflict", `${path}: a precondition does not hold`);
    if (finalizers.length === 0) {
      this.drop(path, collection, object);
      return;
    }
    if (object.metadata.deletionTimestamp !== undefined) return;
    const metadata = {
      ...object.metadata,
      deletionTimestamp: seconds(this.now()),
      generation: (object.metadata.generation ?? 0) + 1,
    };
    this.store(path, collection, { ...object, metadata }, object);
  }

  private store(
    path: string,
    collection: string,
    object: StoredObject,
    before: StoredObject | undefined,
  ): StoredObject {
    if (before && same({ ...object, metadata: rest(object) }, { ...before, metadata: rest(before) }))
      return before;
    if (object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).length === 0) {
      this.drop(path, collection, object);
      return object;
    }
    object.metadata.resourceVersion = String(++this.version);
    this.objects.set(path, object);
    this.tell({
      version: this.version,
      collection,
      type: before ? "MODIFIED" : "ADDED",
      object,
      previous: before,
    });
    return object;
  }

  private drop(path: string, collection: string, object: StoredObject): void {
    this.objects.delete(path);
    const gone = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.version) } };
    this.tell({ version: this.version, collection, type: "DELETED", object: gone, previous: object });
    // In the background, as the garbage collector.
    setImmediate(() => {
      for (const [owned, { metadata }] of this.objects)
        if (metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid))
          this.remove(owned.slice(0, owned.lastIndexOf("/")), metadata.name);
    });
  }

  private tell(event: StoreEvent): void {
    this.events.push(event);
    for (const listener of this.listeners) listener(event);
  }

  private admit(collection: string, object: StoredObject, status: boolean): StoredObject {
    return this.admission[pluralOf(collection)]?.(object, status) ?? object;
  }
}

export const pluralOf = (collection: string): string => collection.slice(collection.lastIndexOf("/") + 1);

const hasStatus = (collection: string): boolean =>
  ["lambdafunctions", "jobs", "pods", "services"].includes(pluralOf(collection));

const seconds = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, "Z");

const owners = ({ metadata }: StoredObject): FieldOwner[] =>
  (metadata.managedFields ?? []) as unknown as FieldOwner[];

/** Generations count changes of these. */
const content = (object: StoredObject): unknown => without(object, "metadata", "status");

const rest = ({ metadata }: StoredObject): Partial<ObjectMeta> => ({ ...metadata, resourceVersion: "" });

const fieldsOf = (object: StoredObject): Fields =>
  structuredClone({
    ...without(object, "apiVersion", "kind", "status"),
    metadata: without(object.metadata, "name", "namespace", "uid", "resourceVersion"),
  });

const without = (object: object, ...keys: string[]): Fields =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function drop(target: Fields, before: Fields, now: Fields, others: readonly Fields[]): void {
  for (const [key, value] of Object.entries(before)) {
    const theirs = others.map((fields) => fields[key]).filter((field) => field !== undefined);
    const inner = target[key];
    if (isFields(value) && isFields(inner))
      drop(inner, value, isFields(now[key]) ? now[key] : {}, theirs.filter(isFields));
    else if (now[key] === undefined && theirs.length === 0) Reflect.deleteProperty(target, key);
  }
}

const pick = (from: ObjectMeta, keys: readonly (keyof ObjectMeta)[]): Partial<ObjectMeta> =>
  Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]));

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (!isFields(a) || !isFields(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => same(a[key], b[key]));
}
