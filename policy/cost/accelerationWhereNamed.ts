import { isWithin, resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

export const accelerationWhereNamed = resourcePolicy<
  { bucket: string; status: string },
  { components: string[] }
>(
  {
    name: "acceleration-where-named",
    severity: "medium",
    description: "Transfer Acceleration is on for the buckets of uploads alone, and their names have no dot.",
    remediation:
      "Take it away: it costs $0.04 to $0.08 per GB and helps only uploaders outside the region. In a bucket's name use - for a dot.",
    config: {
      components: {
        description: "Types of the components whose buckets may be accelerated.",
        default: ["knative-lambda:aws:SourceBucket"],
      },
    },
  },
  [TYPES.bucketAccelerate],
  ({ props: { bucket, status }, urn }, { components }) => {
    if (status !== "Enabled") return [];
    return [
      ...(components.some((component) => isWithin(urn, component))
        ? []
        : [`status is Enabled outside ${components.join(", ")}; take it away.`]),
      ...((bucket ?? "").includes(".") ? [`bucket ${bucket ?? ""} has a dot; S3 can't accelerate it.`] : []),
    ];
  },
);
