/** How long to wait between attempts that fail. */
export interface BackOff {
  /** Wait after the first failure, in milliseconds. */
  baseMs: number;
  /** Longest wait, in milliseconds. */
  capMs: number;
}

/**
 * The wait after the `failures`-th failure in a row (1 is the first): it doubles up to the cap, and half of it is random, so that those who
 * failed together don't come back together.
 * @param random A number in [0, 1)
 */
export function backOffMs(failures: number, { baseMs, capMs }: BackOff, random: number): number {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(Math.max(failures - 1, 0), 30));
  return Math.round(full / 2 + (random * full) / 2);
}
