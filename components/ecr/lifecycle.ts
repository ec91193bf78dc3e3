import { LIVE_TAG_PREFIX } from "../../contract/names";

/**
 * Lifecycle policies of ECR. Two of its rules decide how they are written: an image that matches a rule's tags is out of reach of every
 * later rule, whether or not the first one acts on it; and an image that an index refers to stays as long as the index.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
interface Rule {
  rulePriority: number;
  description: string;
  selection: (
    { tagStatus: "tagged"; tagPatternList: string[] } | { tagStatus: "untagged" } | { tagStatus: "any" }
  ) &
    (
      | { countType: "imageCountMoreThan"; countNumber: number }
      | { countType: "sinceImagePushed"; countUnit: "days"; countNumber: number }
    );
  action: { type: "expire" };
}

/**
 * More images than a repository can hold, so that a rule with this count never acts: ECR's quota is 100,000 images a repository, and AWS
 * may raise it. https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
 */
const NEVER = 10_000_000;

/** Tags of the builder's images that are there to be tried out, and may go again. */
export const TRIAL_TAGS = "dev-*";
/** Trial images of the builder that are kept. */
const TRIALS_KEPT = 50;
/** Days that an untagged image of the builder is kept: what an upload left that was broken off before its tag. */
const UNTAGGED_DAYS = 14;

const lifecycle = (...rules: Omit<Rule, "rulePriority" | "action">[]): string =>
  JSON.stringify({
    rules: rules.map((rule, index): Rule => ({
      rulePriority: index + 1,
      ...rule,
      action: { type: "expire" },
    })),
  });

const olderThan = (days: number) =>
  ({ countType: "sinceImagePushed", countUnit: "days", countNumber: days }) as const;

/** Everything goes by its age, counted from the push: cached layers, and base images that a pull brings back. */
export const expireByAge = (days: number): string =>
  lifecycle({
    description: `expire after ${days} days`,
    selection: { tagStatus: "any", ...olderThan(days) },
  });

/** Function images go by their age, but for what a Service runs or would roll back to: those carry a `live-` tag. */
export const keepLiveImages = (days: number): string =>
  lifecycle(
    {
      description: "keep what runs or would be rolled back to",
      selection: {
        tagStatus: "tagged",
        tagPatternList: [`${LIVE_TAG_PREFIX}*`],
        countType: "imageCountMoreThan",
        countNumber: NEVER,
      },
    },
    {
      description: `expire the others after ${days} days`,
      selection: { tagStatus: "any", ...olderThan(days) },
    },
  );

/**
 * Of the builder's images only those go that nobody means to keep. ECR doesn't know which of them a stack runs, so that a rule over all,
 * by number or by age, would one day take the running one; a release is some 100 MB, a cent a month.
 */
export const keepReleases = (): string =>
  lifecycle(
    {
      description: `expire what has no tag after ${UNTAGGED_DAYS} days`,
      selection: { tagStatus: "untagged", ...olderThan(UNTAGGED_DAYS) },
    },
    {
      description: `keep the last ${TRIALS_KEPT} images tagged ${TRIAL_TAGS}`,
      selection: {
        tagStatus: "tagged",
        tagPatternList: [TRIAL_TAGS],
        countType: "imageCountMoreThan",
        countNumber: TRIALS_KEPT,
      },
    },
  );
