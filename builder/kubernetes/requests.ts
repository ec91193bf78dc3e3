import type { ApiObject } from "./objects";
import type { Priority } from "./rateLimit";

export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /** @default "normal" */
  priority?: Priority | undefined;
  /** Longest time of one attempt, in milliseconds. */
  timeoutMs?: number | undefined;
  /** Attempts after the first. */
  retries?: number | undefined;
}

/** Which objects of a kind. */
export interface Selection {
  /** Absent: of all namespaces. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

export interface Page<T> {
  items: T[];
  /** The version that the whole list shows. */
  resourceVersion: string;
  /** Where the next page begins; undefined on the last. */
  next: string | undefined;
}

export interface Preconditions {
  uid?: string | undefined;
  resourceVersion?: string | undefined;
}

/** One operation of a JSON Patch (RFC 6902). */
export interface PatchOperation {
  op: "add" | "replace" | "remove" | "test";
  path: string;
  value?: unknown;
}

/** An object to be written: what is not given is the server's to fill in. */
export type Desired<T extends ApiObject> = ApiObject & Partial<Omit<T, keyof ApiObject>>;

/** Makes a JSON Patch one for this very version of an object: for any other the server answers with a conflict. */
export const versioned = ({ metadata }: ApiObject): PatchOperation => ({
  op: "replace",
  path: "/metadata/resourceVersion",
  value: metadata.resourceVersion,
});
