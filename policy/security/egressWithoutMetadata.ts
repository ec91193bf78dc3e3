import type { NetworkPolicy } from "../kit/networkPolicies";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

const METADATA = ["169.254.0.0/16", "169.254.169.254/32"];

export const egressWithoutMetadata = resourcePolicy<NetworkPolicy>(
  {
    name: "egress-without-metadata",
    severity: "critical",
    description: "Pods that may go anywhere may not go to the node's metadata service.",
    remediation: `Put ${METADATA.join(" or ")} into the block's except: the service there hands out the node's credentials.`,
  },
  [TYPES.networkPolicy, TYPES.applicationNetworkPolicy],
  ({ props }) =>
    (props.spec?.egress ?? []).flatMap(({ to }, index) => {
      if (to === undefined) return [`egress[${index}] goes anywhere; name where to.`];
      return to
        .filter(
          ({ ipBlock }) =>
            ipBlock?.cidr === "0.0.0.0/0" &&
            !METADATA.some((block) => (ipBlock.except ?? []).includes(block)),
        )
        .map(
          () => `egress[${index}] to 0.0.0.0/0 takes in the metadata service; except ${METADATA[0] ?? ""}.`,
        );
    }),
);
