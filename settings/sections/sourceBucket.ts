import { z } from "zod";
import { bucketName, dnsLabel } from "../scalars";

/** Bucket of the functions' sources and of build contexts. */
export const sourceBucket = z
  .strictObject({
    name: bucketName()
      .optional()
      .describe("Absent on AWS: `knative-lambda-<stack>-sources-<account>`. Needed with `target: cluster`."),
    accelerate: z
      .boolean()
      .prefault(true)
      .describe(
        "S3 Transfer Acceleration (SRE-002, technique 7). Helps uploaders outside the region, for $0.04 to $0.08 per GB that it speeds up; the cluster reads through the gateway endpoint, for nothing.",
      ),
    noncurrentDays: z
      .int()
      .min(1)
      .max(3650)
      .prefault(30)
      .describe("Days that an overwritten or deleted source is kept."),
    contextDays: z.int().min(1).max(365).prefault(7).describe("Days that a build context is kept."),
    endpoint: z
      .url({ protocol: /^https?$/, error: "is not a URL; write it as in http://minio.example.com:9000" })
      .optional()
      .describe("`target: cluster` only, and needed there: an S3-compatible endpoint, addressed by path."),
    region: z
      .string()
      .min(1)
      .prefault("us-east-1")
      .describe("`target: cluster` only: region of that endpoint."),
    secretRef: dnsLabel()
      .optional()
      .describe(
        "`target: cluster` only: Secret in `knative-lambda-system` with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
      ),
  })
  .prefault({});
