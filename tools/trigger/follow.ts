import { setTimeout as sleep } from "node:timers/promises";
import type { LambdaFunction, Progress } from "./progress";
import { outcome, progressOf } from "./progress";

export interface FollowArgs {
  /** The function now; undefined: it is gone. */
  read: () => Promise<LambdaFunction | undefined>;
  /** Shows where it is: called at each look, with the seconds so far. */
  show: (progress: Progress, seconds: number) => void;
  /** Time after which it is left alone, in seconds. A build has its own timeout; waiting in the queue has none. */
  giveUpSeconds: number;
  /** Milliseconds between two looks. @default 1000 */
  everyMs?: number;
}

/**
 * Looks at a function until it serves or has failed.
 * @returns how it ended, and what there is to tell
 * @throws Error where it is deleted meanwhile, or takes too long
 */
export async function follow({ read, show, giveUpSeconds, everyMs = 1000 }: FollowArgs): Promise<{
  ended: "Ready" | "Failed";
  lines: string[];
}> {
  const start = performance.now();
  for (;;) {
    const found = await read();
    const seconds = Math.round((performance.now() - start) / 1000);
    if (found === undefined) throw new Error("the function is gone");
    const progress = progressOf(found);
    show(progress, seconds);
    const { ended } = progress;
    if (ended !== undefined) return { ended, lines: outcome(found, ended, seconds) };
    if (seconds >= giveUpSeconds)
      throw new Error(`not ready after ${seconds} s: ${progress.phase}; it goes on without being watched`);
    await sleep(everyMs);
  }
}
