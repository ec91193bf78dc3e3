import { parsed } from "./documents";
import { TYPES } from "./types";
import type { Resource } from "./resourcePolicy";

/** What the platform tags its repositories with, to say what they are for. */
export const PURPOSES = ["cache", "functions", "builder", "base-images"] as const;

/** Inputs of a repository, or of the template by which ECR makes repositories. */
export interface Repository {
  name: string;
  prefix: string;
  imageTagMutability: string;
  imageTagMutabilityExclusionFilters: { filter?: string }[];
  imageScanningConfiguration: { scanOnPush?: boolean };
  lifecyclePolicy: string;
  tags: Record<string, string>;
  resourceTags: Record<string, string>;
}

export const REPOSITORIES = [TYPES.repository, TYPES.creationTemplate] as const;

/** The tag `purpose` of a repository, or of those that a template makes. */
export const purposeOf = ({ type, props }: Resource<Partial<Repository>>): string | undefined =>
  (type === TYPES.creationTemplate ? props.resourceTags : props.tags)?.["purpose"];

export interface LifecycleRule {
  rulePriority?: number;
  selection?: {
    tagStatus?: string;
    tagPatternList?: string[];
    tagPrefixList?: string[];
    countType?: string;
    countNumber?: number;
  };
}

/** The rules of a lifecycle policy in the order in which ECR takes them; none where the text is no policy. */
export function lifecycleRules(policy: string): LifecycleRule[] {
  const document = parsed(policy) as { rules?: LifecycleRule[] } | undefined;
  return [...(document?.rules ?? [])].sort((a, b) => (a.rulePriority ?? 0) - (b.rulePriority ?? 0));
}

/** The patterns of a rule for tagged images. A pattern may have `*` anywhere. */
const patternsOf = ({ selection }: LifecycleRule): RegExp[] =>
  selection?.tagStatus === "tagged"
    ? [
        ...(selection.tagPatternList ?? []),
        ...(selection.tagPrefixList ?? []).map((prefix) => `${prefix}*`),
      ].map(glob)
    : [];

/**
 * Whether a rule selects every image that carries a tag. Of several patterns each must match one of an image's tags:
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export function selectsAll(rule: LifecycleRule, tag: string): boolean {
  if (rule.selection?.tagStatus === "any") return true;
  const patterns = patternsOf(rule);
  return patterns.length > 0 && patterns.every((pattern) => pattern.test(tag));
}

/** Whether a rule selects images that carry a tag, if only such as have other tags too. */
export const selectsSome = (rule: LifecycleRule, tag: string): boolean =>
  rule.selection?.tagStatus === "any" || patternsOf(rule).some((pattern) => pattern.test(tag));

const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split("*")
      .map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"))
      .join(".*")}$`,
  );

/** More images than a repository can hold: a rule with this count never acts. ECR's quota is 100,000, and AWS may raise it. */
const MORE_THAN_FIT = 1_000_000;

/** Whether a rule ever takes an image away. */
export const expires = ({ selection }: LifecycleRule): boolean =>
  !(selection?.countType === "imageCountMoreThan" && (selection.countNumber ?? 0) >= MORE_THAN_FIT);
