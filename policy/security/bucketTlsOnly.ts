import { belongsTo, type Bucket, type OfBucket } from "../kit/buckets";
import { isEverybody, listOf, type Statement, statements } from "../kit/documents";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

/** Denies everybody everything that doesn't come over TLS, on the bucket and on its objects. */
const deniesPlainHttp = (statement: Statement): boolean =>
  statement.Effect === "Deny" &&
  isEverybody(statement) &&
  listOf(statement.Action).some((action) => action === "s3:*" || action === "*") &&
  listOf(statement.Resource).some((resource) => resource.endsWith("/*")) &&
  listOf(statement.Resource).some((resource) => !resource.endsWith("/*")) &&
  listOf(statement.Condition?.["Bool"]?.["aws:SecureTransport"]).includes("false");

export const bucketTlsOnly = stackPolicy(
  {
    name: "bucket-tls-only",
    severity: "high",
    description: "Every bucket refuses requests that don't come over TLS.",
    remediation:
      "Give the bucket a policy with a Deny of s3:* to everybody, on the bucket and on its objects (/*), where aws:SecureTransport is false.",
  },
  [TYPES.bucket, TYPES.bucketPolicy],
  (stack) => {
    const policies = stack.all<OfBucket & { policy: string }>(TYPES.bucketPolicy);
    return stack
      .all<Bucket>(TYPES.bucket)
      .filter(
        (bucket) =>
          !policies.some(
            (policy) =>
              belongsTo(policy, bucket) && (statements(policy.props.policy) ?? []).some(deniesPlainHttp),
          ),
      )
      .map(({ urn, name }) => ({
        urn,
        message: `${name} has no policy that denies requests without TLS; deny them where aws:SecureTransport is false.`,
      }));
  },
);
