import { setTimeout as delay } from "node:timers/promises";
import * as lab from "./support/lab";
import type { Platform } from "./support/platform";
import type { Fault } from "./support/run";

/** Takes a part of the lab away for a while, as soon as builds run. */
const without = (part: lab.Part, seconds: number) => async (): Promise<void> => {
  await delay(3_000);
  await lab.stop(part);
  try {
    await delay(seconds * 1000);
  } finally {
    await lab.start(part);
  }
};

async function kills({ builders }: Platform, count: number): Promise<void> {
  for (let kill = 0; kill < count; kill += 1) {
    await delay(2_000);
    const builder = builders[kill % builders.length];
    await builder?.kill();
    builder?.launch();
  }
  await Promise.all(builders.map((builder) => builder.ready()));
}

/** Each is tried on builders that run, while what they build is new or has just changed. */
export const faults: readonly Fault[] = [
  { name: "none", functions: 40, inject: () => Promise.resolve(), within: 90 },
  {
    name: "a builder killed every 2 s",
    functions: 100,
    inject: (platform) => kills(platform, 20),
    within: 150,
  },
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
];
