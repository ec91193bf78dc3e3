import { z } from "zod";
import { bytes, cores } from "../scalars";

/** Budget and the load that the estimate is made for. */
export const budget = z
  .strictObject({
    monthlyUsd: z
      .number()
      .positive()
      .optional()
      .describe(
        "Monthly budget in US dollars. `npm run check:cost` refuses a stack on AWS whose estimate is above it, or that has none. With `emails` AWS keeps it too.",
      ),
    emails: z
      .array(z.email({ error: "is not an e-mail address" }))
      .prefault([])
      .describe(
        "Who is told at 80 % of it, when the forecast passes it, and when the bill is a fifth above the preview's estimate. Empty: nothing is made in AWS.",
      ),
    activateCostAllocationTag: z
      .boolean()
      .prefault(false)
      .describe(
        "Make the tags `Environment` and `eks:eks-cluster-name` visible to AWS's billing, without which the budget counts nothing. For one stack of the account that pays, and not on its first `pulumi up`: AWS refuses a tag that it hasn't seen on a resource for up to 24 hours.",
      ),
    assumptions: z
      .strictObject({
        buildsPerDay: z.int().min(0).prefault(200).describe("Builds a day."),
        buildSeconds: z
          .number()
          .positive()
          .prefault(45)
          .describe("Seconds that a build occupies its request."),
        buildWavesPerDay: z
          .number()
          .min(0)
          .prefault(1)
          .describe(
            "Times a day that as many builds come at once as `kanikoJobLimit` and `buildNodes.limits` let run. Their nodes stay for `buildNodes.consolidateAfter`.",
          ),
        functionPods: z
          .number()
          .min(0)
          .prefault(5)
          .describe("Pods of functions that are at work on average, beside the kept-alive ones."),
        functionWakesPerDay: z
          .number()
          .min(0)
          .prefault(200)
          .describe(
            "Times a day that a function has its last request for a while. Its pod stays for `knative.scaleToZeroRetention`.",
          ),
        functionCpu: cores("250m").prefault("250m").describe("CPU of such a pod, with its queue-proxy."),
        functionMemory: bytes("512Mi", "1Mi")
          .prefault("512Mi")
          .describe("Memory of such a pod, with its queue-proxy."),
        egressGb: z.number().min(0).prefault(50).describe("GB a month through NAT."),
        acceleratedGb: z
          .number()
          .min(0)
          .prefault(0)
          .describe("GB a month uploaded through Transfer Acceleration."),
        imageGb: z.number().min(0).prefault(50).describe("GB of function images kept in ECR."),
        cacheGb: z
          .number()
          .min(0)
          .prefault(20)
          .describe(
            "GB of cached layers that ECR keeps at SRE-002's `cacheTTL` of 72h: more at a longer one, in proportion to the days that a layer is kept.",
          ),
        logGb: z.number().min(0).prefault(10).describe("GB a month of control-plane logs."),
      })
      .prefault({})
      .describe("What the monthly estimate assumes."),
  })
  .prefault({});
