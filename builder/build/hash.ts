import { createHash } from "node:crypto";

/** What can be hashed without two different values having one hash: JSON, whose texts are quoted. Keys keep their order. */
export type Hashable = string | number | boolean | null | readonly Hashable[];

/** SHA-256 of a value, in hex. */
export const hashOf = (value: Hashable): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex");
