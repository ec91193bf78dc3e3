import { createHash } from "node:crypto";
import { API_GROUP } from "../../contract/names";
import { ApiError, isAlreadyExists } from "./apiError";
import {
  type Desired,
  type KubernetesClient,
  type PatchOperation,
  type RequestOptions,
  versioned,
} from "./client";
import type { ApiObject } from "./objects";
import type { Resource } from "./resources";

/** From what an object was decided. */
export interface Stamp {
  /** `metadata.uid` of the function. */
  function: string;
  /** `metadata.generation` of the function. */
  generation: number;
  /** Version of the builder's templates; an upgraded builder has a higher one. */
  templateVersion: number;
}

/** What became of a write. */
export type StampedOutcome<T> =
  /** The object is as it was wanted. */
  | { outcome: "applied" | "unchanged"; object: T }
  /** It was decided from a later generation or by a later builder: this write is out of date. */
  | { outcome: "superseded"; object: T }
  /** It is of another function (one that had the name before, until its things are collected), or of nobody that is known here. */
  | { outcome: "foreign"; object: T };

/** Version of the templates of the builder that an object is of: a Service that it decided, its own Lease. */
export const TEMPLATE_VERSION_ANNOTATION = `${API_GROUP}/template-version`;

const ANNOTATIONS = {
  function: `${API_GROUP}/function-uid`,
  generation: `${API_GROUP}/generation`,
  templateVersion: TEMPLATE_VERSION_ANNOTATION,
  /** Of what was applied: the same is not written again. */
  hash: `${API_GROUP}/applied-hash`,
} as const;

/** The stamp of an object; undefined where it has none. */
export function stampOf({ metadata: { annotations = {} } }: ApiObject): Stamp | undefined {
  const uid = annotations[ANNOTATIONS.function];
  const generation = Number(annotations[ANNOTATIONS.generation]);
  const templateVersion = Number(annotations[ANNOTATIONS.templateVersion]);
  return uid === undefined || !Number.isInteger(generation) || !Number.isInteger(templateVersion)
    ? undefined
    : { function: uid, generation, templateVersion };
}

/** Whether what was decided from `a` is to give way to what was decided from `b`: the spec counts before the builder. */
export const isOlder = (a: Stamp, b: Stamp): boolean =>
  a.generation < b.generation || (a.generation === b.generation && a.templateVersion < b.templateVersion);

const hashOf = (desired: object): string =>
  createHash("sha256").update(JSON.stringify(desired)).digest("hex").slice(0, 16);

/** Whether an object is just what was applied from the same decision: there is nothing to write. */
export function isApplied<T extends ApiObject>(observed: T, desired: Desired<T>, stamp: Stamp): boolean {
  const before = stampOf(observed);
  return (
    before?.function === stamp.function &&
    observed.metadata.deletionTimestamp === undefined &&
    !isOlder(before, stamp) &&
    !isOlder(stamp, before) &&
    observed.metadata.annotations?.[ANNOTATIONS.hash] === hashOf(desired)
  );
}

/**
 * Applies an object with the stamp of what it was decided from, and never over one that was decided from something later, however the two
 * writers overlap: what is there is read first, and the write holds for that version of it only.
 * @throws ApiError that `isConflict` where the object changed in between: look again, then decide again
 */
export async function applyStamped<T extends ApiObject>(
  client: KubernetesClient,
  resource: Resource<T>,
  desired: Desired<T>,
  stamp: Stamp,
  options: RequestOptions & {
    /** Write though the same was written before: somebody may have changed it since. @default false */
    always?: boolean;
    /** The object as it was just read, where it decided what is wanted. @default it is read now */
    observed?: T | undefined;
  } = {},
): Promise<StampedOutcome<T>> {
  const { always = false, observed: given, ...request } = options;
  const stamped = {
    ...desired,
    metadata: {
      ...desired.metadata,
      annotations: {
        ...desired.metadata.annotations,
        [ANNOTATIONS.function]: stamp.function,
        [ANNOTATIONS.generation]: String(stamp.generation),
        [ANNOTATIONS.templateVersion]: String(stamp.templateVersion),
        [ANNOTATIONS.hash]: hashOf(desired),
      },
    },
  };
  const observed = "observed" in options ? given : await client.get(resource, desired.metadata, request);
  if (!observed) return { outcome: "applied", object: await make(client, resource, stamped, request) };

  if (!always && isApplied(observed, desired, stamp)) return { outcome: "unchanged", object: observed };
  const before = stampOf(observed);
  if (before?.function !== stamp.function || observed.metadata.deletionTimestamp !== undefined)
    return { outcome: "foreign", object: observed };
  if (isOlder(stamp, before)) return { outcome: "superseded", object: observed };
  const { uid, resourceVersion } = (await ownFields(client, resource, observed, request)).metadata;
  const metadata = {
    ...stamped.metadata,
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  return { outcome: "applied", object: await client.apply(resource, { ...stamped, metadata }, request) };
}

/** An apply would overwrite what another replica has made meanwhile; a create can't. */
async function make<T extends ApiObject>(
  client: KubernetesClient,
  resource: Resource<T>,
  object: Desired<T>,
  options: RequestOptions,
): Promise<T> {
  try {
    return await client.create(resource, object, options);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    throw new ApiError(409, "Conflict", (error as ApiError).message);
  }
}

/**
 * Takes the fields that a create has set for applied ones. Else they would have two owners, the create and the applies, and one that is
 * applied no more would stay for ever. Done once in an object's life, on its first change.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#migration-between-client-side-and-server-side-apply
 */
export async function ownFields<T extends ApiObject>(
  client: KubernetesClient,
  resource: Resource<T>,
  observed: T,
  options: RequestOptions,
): Promise<T> {
  const index = (observed.metadata.managedFields ?? []).findIndex(
    ({ manager, operation, subresource }) =>
      manager === client.fieldManager && operation === "Update" && subresource === undefined,
  );
  if (index < 0) return observed;
  const path = `/metadata/managedFields/${index}/operation`;
  const operations: PatchOperation[] = [versioned(observed), { op: "replace", path, value: "Apply" }];
  return client.patch(resource, observed.metadata, operations, options);
}
