import { isWithin, resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

export const providerClusterIdentifier = resourcePolicy<{ clusterIdentifier: string }>(
  {
    name: "provider-cluster-identifier",
    severity: "critical",
    description: "A Kubernetes provider says which cluster it stands for.",
    remediation:
      "Give the provider a clusterIdentifier. Without one a changed or unknown kubeconfig replaces it, and with it every object on the cluster.",
    blind:
      "The provider that `eks.Cluster` makes for itself: it takes no identifier, and nothing of the platform is on it.",
  },
  [TYPES.kubernetesProvider],
  ({ urn, props }) =>
    !isWithin(urn, TYPES.clusterComponent) && (props.clusterIdentifier ?? "") === ""
      ? ["clusterIdentifier is not set; name the cluster."]
      : [],
);
