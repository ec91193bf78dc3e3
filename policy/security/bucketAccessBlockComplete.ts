import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

const FLAGS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"] as const;

export const bucketAccessBlockComplete = resourcePolicy<Record<(typeof FLAGS)[number], boolean>>(
  {
    name: "bucket-access-block-complete",
    severity: "critical",
    description: "A bucket's public access block has all of its four parts.",
    remediation: `Set ${FLAGS.join(", ")} to true.`,
  },
  [TYPES.bucketPublicAccessBlock],
  ({ props }) =>
    FLAGS.filter((flag) => props[flag] !== true).map((flag) => `${flag} is not true; set it to true.`),
);
