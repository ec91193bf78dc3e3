import { z } from "zod";
import { duration } from "../scalars";

/** Kueue, which admits builds under `kanikoJobLimit`. */
export const buildQueue = z
  .strictObject({
    install: z
      .boolean()
      .prefault(true)
      .describe(
        "Install Kueue. `false` where the cluster has it; its `admissionFairSharing` is then the cluster's.",
      ),
    usageHalfLife: duration("10m", 1)
      .prefault("10m")
      .describe("How fast a namespace's past builds stop counting against it when builds wait."),
  })
  .prefault({});
