import { type NetworkPolicy, selectingBoth } from "../kit/networkPolicies";
import { PODS_UNSEEN, podTemplate, type Workload } from "../kit/pods";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

export const deploymentIsolated = stackPolicy(
  {
    name: "deployment-isolated",
    severity: "high",
    description: "A NetworkPolicy says who reaches a Deployment's pods and where they go.",
    remediation:
      "Make a NetworkPolicy whose podSelector matches the pods' labels, with the policyTypes Ingress and Egress.",
    blind: `Whether a cluster that the stack doesn't make enforces NetworkPolicies. In which namespace they are: its name is unknown before there is a cluster. ${PODS_UNSEEN}`,
  },
  [TYPES.deployment, TYPES.networkPolicy, TYPES.applicationNetworkPolicy],
  (stack) => {
    const policies = stack.all<NetworkPolicy>(TYPES.networkPolicy, TYPES.applicationNetworkPolicy);
    return stack.all<Workload>(TYPES.deployment).flatMap(({ type, name, urn, props }) => {
      const missing = selectingBoth(policies, podTemplate(type, props).metadata?.labels ?? {});
      return missing.map((direction) => ({
        urn,
        message: `no NetworkPolicy has ${direction} for the pods of ${name}; make one that selects them.`,
      }));
    });
  },
);
