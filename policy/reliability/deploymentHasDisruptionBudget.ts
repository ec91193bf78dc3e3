import { budgetsOf } from "../kit/disruptionBudgets";
import { PODS_UNSEEN, type Workload } from "../kit/pods";
import { fewestPods } from "../kit/scaling";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

export const deploymentHasDisruptionBudget = stackPolicy(
  {
    name: "deployment-has-disruption-budget",
    severity: "high",
    description: "A Deployment of two pods or more has a PodDisruptionBudget.",
    remediation: "Make one for its labels with maxUnavailable: 1, or a drain may take all pods at once.",
    blind: PODS_UNSEEN,
  },
  [TYPES.deployment, TYPES.hpa, TYPES.pdb],
  (stack) =>
    stack
      .all<Workload>(TYPES.deployment)
      .filter((deployment) => fewestPods(stack, deployment) > 1)
      .filter((deployment) => budgetsOf(stack, deployment).length === 0)
      .map(({ urn, name }) => ({
        urn,
        message: `${name} has no PodDisruptionBudget; make one with maxUnavailable: 1.`,
      })),
);
