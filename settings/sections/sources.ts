import { z } from "zod";
import { hostPattern, quantity } from "../scalars";

/** What may be a function's source, and how large. */
export const sources = z
  .strictObject({
    internalHosts: z
      .array(hostPattern())
      .prefault([])
      .describe(
        "Hosts inside the cluster or the VPC that sources may come from. All others inside are refused.",
      ),
    packageIndexes: z
      .array(hostPattern())
      .prefault([])
      .describe(
        "Hosts from which builds may install packages. Enforced by name on EKS Auto Mode. Empty: any public host, on port 443.",
      ),
    maxArchive: quantity("100Mi").prefault("100Mi").describe("Largest archive."),
    maxUnpacked: quantity("500Mi").prefault("500Mi").describe("Largest source once unpacked."),
    maxFiles: z.int().min(1).max(1_000_000).prefault(10_000).describe("Most files in a source."),
  })
  .prefault({});
