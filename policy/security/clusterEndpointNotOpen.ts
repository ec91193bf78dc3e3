import { type Cluster, isTold } from "../kit/cluster";
import { resourcePolicy } from "../kit/resourcePolicy";
import { CLUSTERS, TYPES } from "../kit/types";

const WORLD = ["0.0.0.0/0", "::/0"];

export const clusterEndpointNotOpen = resourcePolicy<Cluster>(
  {
    name: "cluster-endpoint-not-open",
    severity: "critical",
    description: "The Kubernetes API does not answer the whole internet.",
    remediation:
      "Keep cluster.publicAccessCidrs empty, so that the endpoint is inside the VPC only, or name the blocks of your own offices and runners.",
  },
  CLUSTERS,
  ({ type, props }) => {
    if (!isTold(props)) return [];
    const { endpointPublicAccess, publicAccessCidrs } =
      type === TYPES.clusterComponent ? props : (props.vpcConfig ?? {});
    // EKS's own defaults are a public endpoint, and the whole internet.
    if (endpointPublicAccess === false) return [];
    return (publicAccessCidrs ?? WORLD)
      .filter((cidr) => WORLD.includes(cidr))
      .map(
        (cidr) =>
          `publicAccessCidrs has ${cidr}; name the blocks that need it, or make the endpoint private.`,
      )
      .slice(0, 1);
  },
);
