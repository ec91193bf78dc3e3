/** What the parts of the builder hand to each other. */

import type { AuthorReason, PlatformReason } from "../contract/function/reasons";

/** Which function: an object's namespace and name. */
export interface FunctionKey {
  namespace: string;
  name: string;
}

/** A source, fetched and checked, on local disk. */
export interface SourceTree {
  /** Absolute path of the folder that holds the files and nothing else. Removed by `dispose`. */
  folder: string;
  /** Sorted by path, in the order of UTF-16 code units. Regular files only. */
  files: readonly SourceFile[];
  /**
   * SHA-256, in hex, over paths, executable bits and contents. Injective: two trees have the same hash only if they are the same,
   * wherever they came from.
   */
  hash: string;
  /** What names this version where it came from: an object's version id or ETag, a commit, or else the hash. */
  revision: string;
  /** Removes the folder. May be called again. */
  dispose(): Promise<void>;
}

/** A regular file of a source. */
export interface SourceFile {
  /** Relative, with "/" between its parts, in Unicode's normalisation form C. Never "", ".", ".." or absolute. */
  path: string;
  /** In bytes. */
  size: number;
  executable: boolean;
  /** Of the contents, in hex. */
  sha256: string;
}

/** A failure that is the user's to mend (a bad source, a bad spec): never retried. */
export class UserError extends Error {
  override readonly name = "UserError";

  /**
   * @param reason The condition's reason.
   * @param message One line for the user: what is wrong, and what would be right.
   * @param field Path of the field of the object that is to be mended, as in `spec.source.git.ref`.
   */
  constructor(
    readonly reason: AuthorReason,
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }
}

/** Of watches, which no condition speaks of. */
type WatchReason = "WatchSilent" | "WatchUnreadable";

/** A failure of something around us (a registry, a bucket, the API server): retried with back-off. */
export class InfrastructureError extends Error {
  override readonly name = "InfrastructureError";

  /**
   * @param reason The condition's reason.
   * @param message One line: what failed, and how.
   */
  constructor(
    readonly reason: PlatformReason | WatchReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
