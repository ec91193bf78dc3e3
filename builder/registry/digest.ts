import { createHash } from "node:crypto";

/** `sha256:` and 64 hexadecimal digits: the name of a manifest or a blob by its contents. */
export type Digest = string;

export const isDigest = (text: string): boolean => /^sha256:[0-9a-f]{64}$/.test(text);

export const digestOf = (bytes: Uint8Array): Digest =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
