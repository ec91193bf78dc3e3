import { type Cluster, isTold } from "../kit/cluster";
import { resourcePolicy } from "../kit/resourcePolicy";
import { CLUSTERS } from "../kit/types";

export const clusterStandardSupport = resourcePolicy<Cluster>(
  {
    name: "cluster-standard-support",
    severity: "medium",
    description: "A cluster never slips into extended support.",
    remediation:
      "Set upgradePolicy.supportType to STANDARD: extended support costs $0.50 more an hour, six times the price.",
  },
  CLUSTERS,
  ({ props }) =>
    isTold(props) && props.upgradePolicy?.supportType !== "STANDARD"
      ? [`upgradePolicy.supportType is ${props.upgradePolicy?.supportType ?? "not set"}; make it STANDARD.`]
      : [],
);
