import { type Cluster, isTold } from "../kit/cluster";
import { resourcePolicy } from "../kit/resourcePolicy";
import { CLUSTERS, TYPES } from "../kit/types";

export const clusterApiAuthentication = resourcePolicy<Cluster>(
  {
    name: "cluster-api-authentication",
    severity: "high",
    description: "Who may use the cluster is said in access entries alone.",
    remediation:
      "Set authenticationMode to API. The ConfigMap aws-auth can be written by whoever may write in kube-system, and is in no plan.",
  },
  CLUSTERS,
  ({ type, props }) => {
    if (!isTold(props)) return [];
    const mode =
      type === TYPES.clusterComponent ? props.authenticationMode : props.accessConfig?.authenticationMode;
    return mode?.toUpperCase() === "API"
      ? []
      : [`authenticationMode is ${mode ?? "not set"}; set it to API.`];
  },
);
