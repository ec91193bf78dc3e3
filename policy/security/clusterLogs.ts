import { type Cluster, isTold } from "../kit/cluster";
import { resourcePolicy } from "../kit/resourcePolicy";
import { CLUSTERS } from "../kit/types";

export const clusterLogs = resourcePolicy<Cluster, { types: string[] }>(
  {
    name: "cluster-logs",
    severity: "high",
    description: "The control plane's logs are kept.",
    remediation:
      "Name the missing types in enabledClusterLogTypes. What was not logged can't be had afterwards.",
    config: {
      types: {
        description: "Types of logs that must be on.",
        default: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      },
    },
  },
  CLUSTERS,
  ({ props }, { types }) =>
    isTold(props)
      ? types
          .filter((type) => !(props.enabledClusterLogTypes ?? []).includes(type))
          .map((type) => `enabledClusterLogTypes lacks ${type}; add it.`)
      : [],
);
