import type { Cluster } from "../kit/cluster";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

interface ConfigMap {
  metadata: { name?: string };
  data: Record<string, string>;
}

export const networkPolicyEnforced = stackPolicy(
  {
    name: "network-policy-enforced",
    severity: "critical",
    description: "EKS Auto Mode enforces NetworkPolicies.",
    remediation:
      'Keep the ConfigMap amazon-vpc-cni in kube-system with enable-network-policy-controller: "true" (components/clusterAddons.ts): without it a NetworkPolicy is accepted and does nothing.',
    blind: "A cluster that the stack doesn't make.",
  },
  [TYPES.clusterComponent, TYPES.configMap],
  (stack) =>
    stack
      .all<Cluster>(TYPES.clusterComponent)
      .filter(({ props }) => props.autoMode?.enabled === true)
      .filter(
        () =>
          !stack
            .all<ConfigMap>(TYPES.configMap)
            .some(
              ({ props: { metadata, data } }) =>
                metadata?.name === "amazon-vpc-cni" && data?.["enable-network-policy-controller"] === "true",
            ),
      )
      .map(({ urn }) => ({
        urn,
        message:
          'no ConfigMap amazon-vpc-cni has enable-network-policy-controller: "true"; NetworkPolicies do nothing without it.',
      })),
);
