import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { LABELS } from "../../contract/labels";
import type { BuilderProcess } from "../support/builderProcess";
import type { Moment } from "../support/history";
import { type Accepted, hasEnded, hasFailed, type JobObject } from "./support/checker";
import * as lab from "./support/lab";
import type { Platform } from "./support/platform";
import { figure } from "./support/report";
import type { Fault } from "./support/run";
import { until } from "./support/until";

/** Template version of a later builder. */
const RAISED = 2;
/** Builds under way, of the 20 that may run, up to which a function is built anew: a tenth. */
const SHARE_OF_LIMIT = 2;

/** Resolves as soon as a build runs: what a fault is to meet. */
async function underWay({ jobs }: Platform): Promise<void> {
  const runs = (): boolean =>
    [...jobs.now.values()].some((job) => job.spec.suspend === false && !hasEnded(job));
  if (!(await until(runs, 60, 50))) throw new Error("no build ran that the fault could have met");
}

/** Takes a part of the lab away for a while, as soon as builds run. */
const without =
  (part: lab.Part, seconds: number) =>
  async (platform: Platform): Promise<void> => {
    await underWay(platform);
    await lab.stop(part);
    try {
      await delay(seconds * 1000);
    } finally {
      await lab.start(part);
    }
  };

/** Ends one builder after the other in the middle of its work, and starts it again at once. */
const kills =
  (count: number, everyMs: number) =>
  async ({ builders }: Platform): Promise<void> => {
    for (let kill = 0; kill < count; kill += 1) {
      await delay(everyMs);
      const builder = builders[kill % builders.length];
      await builder?.kill();
      builder?.launch();
    }
    await Promise.all(builders.map((builder) => builder.ready()));
  };

/** Takes the registry away as soon as builds run, until what is waited for has come. */
async function registryGone(platform: Platform, meanwhile: () => Promise<void>): Promise<void> {
  await underWay(platform);
  platform.registry.close();
  try {
    await meanwhile();
  } finally {
    await platform.registry.listen();
  }
}

async function watchesSwallowed(platform: Platform): Promise<void> {
  const { gate } = platform;
  await underWay(platform);
  const began = performance.now();
  const isHeld = gate.swallowWatches();
  if (!(await until(() => !isHeld(), 60)))
    throw new Error("a watch that is black-holed was not noticed within 60 s");
  figure("seconds until the last black-holed watch was given up", (performance.now() - began) / 1000);
}

async function everyThirdRefused({ gate }: Platform): Promise<void> {
  const before = gate.refused;
  gate.refuseOneIn = 3;
  try {
    await delay(20_000);
  } finally {
    gate.refuseOneIn = 0;
  }
  if (gate.refused === before) throw new Error("no request was refused");
  figure("requests that were answered with 429 or 500", gate.refused - before);
}

/** Sets the clocks of two builders off. */
async function clocksOff({ builders: [, ahead, behind] }: Platform): Promise<void> {
  for (const [builder, minutes] of [
    [ahead, 5],
    [behind, -5],
  ] as const) {
    await builder?.kill();
    builder?.launch({
      preload: {
        module: require.resolve("./support/shiftClock.cjs"),
        variables: { CLOCK_SHIFT_MS: String(minutes * 60_000) },
      },
    });
    await builder?.ready();
  }
}

/** Has attempts fail, so that others are to be waited for. */
async function attemptsFail(platform: Platform): Promise<void> {
  const before = platform.jobs.moments.length;
  const failed = (): boolean => platform.jobs.moments.slice(before).some(({ object }) => hasFailed(object));
  await registryGone(platform, async () => {
    if (!(await until(failed, 60))) throw new Error("no attempt failed that another would be waited for");
  });
}

/** Starts builders again as they were. */
async function asBefore(builders: readonly BuilderProcess[]): Promise<void> {
  for (const builder of builders) {
    await builder.kill();
    builder.launch();
    await builder.ready();
  }
}

/**
 * Stops a rollout half-way: of three builders one has raised templates, and stays. What was built before is in order by then; two functions of it are in
 * use. It is over when all are built by the raised templates.
 */
