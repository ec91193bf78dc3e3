import { setTimeout as delay } from "node:timers/promises";
import * as lab from "./support/lab";
import type { Platform } from "./support/platform";
import { figure } from "./support/report";
import type { Fault } from "./support/run";
import { until } from "./support/until";

/** Until builds run. */
const UNDER_WAY_MS = 3_000;

/** Takes a part of the lab away for a while, as soon as builds run. */
const without = (part: lab.Part, seconds: number) => async (): Promise<void> => {
  await delay(UNDER_WAY_MS);
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

async function registryGone({ registry }: Platform, seconds: number): Promise<void> {
  await delay(UNDER_WAY_MS);
  registry.close();
  try {
    await delay(seconds * 1000);
  } finally {
    await registry.listen();
  }
}

async function watchesSwallowed({ gate }: Platform): Promise<void> {
  await delay(UNDER_WAY_MS);
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
  figure("requests that were answered with 429 or 500", gate.refused - before);
}

/** Sets the clocks of two builders off, and has attempts fail that another is to wait for by them. */
async function clocksOff(platform: Platform): Promise<void> {
  const [, ahead, behind] = platform.builders;
  for (const [builder, minutes] of [
    [ahead, 5],
    [behind, -5],
  ] as const) {
    await builder?.kill();
    builder?.launch({
      module: require.resolve("./support/shiftClock.cjs"),
      variables: { CLOCK_SHIFT_MS: String(minutes * 60_000) },
    });
    await builder?.ready();
  }
  await registryGone(platform, 5);
}

async function clocksRight({ builders: [, ...off] }: Platform): Promise<void> {
  for (const builder of off) {
    await builder.kill();
    builder.launch();
    await builder.ready();
  }
}

/** Each is tried on builders that run, while what they build is new or has just changed. */
export const faults: readonly Fault[] = [
  { name: "none", functions: 40, inject: () => Promise.resolve(), within: 90 },
  { name: "a builder killed every 2 s, 20 times", functions: 200, inject: kills(20, 2_000), within: 180 },
  {
    name: "a builder stopped for 10 s, which then goes on",
    functions: 30,
    inject: async ({ builders: [builder] }) => {
      await delay(2_000);
      builder?.signal("SIGSTOP");
      await delay(10_000);
      builder?.signal("SIGCONT");
    },
    within: 60,
  },
  { name: "API server gone for 10 s", functions: 30, inject: without("api", 10), within: 120 },
  { name: "its store gone for 10 s", functions: 30, inject: without("kine", 10), within: 120 },
  {
    name: "registry gone for 20 s",
    functions: 30,
    inject: (platform) => registryGone(platform, 20),
    within: 120,
  },
  { name: "bucket gone for 20 s", functions: 30, inject: without("s3", 20), within: 120 },
  {
    name: "Kueue crashed, back after 5 s",
    functions: 30,
    inject: async () => {
      await delay(UNDER_WAY_MS);
      lab.crash("kueue");
      await delay(5_000);
      await lab.start("kueue");
    },
    within: 120,
  },
  { name: "watches black-holed", functions: 30, inject: watchesSwallowed, within: 60 },
  {
    name: "429 or 500 for every third request, for 20 s",
    functions: 30,
    inject: everyThirdRefused,
    within: 90,
  },
  {
    name: "two builders' clocks five minutes off, one each way",
    functions: 30,
    inject: clocksOff,
    within: 120,
    undo: clocksRight,
  },
];

/** By hand, for hours that CI has not: thousands of builds, and a builder killed all the time. */
export const longFault: Fault = {
  name: "a builder killed 100 times",
  functions: 2_400,
  inject: kills(100, 4_000),
  within: 1_200,
};
