import { z } from "zod";

const faultRow = z.strictObject({
  fault: z.string(),
  /** That were applied before it. */
  functions: z.int(),
  /** How many of them were changed while the fault was on. */
  changed: z.int(),
  /** How many of them were Ready as the fault ended. Absent: not noted. */
  readyAtEnd: z.int().optional(),
  /** From the end of the fault until all functions were Ready with the spec accepted last. */
  recoverySeconds: z.number(),
  /** From the first function applied until then. */
  wholeSeconds: z.number(),
});

/** One fault that was tried. */
export type FaultRow = z.output<typeof faultRow>;

/** `docs/reports/faults.json`: what `REPORT=… npm run test:faults` has added, run by run. */
export const faultsReport = z.strictObject({
  runs: z.array(
    z.strictObject({
      date: z.iso.datetime(),
      commit: z.string().regex(/^[0-9a-f]{40}$/),
      machine: z.strictObject({ cpu: z.string(), cores: z.int(), memoryGiB: z.number() }),
      /** Load of the machine over the last 15 minutes of the run. */
      load: z.number(),
      builders: z.int(),
      figures: z.record(z.string(), z.number()),
      faults: z.array(faultRow),
    }),
  ),
});

export type FaultsReport = z.output<typeof faultsReport>;
