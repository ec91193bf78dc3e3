import { z } from "zod";
import { bytes, duration, quantity } from "../scalars";

/** Nodes for builds: a tainted Karpenter pool of EKS Auto Mode. */
export const buildNodes = z
  .strictObject({
    capacityType: z
      .enum(["spot", "on-demand"])
      .prefault("spot")
      .describe("Spot costs about a third; a build on a reclaimed node starts again."),
    instanceCategories: z
      .array(z.enum(["c", "m", "r"]))
      .min(1)
      .prefault(["c", "m"])
      .describe("EC2 instance categories."),
    minimumGeneration: z.int().min(5).max(9).prefault(6).describe("Oldest EC2 instance generation."),
    limits: z
      .strictObject({
        cpu: quantity("136")
          .prefault("136")
          .describe("Most CPU that the pool may hold: bounds the bill and the builds that run at once."),
        memory: bytes("480Gi", "1Gi").prefault("480Gi").describe("Most memory that the pool may hold."),
      })
      .prefault({}),
    disk: bytes("200Gi", "1Gi")
      .prefault("200Gi")
      .describe(
        "Disk of each node, shared by the builds on it. gp3, $0.08 per GB and month while the node lives.",
      ),
    consolidateAfter: duration("5m")
      .prefault("5m")
      .describe(
        "How long an empty node is kept. Longer keeps warm capacity for the next builds and pays for it.",
      ),
  })
  .prefault({});
