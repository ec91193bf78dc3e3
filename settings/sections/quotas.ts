import { z } from "zod";

/** What the account may use: `pulumi` can't see it, the preview's capacity can't be right without it. */
export const quotas = z
  .strictObject({
    spotVcpus: z
      .int()
      .min(0)
      .prefault(5)
      .describe("EC2's quota of standard spot vCPUs (L-34B43A08) in the region. AWS starts accounts at 5."),
    onDemandVcpus: z
      .int()
      .min(0)
      .prefault(5)
      .describe("EC2's quota of standard on-demand vCPUs (L-1216C47A). AWS starts accounts at 5."),
    ecrPutImagePerSecond: z
      .int()
      .min(1)
      .prefault(10)
      .describe("ECR's quota of PutImage a second (L-AD52DFB2)."),
  })
  .prefault({});
