import { tooWide, WIDEST, type Widest } from "../kit/blocks";
import {
  isEveryPod,
  isOnAnyPort,
  type NetworkPolicy,
  type Rule,
  selectingBoth,
  wrongRulesFor,
} from "../kit/networkPolicies";
import { PODS_UNSEEN, podTemplate, type Workload } from "../kit/pods";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

/**
 * What a rule leaves so open that it says nothing. Everybody is a peer like any other where ports are named; to name no peer at all, which
 * means everybody too, is more likely a slip.
 */
function wrongWith(rule: Rule, widest: Widest): string | undefined {
  const { at, direction, peers } = rule;
  const comes = direction === "Ingress";
  if (peers.length === 0)
    return comes ? `${at} lets in anybody; say who` : `${at} goes anywhere; say where to`;
  if (!isOnAnyPort(rule)) return undefined;
  if (comes && peers.some(isEveryPod)) return `${at} lets in every pod at any port; name pods or ports`;
  const wide = tooWide(
    peers.flatMap(({ ipBlock }) => ipBlock?.cidr ?? []),
    widest,
  );
  return wide.length === 0
    ? undefined
    : `${at} ${comes ? "lets in" : "goes to"} ${wide.join(", ")} at any port; name ports, or fewer addresses`;
}

export const deploymentIsolated = stackPolicy<Widest>(
  {
    name: "deployment-isolated",
    severity: "high",
    description: "A NetworkPolicy says who reaches a Deployment's pods and where they go.",
    remediation:
      "Make a NetworkPolicy whose podSelector matches the pods' labels, with the policyTypes Ingress and Egress, and rules that name their peers; where those are everybody, name the ports.",
    blind: `Whether a cluster that the stack doesn't make enforces NetworkPolicies. In which namespace they are: its name is unknown before there is a cluster. Whether what a rule names is needed: that is the component's to know. ${PODS_UNSEEN}`,
    config: WIDEST,
  },
  [TYPES.deployment, TYPES.networkPolicy, TYPES.applicationNetworkPolicy],
  (stack, widest) => {
    const policies = stack.all<NetworkPolicy>(TYPES.networkPolicy, TYPES.applicationNetworkPolicy);
    return stack.all<Workload>(TYPES.deployment).flatMap(({ type, name, urn, props }) => {
      const labels = podTemplate(type, props).metadata?.labels ?? {};
      return [
        ...selectingBoth(policies, labels).map((direction) => ({
          urn,
          message: `no NetworkPolicy has ${direction} for the pods of ${name}; make one that selects them.`,
        })),
        ...wrongRulesFor(
          policies,
          labels,
          (rule) => wrongWith(rule, widest),
          `it is for the pods of ${name} too`,
        ),
      ];
    });
  },
);
