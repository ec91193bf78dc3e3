import { belongsTo, type Bucket, type OfBucket } from "../kit/buckets";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

interface Encryption extends OfBucket {
  rules: { applyServerSideEncryptionByDefault?: { sseAlgorithm?: string } }[];
}

export const bucketEncrypted = stackPolicy(
  {
    name: "bucket-encrypted",
    severity: "high",
    description: "Every bucket says how its objects are encrypted.",
    remediation:
      "Make an aws.s3.BucketServerSideEncryptionConfiguration for the bucket with the algorithm AES256 or aws:kms.",
    blind:
      "Encryption that S3 applies by itself (AES256, since 2023) to a bucket that says nothing: what is meant is stated.",
  },
  [TYPES.bucket, TYPES.bucketEncryption],
  (stack) => {
    const configurations = stack.all<Encryption>(TYPES.bucketEncryption);
    const isEncrypted = ({ rules = [] }: Partial<Encryption>): boolean =>
      rules.some((rule) =>
        ["AES256", "aws:kms", "aws:kms:dsse"].includes(
          rule.applyServerSideEncryptionByDefault?.sseAlgorithm ?? "",
        ),
      );
    return stack
      .all<Bucket>(TYPES.bucket)
      .filter((bucket) => !configurations.some((one) => belongsTo(one, bucket) && isEncrypted(one.props)))
      .map(({ urn, name }) => ({
        urn,
        message: `${name} has no encryption by default; give it AES256 or aws:kms.`,
      }));
  },
);
