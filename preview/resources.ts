import { type Registration, UNKNOWN } from "./recordingMonitor";

/** How the preview writes a value that only the creation would tell. */
export const UNKNOWN_TEXT = "[unknown]";

/** A resource as the JSON of the preview has it. */
export interface PreviewedResource {
  urn: string;
  /** As `aws:s3/bucket:Bucket`. */
  type: string;
  name: string;
  /** URN; "" for the stack itself. */
  parent: string;
  /** Whether its provider makes it out of several resources, which are not among these. */
  remote: boolean;
  protect: boolean;
  retainOnDelete: boolean;
  ignoreChanges: string[];
  dependencies: string[];
  /** Unknown values are `[unknown]`, secret ones `[secret]`. */
  inputs: Record<string, unknown>;
}

export const previewedResource = ({ inputs, ...registration }: Registration): PreviewedResource => {
  const { urn, type, name, parent, remote, protect, retainOnDelete, ignoreChanges, dependencies } =
    registration;
  return {
    urn,
    type,
    name,
    parent,
    remote,
    protect,
    retainOnDelete,
    ignoreChanges,
    dependencies,
    inputs: withUnknowns(inputs) as Record<string, unknown>,
  };
};

/** A value in which what only the creation would tell is named so. */
export function withUnknowns(value: unknown): unknown {
  if (value === UNKNOWN) return UNKNOWN_TEXT;
  if (Array.isArray(value)) return value.map(withUnknowns);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withUnknowns(item)]));
}
