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

/** Whether a rule selects images that carry a tag. A pattern may have `*` anywhere. */
export function selectsTag({ selection }: LifecycleRule, tag: string): boolean {
  if (selection?.tagStatus === "any") return true;
  if (selection?.tagStatus !== "tagged") return false;
  const patterns = [
    ...(selection.tagPatternList ?? []),
    ...(selection.tagPrefixList ?? []).map((prefix) => `${prefix}*`),
  ];
  return patterns.some((pattern) => glob(pattern).test(tag));
}

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
