import { compareVersions, OLDEST_STANDARD_SUPPORT } from "../../settings/kubernetesVersion";
import { type Cluster, isTold } from "../kit/cluster";
import { resourcePolicy } from "../kit/resourcePolicy";
import { CLUSTERS } from "../kit/types";

export const clusterVersionSupported = resourcePolicy<Cluster, { oldest: string }>(
  {
    name: "cluster-version-supported",
    severity: "high",
    description: "The cluster's Kubernetes version is named, and in EKS's standard support.",
    remediation: "Raise cluster.version, one minor version at a time (docs/operations.md).",
    config: {
      oldest: {
        description: "Oldest version in standard support; EKS's release calendar says which.",
        default: OLDEST_STANDARD_SUPPORT,
      },
    },
  },
  CLUSTERS,
  ({ props }, { oldest }) => {
    if (!isTold(props)) return [];
    const { version } = props;
    if (version === undefined) return ["version is not set, so that EKS chooses one; name it."];
    return compareVersions(version, oldest) < 0
      ? [`version ${version} is out of standard support; raise it to ${oldest} or newer.`]
      : [];
  },
);
