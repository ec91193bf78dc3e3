import { createHash } from "node:crypto";
import { type SourceFile } from "../types";

/** The order of paths in a tree: by UTF-16 code units, the same on every machine. */
export const byPath = (a: { path: string }, b: { path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;

/**
 * SHA-256, in hex, of files by path, executable bit and contents. Injective: a path holds no NUL, what follows it has a fixed length, and
 * the order is fixed. Sizes are left out, as contents imply them.
 */
export function treeHash(files: readonly Pick<SourceFile, "path" | "executable" | "sha256">[]): string {
  const hash = createHash("sha256");
  for (const { path, executable, sha256 } of [...files].sort(byPath))
    hash.update(`${path}\0${executable ? "x" : "-"}${sha256}`);
  return hash.digest("hex");
}
