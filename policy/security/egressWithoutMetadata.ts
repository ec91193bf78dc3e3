import { reached } from "../kit/blocks";
import { isOnlyOn, type NetworkPolicy, rulesOf } from "../kit/networkPolicies";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html */
const METADATA = ["169.254.169.254/32", "fd00:ec2::254/128"];
const EXCEPT = ["169.254.0.0/16", ...METADATA];

export const egressWithoutMetadata = resourcePolicy<NetworkPolicy>(
  {
    name: "egress-without-metadata",
    severity: "critical",
    description: "No pod may go to the node's metadata service.",
    remediation: `Put ${EXCEPT.join(" or ")} into the except of each block that has the service's address: it hands out the node's credentials.`,
    blind: `A rule for port 53 alone: a resolver may be at a link-local address, and the service doesn't answer there. What a domain's name stands for. That a node refuses pods by a hop limit of 1, as EKS Auto Mode's do: this is the second lock.`,
  },
  [TYPES.networkPolicy, TYPES.applicationNetworkPolicy],
  ({ props }) =>
    rulesOf(props)
      .filter((rule) => rule.direction === "Egress" && !isOnlyOn(rule, [53]))
      .flatMap(({ at, peers }) => {
        if (peers.length === 0) return [`${at} goes anywhere; name where to.`];
        return peers
          .flatMap(({ ipBlock }) => ipBlock ?? [])
          .filter((block) => reached(block, METADATA).length > 0)
          .map(
            ({ cidr }) =>
              `${at} to ${cidr ?? ""} takes in the metadata service; except ${reached({ cidr: cidr ?? "" }, METADATA).join(", ")}.`,
          );
      }),
);
