import { setTimeout as delay } from "node:timers/promises";

/** Asks until it holds, or the seconds have passed. @returns Whether it holds */
export async function until(
  holds: () => boolean | Promise<boolean>,
  seconds: number,
  everyMs = 100,
): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > deadline) return false;
    await delay(everyMs);
  }
  return true;
}

/**
 * Asks what is left until nothing is, for as long as it gets less: what is cleared up in the background takes as long as the machine makes it take.
 * @returns What is left once it did not get less for so many seconds; nothing where all went
 */
export async function untilNone<T>(
  list: () => Promise<readonly T[]>,
  standstillSeconds: number,
  everyMs = 500,
): Promise<readonly T[]> {
  let left = await list();
  const lessens = async (): Promise<boolean> => {
    const now = await list();
    if (now.length >= left.length) return false;
    left = now;
    return true;
  };
  while (left.length > 0) if (!(await until(lessens, standstillSeconds, everyMs))) return list();
  return [];
}
