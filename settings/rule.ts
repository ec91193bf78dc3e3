import type { Settings } from "./schema";

/** A rule over several settings. It is asked only when all that it reads is itself in order. */
export interface Rule {
  /** The settings that the rule reads; the first is the one that its message is about. */
  reads: readonly string[];
  /** What is wrong, or undefined. */
  wrong: (settings: Settings) => string | undefined;
}
