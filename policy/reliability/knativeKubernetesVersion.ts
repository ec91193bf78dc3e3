import { compareVersions, KNATIVE_NEEDS } from "../../settings/kubernetesVersion";
import { type Cluster, isTold } from "../kit/cluster";
import { stackPolicy } from "../kit/stackPolicy";
import { CLUSTERS, TYPES } from "../kit/types";

export const knativeKubernetesVersion = stackPolicy(
  {
    name: "knative-kubernetes-version",
    severity: "high",
    description: "The cluster's Kubernetes is new enough for its Knative.",
    remediation: "Upgrade the cluster first (cluster.version), then Knative (knative.version).",
    blind: "The version of a cluster that the stack doesn't make (target cluster).",
  },
  [...CLUSTERS, TYPES.knativeServing],
  (stack) => {
    const clusters = stack.all<Cluster>(...CLUSTERS).filter(({ props }) => isTold(props));
    return stack.all<{ spec: { version?: string } }>(TYPES.knativeServing).flatMap(({ urn, props }) => {
      const release = (props.spec?.version ?? "").split(".").slice(0, 2).join(".");
      const needed = KNATIVE_NEEDS[release];
      if (needed === undefined)
        return [
          {
            urn,
            message: `spec.version ${props.spec?.version ?? "is not set and"} is of no release that settings/kubernetesVersion.ts knows; name one of ${Object.keys(KNATIVE_NEEDS).join(", ")}.`,
          },
        ];
      return clusters
        .filter((cluster) => compareVersions(cluster.props.version ?? needed, needed) < 0)
        .map((cluster) => ({
          urn,
          message: `Knative ${release} needs Kubernetes ${needed}, and the cluster has ${cluster.props.version ?? ""}; upgrade the cluster first.`,
        }));
    });
  },
);
