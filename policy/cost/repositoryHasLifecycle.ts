import { lifecycleRules, type Repository } from "../kit/ecr";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

export const repositoryHasLifecycle = stackPolicy(
  {
    name: "repository-has-lifecycle",
    severity: "medium",
    description: "Every repository has a lifecycle rule, those that ECR makes too.",
    remediation:
      "Make an aws.ecr.LifecyclePolicy for it, or give the template one: images are else kept, and paid for, for ever.",
  },
  [TYPES.repository, TYPES.lifecyclePolicy, TYPES.creationTemplate],
  (stack) => {
    const policies = stack.all<{ repository: string; policy: string }>(TYPES.lifecyclePolicy);
    const without = [
      ...stack
        .all<Repository>(TYPES.creationTemplate)
        .filter(({ props }) => lifecycleRules(props.lifecyclePolicy ?? "").length === 0),
      ...stack
        .all<Repository>(TYPES.repository)
        .filter(
          ({ urn, props }) =>
            !policies.some(
              (policy) =>
                (policy.madeFrom.includes(urn) || policy.props.repository === props.name) &&
                lifecycleRules(policy.props.policy ?? "").length > 0,
            ),
        ),
    ];
    return without.map(({ urn, name }) => ({ urn, message: `${name} has no lifecycle rule; give it one.` }));
  },
);
