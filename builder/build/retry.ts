import { type BackOff, backOffMs } from "../backOff";
import type { BuildFailure, FailureKind } from "./failure";

/** Attempts for one decision, the first among them. A disruption says nothing against the next attempt, so that it has more. */
export const MAX_ATTEMPTS: Readonly<Record<FailureKind, number>> = {
  Infrastructure: 5,
  ImagePull: 5,
  Evicted: 10,
  OutOfMemory: 1,
  OutOfDisk: 1,
  Deadline: 1,
  UserError: 1,
  Cancelled: 1,
};

/** Between attempts. Five of them live through a fault of one to two and a half minutes, beside the time that they take themselves. */
export const BETWEEN_ATTEMPTS: BackOff = { baseMs: 10_000, capMs: 5 * 60_000 };

/**
 * Milliseconds until the next attempt; undefined where there is none.
 * @param attempt the one that failed, from 1
 * @param random a number in [0, 1)
 */
export const nextAttemptMs = (
  { kind, retry }: Pick<BuildFailure, "kind" | "retry">,
  attempt: number,
  random: number,
): number | undefined =>
  retry && attempt < MAX_ATTEMPTS[kind] ? backOffMs(attempt, BETWEEN_ATTEMPTS, random) : undefined;
