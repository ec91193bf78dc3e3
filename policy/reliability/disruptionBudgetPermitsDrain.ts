import { budgetsOf, type DisruptionBudget } from "../kit/disruptionBudgets";
import { PODS_UNSEEN, type Workload } from "../kit/pods";
import { fewestPods } from "../kit/scaling";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

/** How many of `pods` a number or a percentage stands for. Kubernetes rounds up. */
const share = (value: number | string, pods: number): number => {
  const text = String(value);
  return text.endsWith("%") ? Math.ceil((Number.parseInt(text, 10) / 100) * pods) : Number(text);
};

/** What in a budget lets no pod go, of so many. */
function blocking({ spec }: Partial<DisruptionBudget>, pods: number): string | undefined {
  const { maxUnavailable, minAvailable } = spec ?? {};
  if (maxUnavailable !== undefined)
    return share(maxUnavailable, pods) === 0 ? `maxUnavailable is ${maxUnavailable}` : undefined;
  if (minAvailable !== undefined)
    return share(minAvailable, pods) >= pods ? `minAvailable is ${minAvailable} of ${pods}` : undefined;
  return undefined;
}

export const disruptionBudgetPermitsDrain = stackPolicy(
  {
    name: "disruption-budget-permits-drain",
    severity: "high",
    description: "A PodDisruptionBudget lets a pod go when there are as few as there ever are.",
    remediation:
      "Use maxUnavailable: 1. Or no node with such a pod can be drained, and no node upgrade ends.",
    blind: PODS_UNSEEN,
  },
  [TYPES.deployment, TYPES.hpa, TYPES.pdb],
  (stack) =>
    stack.all<Workload>(TYPES.deployment).flatMap((deployment) =>
      budgetsOf(stack, deployment).flatMap(({ urn, props }) => {
        const what = blocking(props, fewestPods(stack, deployment));
        return what === undefined
          ? []
          : [{ urn, message: `${what}, which lets no pod of ${deployment.name} go; use maxUnavailable: 1.` }];
      }),
    ),
);
