import { PODS_UNSEEN, type Workload } from "../kit/pods";
import { autoscalerOf } from "../kit/scaling";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

export const autoscalerOwnsReplicas = stackPolicy(
  {
    name: "autoscaler-owns-replicas",
    severity: "high",
    description: "A Deployment that a HorizontalPodAutoscaler scales says nothing of replicas.",
    remediation:
      "Leave spec.replicas out. Each `pulumi up` would else set the number back, or fail on the autoscaler's ownership of the field.",
    blind: PODS_UNSEEN,
  },
  [TYPES.deployment, TYPES.hpa],
  (stack) =>
    stack
      .all<Workload>(TYPES.deployment)
      .filter((deployment) => autoscalerOf(stack, deployment) !== undefined)
      .filter(({ props }) => props.spec?.replicas !== undefined)
      .map(({ urn, props }) => ({
        urn,
        message: `spec.replicas is ${props.spec?.replicas ?? ""} under an autoscaler; leave it out.`,
      })),
);
