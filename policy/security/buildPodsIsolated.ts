import { LABELS } from "../../contract/labels";
import { BUILD_NAMESPACE } from "../../contract/names";
import { type NetworkPolicy, selectingBoth } from "../kit/networkPolicies";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

export const buildPodsIsolated = stackPolicy(
  {
    name: "build-pods-isolated",
    severity: "critical",
    description: "A NetworkPolicy says who reaches build pods and where they go.",
    remediation: `Keep a policy that selects pods labelled ${LABELS.build} with Ingress, and one with Egress, as components/buildNamespace.ts does: a build runs its user's code as root.`,
    blind:
      "Whether a cluster that the stack doesn't make enforces NetworkPolicies. In which namespace they are: its name is unknown before there is a cluster.",
  },
  [TYPES.namespace, TYPES.networkPolicy, TYPES.applicationNetworkPolicy],
  (stack) => {
    const policies = stack.all<NetworkPolicy>(TYPES.networkPolicy, TYPES.applicationNetworkPolicy);
    return stack
      .all<{ metadata: { name?: string } }>(TYPES.namespace)
      .filter(({ props }) => props.metadata?.name === BUILD_NAMESPACE)
      .flatMap(({ urn }) =>
        selectingBoth(policies, { [LABELS.build]: "true" }).map((direction) => ({
          urn,
          message: `no NetworkPolicy has ${direction} for build pods (${LABELS.build}); make one that selects them.`,
        })),
      );
  },
);
