import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { BUILD_NAMESPACE } from "../../../contract/names";
import { type Accepted, doubled, leaked, unrecorded, unserved } from "./checker";
import type { Platform } from "./platform";
import { report } from "./report";
import { untilNone } from "./until";

/** A fault that is tried. */
export interface Fault {
  /** Its name in the report. */
  name: string;
  /** Functions that are applied before it. */
  functions: number;
  /** Does it, and resolves once it is over: recovery is counted from there. */
  inject: (platform: Platform) => Promise<void>;
  /** Seconds from its end in which all must be Ready again. */
  within: number;
  /** What has to be so before anything is applied. */
  prepare?: (platform: Platform) => Promise<void>;
  /** Takes back what lasted until all were Ready. */
  undo?: (platform: Platform) => Promise<void>;
  /** Whether some builds can't come to their end before it has. */
  holdsUp?: boolean;
}

/** Every tenth pair of functions shares its source, so that it is one build that two want. */
export const functionsOf = (
  count: number,
  version: number,
  prefix: string,
  namespace = BUILD_NAMESPACE,
): Accepted[] =>
  Array.from({ length: count }, (_, index) => {
    const source = index % 10 === 1 ? index - 1 : index;
    return {
      namespace,
      name: `${prefix}-${index}`,
      code: `def handler(data):\n    return "${prefix} ${source} version ${version}"\n`,
    };
  });

/**
 * Applies functions, does the fault while they are built, has a quarter of them changed meanwhile, and once all are Ready has everything checked; then deletes
 * them and looks for what is left.
 */
export async function tryFault(
  platform: Platform,
  { name, functions, inject, within, prepare, undo, holdsUp = false }: Fault,
): Promise<void> {
  const before = await platform.everything();
  const jobsBefore = platform.jobs.moments.length;
  const prefix = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 30);
  const first = functionsOf(functions, 1, prefix);
  const began = performance.now();
  let over: number, readyAtEnd: number, recovered: number;
  let changing: Promise<void> | undefined;
  const changed = functionsOf(functions, 2, prefix).filter((_, index) => index % 4 === 3);
  try {
    await prepare?.(platform);
    await platform.apply(first);
    changing = delay(1_000).then(() => platform.apply(changed));
    await inject(platform);
    over = performance.now();
    readyAtEnd = platform.ready();
    await changing;
    await platform.settled(within);
    recovered = performance.now();
  } finally {
    await Promise.allSettled([changing]);
    await undo?.(platform);
  }
  if (holdsUp) assert.ok(readyAtEnd < functions, `${name} held up nothing`);

  const world = await platform.world();
  assert.deepEqual(unserved(world), []);
  assert.deepEqual(unrecorded(world, platform.jobs.moments), []);
  assert.deepEqual(doubled(platform.jobs.moments.slice(jobsBefore)), []);

  await platform.clear();
  // What goes with its owner is the garbage collector's, at 20 requests a second.
  const left = await untilNone(async () => leaked(before, await platform.everything()), 60);
  assert.deepEqual(left, []);
  report({
    fault: name,
    functions,
    changed: changed.length,
    readyAtEnd,
    recoverySeconds: seconds(recovered - over),
    wholeSeconds: seconds(recovered - began),
  });
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;
