import { belongsTo, type Bucket, type OfBucket } from "../kit/buckets";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

export const bucketHasAccessBlock = stackPolicy(
  {
    name: "bucket-has-access-block",
    severity: "critical",
    description: "Every bucket has a public access block.",
    remediation: "Make an aws.s3.BucketPublicAccessBlock for the bucket, as components/sourceBucket.ts does.",
  },
  [TYPES.bucket, TYPES.bucketPublicAccessBlock],
  (stack) => {
    const blocks = stack.all<OfBucket>(TYPES.bucketPublicAccessBlock);
    return stack
      .all<Bucket>(TYPES.bucket)
      .filter((bucket) => !blocks.some((block) => belongsTo(block, bucket)))
      .map(({ urn, name }) => ({ urn, message: `${name} has no BucketPublicAccessBlock; make one for it.` }));
  },
);
