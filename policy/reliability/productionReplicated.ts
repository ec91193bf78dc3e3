import { PODS_UNSEEN, type Workload } from "../kit/pods";
import { stackOf } from "../kit/resourcePolicy";
import { fewestPods } from "../kit/scaling";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

interface KnativeServing {
  spec: { "high-availability"?: { replicas?: number } };
}

export const productionReplicated = stackPolicy<{ stacks: string[]; least: number }>(
  {
    name: "production-replicated",
    severity: "high",
    description: "In production, the builder and Knative outlive the loss of a pod.",
    remediation:
      "Raise builderService.autoscaling.minReplicas (or replicas) and knative.replicas to 2 or more.",
    blind: PODS_UNSEEN,
    config: {
      stacks: { description: "Names of the stacks that are production.", default: ["prod"] },
      least: { description: "Fewest replicas there.", default: 2 },
    },
  },
  [TYPES.deployment, TYPES.hpa, TYPES.knativeServing],
  (stack, { stacks, least }) =>
    [
      ...stack.all<Workload>(TYPES.deployment).map((deployment) => ({
        urn: deployment.urn,
        pods: () => fewestPods(stack, deployment),
      })),
      ...stack.all<KnativeServing>(TYPES.knativeServing).map(({ urn, props }) => ({
        urn,
        pods: () => props.spec?.["high-availability"]?.replicas ?? 1,
      })),
    ]
      .filter(({ urn }) => stacks.includes(stackOf(urn)))
      .filter(({ pods }) => pods() < least)
      .map(({ urn, pods }) => ({
        urn,
        message: `as few as ${pods()} replica in ${stackOf(urn)}; have at least ${least}.`,
      })),
);
