import { z } from "zod";
import { distinct, functionName } from "../scalars";

/** Functions that are kept warm (SRE-002, technique 6). */
export const keepAlive = z
  .strictObject({
    functions: distinct(z.array(functionName()))
      .prefault([])
      .describe(
        "Functions that keep a pod. SRE-002 says about $5 a month each; the preview says what the pod that `budget.assumptions` describes costs.",
      ),
    byLabel: z
      .boolean()
      .prefault(false)
      .describe(
        'Also keep a pod of functions labelled `lambda.knative.io/keep-alive: "true"`, by name, up to 9 in all unless `allowMany`.',
      ),
    minScale: z.int().min(1).max(100).prefault(1).describe("Pods that each keeps."),
    maxScale: z.int().min(1).max(1000).prefault(10).describe("Most pods of each."),
    target: z
      .int()
      .min(1)
      .max(10_000)
      .prefault(10)
      .describe("Concurrent requests to a pod at which another is started."),
    allowMany: z
      .boolean()
      .prefault(false)
      .describe("Allow 10 functions or more. Scale to zero is what keeps a large number of them cheap."),
  })
  .prefault({});
