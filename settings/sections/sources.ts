import { z } from "zod";
import { bytes, hostPattern } from "../scalars";

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
        "Hosts from which builds may install packages. Enforced by name on EKS Auto Mode, where builds reach these, the stack's registry and the registries of `imageRepositories.baseImages`, and nothing else: so name here what functions' own Dockerfiles pull from, and hosts to which such a registry sends a puller for its layers (those of Docker Hub, GitHub and Quay are known). Empty: any public host, on port 443.",
      ),
    maxArchive: bytes("100Mi", "1Ki").prefault("100Mi").describe("Largest archive."),
    maxUnpacked: bytes("500Mi", "1Ki").prefault("500Mi").describe("Largest source once unpacked."),
    maxFiles: z.int().min(1).max(1_000_000).prefault(10_000).describe("Most files in a source."),
  })
  .prefault({});
