import { PODS_UNSEEN, podTemplate, type Workload } from "../kit/pods";
import { autoscalerOf } from "../kit/scaling";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

export const autoscalerHasRequests = stackPolicy(
  {
    name: "autoscaler-has-requests",
    severity: "high",
    description: "What an autoscaler scales by is requested by the containers.",
    remediation:
      "Give each container resources.requests for it: use is counted in per cent of the request, and without one the pods never scale.",
    blind: PODS_UNSEEN,
  },
  [TYPES.deployment, TYPES.hpa],
  (stack) =>
    stack.all<Workload>(TYPES.deployment).flatMap((deployment) => {
      const metrics = autoscalerOf(stack, deployment)?.props.spec?.metrics ?? [];
      const containers = podTemplate(deployment.type, deployment.props).spec?.containers ?? [];
      return metrics
        .flatMap(({ type, resource }) => (type === "Resource" ? [resource?.name ?? ""] : []))
        .flatMap((name) =>
          containers
            .filter(({ resources }) => resources?.requests?.[name] === undefined)
            .map((container) => ({
              urn: deployment.urn,
              message: `container ${container.name} has no request of ${name}, by which it is scaled; give it one.`,
            })),
        );
    }),
);
