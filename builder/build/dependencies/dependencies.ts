/**
 * How exactly a function says what it depends on. `locked`: two builds get the same; `ranges`: what is newest on the day, so that an image
 * grows old; `none`: nothing beyond the platform's own.
 */
export type LockKind = "locked" | "ranges" | "none";

export interface Lockfile {
  kind: LockKind;
  /** Hash, in hex, of all that decides what is installed: two functions of one runtime and one such hash have the same dependencies. */
  hash: string;
}

/** Largest manifest that is read, in bytes. Lockfiles of large projects have a few MiB. */
export const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;
