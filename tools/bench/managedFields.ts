import type { ApiObject } from "../../builder/kubernetes/objects";

type Owner = readonly [manager: string, operation: "Apply" | "Update", parts: readonly string[]];

/** The object with `managedFields` as long as the API server's own: who set which field, each named. */
export function managedBy<T extends ApiObject>(object: T, ...owners: readonly Owner[]): T {
  const parts = object as unknown as Record<string, unknown>;
  const managedFields = owners.map(([manager, operation, of]) => ({
    manager,
    operation,
    apiVersion: object.apiVersion,
    ...(of.includes("status") ? { subresource: "status" } : {}),
    time: object.metadata.creationTimestamp,
    fieldsType: "FieldsV1",
    fieldsV1: Object.fromEntries(of.map((part) => [`f:${part}`, fieldNames(parts[part])])),
  }));
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/: `f:` names a field, `k:` an item by its key. */
export function fieldNames(value: unknown): Record<string, unknown> {
  if (Array.isArray(value))
    return Object.fromEntries(
      value.flatMap((item: unknown) => {
        const key = ["name", "type"].find((name) => isObject(item) && typeof item[name] === "string");
        return key === undefined || !isObject(item)
          ? []
          : [[`k:${JSON.stringify({ [key]: item[key] })}`, { ".": {}, ...fieldNames(item) }]];
      }),
    );
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [`f:${name}`, fieldNames(inner)]));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
