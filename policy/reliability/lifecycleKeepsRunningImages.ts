import { LIVE_TAG_PREFIX } from "../../contract/names";
import { expires, lifecycleRules, purposeOf, type Repository, selectsAll, selectsSome } from "../kit/ecr";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

/** A tag that an image has while it runs, by what its repository is for. Images of other repositories don't run. */
const RUNNING: Record<string, string> = { functions: `${LIVE_TAG_PREFIX}function`, builder: "1.2.3" };

/**
 * The rule that may take away an image with a tag. An image is the first rule's that selects it, and no later one's: a rule that never
 * acts keeps the images that it selects, if it selects all of them.
 */
function expiring(policy: string, tag: string): number | undefined {
  for (const rule of lifecycleRules(policy)) {
    if (expires(rule) && selectsSome(rule, tag)) return rule.rulePriority;
    if (selectsAll(rule, tag)) return undefined;
  }
  return undefined;
}

export const lifecycleKeepsRunningImages = stackPolicy(
  {
    name: "lifecycle-keeps-running-images",
    severity: "critical",
    description: "No lifecycle rule can expire an image that runs or would be rolled back to.",
    remediation: `Put a rule for ${LIVE_TAG_PREFIX}* alone first that never acts (components/ecr/lifecycle.ts): of several patterns ECR wants each on an image; on the builder's repository select untagged images and trial tags alone. A pod that moves to another node pulls its image again.`,
    blind:
      "An image that runs and carries a further tag, by which an earlier rule selects it: give none to what may run.",
  },
  [TYPES.repository, TYPES.lifecyclePolicy, TYPES.creationTemplate],
  (stack) => {
    const wrong = (urn: string, policy: string | undefined, purpose: string | undefined) => {
      const tag = RUNNING[purpose ?? ""];
      const rule = tag === undefined ? undefined : expiring(policy ?? "", tag);
      return rule === undefined
        ? []
        : [
            {
              urn,
              message: `rule ${rule} can expire an image tagged as ${tag ?? ""} that runs; keep ${purpose === "functions" ? `${LIVE_TAG_PREFIX}* by an earlier rule` : "releases out of it"}.`,
            },
          ];
    };
    const repositories = stack.all<Repository>(TYPES.repository);
    return [
      ...stack
        .all<Repository>(TYPES.creationTemplate)
        .flatMap((template) => wrong(template.urn, template.props.lifecyclePolicy, purposeOf(template))),
      ...stack
        .all<{ repository: string; policy: string }>(TYPES.lifecyclePolicy)
        .flatMap(({ urn, props, madeFrom }) =>
          repositories
            .filter(
              (repository) => madeFrom.includes(repository.urn) || props.repository === repository.props.name,
            )
            .flatMap((repository) => wrong(urn, props.policy, purposeOf(repository))),
        ),
    ];
  },
);
