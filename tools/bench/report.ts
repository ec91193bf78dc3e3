import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";
import { z } from "zod";
import type { Run } from "./run";
import { type Spread, spreadOf } from "./spread";

const figure = z.strictObject({ median: z.number(), least: z.number(), most: z.number() });
const figures = z.strictObject({
  startSeconds: figure,
  residentMiB: figure,
  peakMiB: figure,
  idleCpuPercent: figure,
  idleRequestsPerSecond: figure,
  idleWrites: figure,
  eventsSeconds: figure,
  load: figure,
});

/** `docs/reports/builder-scale.json`. */
export const scaleReport = z.strictObject({
  date: z.iso.datetime(),
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  machine: z.strictObject({
    cpu: z.string(),
    cores: z.int(),
    memoryGiB: z.number(),
    kernel: z.string(),
    node: z.string(),
  }),
  /** Runs of each size. */
  n: z.int(),
  /** Over which idle CPU was counted. */
  idleSeconds: z.int(),
  /** Events that were sent at once. */
  events: z.int(),
  /** By how many Ready functions there were. */
  sizes: z.array(z.strictObject({ functions: z.int(), figures })),
});

export type ScaleReport = z.output<typeof scaleReport>;

export const machine = (): ScaleReport["machine"] => ({
  cpu: cpus()[0]?.model ?? "",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
});

export const commit = (): string => execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();

export function figuresOf(runs: readonly Run[]): Record<keyof Run, Spread> {
  const of = (name: keyof Run): Spread => spreadOf(runs.map((run) => run[name]));
  return {
    startSeconds: of("startSeconds"),
    residentMiB: of("residentMiB"),
    peakMiB: of("peakMiB"),
    idleCpuPercent: of("idleCpuPercent"),
    idleRequestsPerSecond: of("idleRequestsPerSecond"),
    idleWrites: of("idleWrites"),
    eventsSeconds: of("eventsSeconds"),
    load: of("load"),
  };
}
