import { labels } from "../contract/labels";
import { KNATIVE_NAMESPACE } from "../contract/names";
import { GATEWAY } from "./knativeServingSpec";

/** The gateway's listener for hosts outside the cluster, in plain HTTP. */
const EXTERNAL_PORT = 8080;
const AWS = "service.beta.kubernetes.io/aws-load-balancer";

export interface KnativeLoadBalancerArgs {
  scheme: "internal" | "internet-facing";
  /** Certificate in ACM. Absent: plain HTTP. */
  certificateArn?: string | undefined;
  /** EKS Auto Mode makes the load balancer. Otherwise it is up to what the cluster has. */
  autoMode: boolean;
}

/** The Service that lets traffic in to Kourier's gateway. */
export function knativeLoadBalancer(args: KnativeLoadBalancerArgs) {
  const port =
    args.certificateArn === undefined
      ? { name: "http", port: 80, targetPort: EXTERNAL_PORT, protocol: "TCP" }
      : { name: "https", port: 443, targetPort: EXTERNAL_PORT, protocol: "TCP" };
  return {
    metadata: {
      name: "functions",
      namespace: KNATIVE_NAMESPACE,
      labels: labels("knative"),
      annotations: args.autoMode ? autoModeAnnotations(args) : otherAnnotations(args),
    },
    spec: {
      type: "LoadBalancer",
      // The operator installs the gateway into the namespace of Serving itself, not into kourier-system.
      selector: { app: GATEWAY },
      ports: [port],
      ...(args.autoMode
        ? { loadBalancerClass: "eks.amazonaws.com/nlb", allocateLoadBalancerNodePorts: false }
        : {}),
    },
  };
}

/**
 * https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html. No tags of our own among them: Auto Mode's managed policies
 * let the cluster's role set none, and there would be no load balancer.
 */
function autoModeAnnotations({ scheme, certificateArn }: KnativeLoadBalancerArgs) {
  return {
    [`${AWS}-scheme`]: scheme,
    // Straight to the gateway's pods, without a hop through a node's port.
    [`${AWS}-nlb-target-type`]: "ip",
    ...(certificateArn === undefined
      ? {}
      : { [`${AWS}-ssl-cert`]: certificateArn, [`${AWS}-ssl-ports`]: "443" }),
  };
}

/** On a cluster that isn't ours an internal load balancer is asked for in the words of each cloud; elsewhere they mean nothing. */
const otherAnnotations = ({ scheme }: KnativeLoadBalancerArgs): Record<string, string> =>
  scheme === "internal"
    ? {
        [`${AWS}-scheme`]: "internal",
        "networking.gke.io/load-balancer-type": "Internal",
        "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
      }
    : { [`${AWS}-scheme`]: "internet-facing" };
