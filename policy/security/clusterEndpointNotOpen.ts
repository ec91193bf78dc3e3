import { tooWide, WIDEST, type Widest } from "../kit/blocks";
import { type Cluster, isTold } from "../kit/cluster";
import { resourcePolicy } from "../kit/resourcePolicy";
import { CLUSTERS, TYPES } from "../kit/types";

export const clusterEndpointNotOpen = resourcePolicy<Cluster, Widest>(
  {
    name: "cluster-endpoint-not-open",
    severity: "critical",
    description: "The Kubernetes API does not answer the whole internet, nor a large part of it.",
    remediation:
      "Keep cluster.publicAccessCidrs empty, so that the endpoint is inside the VPC only, or name the blocks of your own offices and runners.",
    blind: "Whose the blocks are.",
    config: WIDEST,
  },
  CLUSTERS,
  ({ type, props }, widest) => {
    if (!isTold(props)) return [];
    const { endpointPublicAccess, publicAccessCidrs } =
      type === TYPES.clusterComponent ? props : (props.vpcConfig ?? {});
    // EKS's own defaults are a public endpoint, and the whole internet.
    if (endpointPublicAccess === false) return [];
    const wide = tooWide(publicAccessCidrs ?? ["0.0.0.0/0", "::/0"], widest);
    return wide.length === 0
      ? []
      : [
          `publicAccessCidrs has ${wide.join(", ")}; name the blocks that need it, or make the endpoint private.`,
        ];
  },
);
