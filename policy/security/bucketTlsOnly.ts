import { belongsTo, type Bucket, type OfBucket } from "../kit/buckets";
import { listOf, type Statement, statements } from "../kit/documents";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

/**
 * Whether a statement denies everybody everything that doesn't come over TLS, on a bucket and on all of its objects. Conditions are joined
 * by "and": with a second one, what it doesn't hold for is let through.
 * @param bucket its name, where it is given one
 */
function deniesPlainHttp(statement: Statement, bucket: string | undefined): boolean {
  const { Effect, Principal, Action, Condition = {} } = statement;
  const everybody = Principal === "*" || (Principal !== undefined && listOf(Principal["AWS"]).includes("*"));
  const [operators, keys] = [Object.keys(Condition), Object.keys(Condition["Bool"] ?? {})];
  const resources = listOf(statement.Resource);
  return (
    Effect === "Deny" &&
    everybody &&
    listOf(Action).some((action) => action === "s3:*" || action === "*") &&
    resources.some(
      (arn) =>
        (bucket === undefined ? /^arn:[^:]+:s3:::[^/*?]+$/.test(arn) : arn.endsWith(`:s3:::${bucket}`)) &&
        resources.includes(`${arn}/*`),
    ) &&
    operators.join() === "Bool" &&
    keys.join().toLowerCase() === "aws:securetransport" &&
    listOf(Object.values(Condition["Bool"] ?? {})[0])
      .map(String)
      .join() === "false"
  );
}

export const bucketTlsOnly = stackPolicy(
  {
    name: "bucket-tls-only",
    severity: "high",
    description: "Every bucket refuses requests that don't come over TLS.",
    remediation:
      "Give the bucket a policy with a Deny of s3:* to everybody, on the bucket and on all of its objects (/*), where aws:SecureTransport is false, and on no other condition.",
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
              belongsTo(policy, bucket) &&
              (statements(policy.props.policy) ?? []).some((statement) =>
                deniesPlainHttp(statement, bucket.props.bucket),
              ),
          ),
      )
      .map(({ urn, name }) => ({
        urn,
        message: `${name} has no policy that denies requests without TLS; deny them where aws:SecureTransport is false.`,
      }));
  },
);
