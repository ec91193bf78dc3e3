import { PODS_UNSEEN, podTemplate, type Workload } from "../kit/pods";
import { fewestPods } from "../kit/scaling";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

const ZONE = "topology.kubernetes.io/zone";

export const topologySpread = stackPolicy(
  {
    name: "topology-spread",
    severity: "high",
    description: "The pods of a Deployment of two or more are spread over zones.",
    remediation: `Add a topologySpreadConstraint with the topologyKey ${ZONE}, or one zone's loss may take all of them.`,
    blind: PODS_UNSEEN,
  },
  [TYPES.deployment, TYPES.hpa],
  (stack) =>
    stack
      .all<Workload>(TYPES.deployment)
      .filter((deployment) => fewestPods(stack, deployment) > 1)
      .filter(
        ({ type, props }) =>
          !(podTemplate(type, props).spec?.topologySpreadConstraints ?? []).some(
            ({ topologyKey }) => topologyKey === ZONE,
          ),
      )
      .map(({ urn, name }) => ({
        urn,
        message: `${name} has no topologySpreadConstraint over ${ZONE}; add one.`,
      })),
);
