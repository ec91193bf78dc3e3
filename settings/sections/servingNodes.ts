import { z } from "zod";
import { bytes, quantity } from "../scalars";

/** Nodes for the builder and the functions: a Karpenter pool of EKS Auto Mode, on demand. */
export const servingNodes = z
  .strictObject({
    limits: z
      .strictObject({
        cpu: quantity("64")
          .prefault("64")
          .describe(
            "Most CPU that the pool may hold. On arm64 it bounds the bill of functions that scale out; on amd64 what does not fit goes to the pool that Auto Mode brings.",
          ),
        memory: bytes("256Gi", "1Gi").prefault("256Gi").describe("Most memory that the pool may hold."),
      })
      .prefault({}),
  })
  .prefault({});