async function halfRolledOut(platform: Platform): Promise<void> {
  const [builder] = platform.builders;
  await underWay(platform);
  await platform.settled(180);
  const all = [...platform.accepted.values()];
  // Each with a build of its own: two that share a source are built anew by one.
  const alone = all.filter(({ code }) => all.filter((other) => other.code === code).length === 1);
  const used = await platform.use(alone.slice(-2));
  const before = platform.jobs.moments.length;
  await builder?.kill();
  builder?.launch({ program: [await platform.bundleOf(RAISED)] });
  await builder?.ready();
  const builtBefore = (): Accepted[] =>
    [...platform.accepted.values()].filter((one) => platform.templateVersionOf(one) < RAISED);
  if (!(await until(() => builtBefore().length === 0, 300)))
    throw new Error(
      `still of the lower templates: ${builtBefore()
        .map(({ name }) => name)
        .join(", ")}`,
    );
  const { most, order } = runningAtOnce(platform.jobs.moments.slice(before));
  assert.deepEqual(order.slice(0, used.length).sort(), used.map(({ name }) => name).sort());
  assert.ok(most <= SHARE_OF_LIMIT, `${most} at once`);
  figure("builds at once, of functions built anew by raised templates", most);
}

/** How many Jobs ran at once, and whose they were, in the order in which they were made. */
function runningAtOnce(moments: readonly Moment<JobObject>[]): { most: number; order: string[] } {
  const running = new Set<string>();
  const order: string[] = [];
  let most = 0;
  for (const { type, object } of moments) {
    const { name, labels } = object.metadata;
    if (type === "ADDED") order.push(labels?.[LABELS.function] ?? "");
    if (type === "DELETED" || hasEnded(object)) running.delete(name);
    else if (order.length > 0) running.add(name);
    most = Math.max(most, running.size);
  }
  return { most, order };
}

/** What the others are to be compared with. */
export const none: Fault = { name: "none", functions: 40, inject: () => Promise.resolve(), within: 180 };

/** Each is tried on builders that run, while what they build is new or has just changed. */
export const faults: readonly Fault[] = [
  { name: "a builder killed every 2 s, 20 times", functions: 200, inject: kills(20, 2_000), within: 360 },
  {
    name: "a builder stopped for 10 s, which then goes on",
    functions: 24,
    inject: async ({ builders: [builder] }) => {
      await delay(2_000);
      builder?.signal("SIGSTOP");
      await delay(10_000);
      builder?.signal("SIGCONT");
    },
    within: 120,
  },
  { name: "API server gone for 10 s", functions: 24, inject: without("api", 10), within: 240, holdsUp: true },
  { name: "its store gone for 10 s", functions: 24, inject: without("kine", 10), within: 240, holdsUp: true },
  {
    name: "registry gone for 20 s",
    functions: 24,
    inject: (platform) => registryGone(platform, () => delay(20_000)),
    within: 240,
    holdsUp: true,
  },
  { name: "bucket gone for 20 s", functions: 24, inject: without("s3", 20), within: 240, holdsUp: true },
  {
    name: "Kueue crashed, back after 5 s",
    functions: 24,
    inject: async (platform) => {
      await underWay(platform);
      lab.crash("kueue");
      await delay(5_000);
      await lab.start("kueue");
    },
    within: 240,
  },
  { name: "watches black-holed", functions: 24, inject: watchesSwallowed, within: 120 },
  {
    name: "every third request answered with 429 or 500, for 20 s",
    functions: 24,
    inject: everyThirdRefused,
    within: 180,
  },
  {
    name: "two builders' clocks five minutes off, one each way",
    functions: 24,
    prepare: clocksOff,
    inject: attemptsFail,
    within: 240,
    undo: ({ builders: [, ...off] }) => asBefore(off),
  },
  {
    // So slow that several would be under way at once.
    name: "slow builds: a rollout of raised templates stopped half-way",
    functions: 6,
    inject: halfRolledOut,
    within: 120,
    undo: async (platform) => {
      await platform.unuse();
      await asBefore(platform.builders.slice(0, 1));
    },
  },
];

/** By hand, for time that CI has not: 3,000 builds, and a builder killed all the while. */
export const longFault: Fault = {
  name: "a builder killed 100 times",
  functions: 2_700,
  inject: kills(100, 8_000),
  within: 1_800,
};
