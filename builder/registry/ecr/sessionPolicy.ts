import type { EcrRegistry } from "./ecrHost";

export interface SessionPolicyArgs {
  registry: EcrRegistry;
  /** Repositories that the build pushes to and pulls from: the namespace's images, its cache. Paths inside the registry. */
  own: readonly string[];
  /** Repositories that the build only pulls from: base images. */
  base: readonly string[];
}

/** The most characters that STS takes of a session policy. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST = 2048;

const PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const PUSH = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:InitiateLayerUpload",
  "ecr:UploadLayerPart",
  "ecr:CompleteLayerUpload",
  "ecr:PutImage",
];

/**
 * What one build may do with the registry, as a session policy: the session has what both it and the role allow. A repository's own name stands in it, never
 * a wildcard: `team-a*` would be `team-ab`'s too.
 */
export function sessionPolicy({
  registry: { partition, region, account },
  own,
  base,
}: SessionPolicyArgs): string {
  const arns = (paths: readonly string[]) =>
    paths.map((path) => `arn:${partition}:ecr:${region}:${account}:repository/${path}`);
  const allow = (Action: string[], Resource: string[]) => ({ Effect: "Allow", Action, Resource });
  const text = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      allow(["ecr:GetAuthorizationToken"], ["*"]),
      // A first push makes the repository, for those who may.
      allow([...PULL, ...PUSH, "ecr:CreateRepository"], arns(own)),
      // A first pull through the cache makes the repository and fills it.
      ...(base.length > 0
        ? [allow([...PULL, "ecr:BatchImportUpstreamImage", "ecr:CreateRepository"], arns(base))]
        : []),
    ],
  });
  for (const path of [...own, ...base])
    if (!/^[a-z0-9._/-]+$/.test(path))
      throw new RangeError(`${JSON.stringify(path)} is no repository's path`);
  if (text.length > MOST)
    throw new RangeError(
      `a session policy of ${text.length} characters, and STS takes ${MOST}: too many base images`,
    );
  return text;
}
