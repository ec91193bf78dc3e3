import { type Labels, selects } from "./pods";
import type { StackResource } from "./stackPolicy";

interface Peer {
  ipBlock?: { cidr?: string; except?: string[] };
}

export interface NetworkPolicy {
  spec: {
    podSelector?: { matchLabels?: Labels };
    policyTypes?: string[];
    egress?: { to?: Peer[] }[];
  };
}

const DIRECTIONS = ["Ingress", "Egress"] as const;

/** The directions in which no policy speaks for pods with these labels. */
export const selectingBoth = (
  policies: readonly StackResource<Partial<NetworkPolicy>>[],
  labels: Labels,
): string[] => {
  const own = policies.filter(({ props }) => selects(props.spec?.podSelector, labels));
  return DIRECTIONS.filter(
    (direction) => !own.some(({ props }) => (props.spec?.policyTypes ?? []).includes(direction)),
  );
};
