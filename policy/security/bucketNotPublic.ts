import { isAllow, isEverybody, named, statements } from "../kit/documents";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

interface Props {
  acl: string;
  policy: string | object;
  accessControlPolicy: { grants?: { grantee?: { uri?: string } }[] };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee-predefined-groups */
const EVERYBODY = /\/groups\/global\/(AllUsers|AuthenticatedUsers)$/;

export const bucketNotPublic = resourcePolicy<Props>(
  {
    name: "bucket-not-public",
    severity: "critical",
    description: "No bucket gives rights to everybody, by ACL or by policy.",
    remediation:
      "Name the accounts or roles that need the bucket. To take uploads from outside, sign them: a signed URL needs no public right.",
  },
  [TYPES.bucket, TYPES.bucketAcl, TYPES.bucketPolicy],
  ({ props: { acl, accessControlPolicy, policy } }) => [
    ...(acl !== undefined && acl !== "private" && acl.startsWith("public")
      ? [`acl is ${acl}; make it private.`]
      : []),
    ...(accessControlPolicy?.grants ?? [])
      .filter(({ grantee }) => EVERYBODY.test(grantee?.uri ?? ""))
      .map(({ grantee }) => `accessControlPolicy grants to ${grantee?.uri ?? ""}; take the grant away.`),
    ...(statements(policy) ?? [])
      .map((statement, index) => ({ statement, name: named(statement, index) }))
      .filter(({ statement }) => isAllow(statement) && isEverybody(statement))
      .map(({ name }) => `policy: ${name} allows everybody ("*"); name a principal.`),
  ],
);
