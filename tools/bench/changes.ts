import type { ApiObject } from "../../builder/kubernetes/objects";

/** What a request is refused with. */
export class Refused extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export interface PatchOperation {
  op: string;
  path: string;
  value?: unknown;
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** JSON Patch: add, replace, remove and test. @throws Refused where a test fails */
export function patched<T extends ApiObject>(object: T, operations: readonly PatchOperation[]): T {
  const result = structuredClone(object);
  for (const { op, path, value } of operations) {
    const keys = path
      .slice(1)
      .split("/")
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = keys.pop() ?? "";
    let target = result as unknown as Fields;
    for (const key of keys) target = (target[key] ??= {}) as Fields;
    if (op === "test") {
      if (target[last] !== value) throw new Refused(422, "Invalid", `the test of ${path} failed`);
    } else if (op === "remove") Reflect.deleteProperty(target, last);
    else target[last] = value;
  }
  return result;
}

/** JSON Merge Patch, and what is taken for server-side apply here: null removes, a list replaces. */
export function merge(target: unknown, change: unknown): unknown {
  if (!isFields(change)) return structuredClone(change);
  const result: Fields = isFields(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(change))
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = merge(result[key], value);
  return result;
}
