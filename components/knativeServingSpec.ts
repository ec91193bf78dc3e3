import type { Duration } from "../settings/scalars";

/** Deployment of Kourier's gateway, and label `app` of its pods. */
export const GATEWAY = "3scale-kourier-gateway";

/** A release of Knative Serving, by its `major.minor`: the newest patch that the operator of `charts.ts` can install. */
const RELEASES: Readonly<Record<string, string>> = { "1.22": "1.22.1", "1.23": "1.23.0" };

/** The release behind a `major.minor`, or undefined where the operator has none. Given an unknown one the operator does nothing, and says so in a condition only. */
export const servingRelease = (version: string): string | undefined => RELEASES[version];

export interface KnativeServingSpecArgs {
  /** `major.minor.patch`. */
  release: string;
  replicas: number;
  domain?: string | undefined;
  /** TLS ends at the load balancer. */
  tls: boolean;
  /** Nodes are added for pods that find no room. */
  nodesScale: boolean;
  scaleToZeroGracePeriod: Duration;
  scaleToZeroRetention: Duration;
  targetBurstCapacity: number;
}

/**
 * What the operator makes of Knative Serving. Keys and defaults: the ConfigMaps of
 * https://github.com/knative/serving/tree/knative-v1.23.0/config/core/configmaps, and for the rest
 * https://knative.dev/docs/install/operator/configuring-serving-cr/.
 */
export function knativeServingSpec(args: KnativeServingSpecArgs) {
  return {
    version: args.release,
    ingress: {
      // Left unset, the ingress is Istio. The gateway's own Service stays inside the cluster: what lets traffic in is a Service of ours,
      // whose load balancer, scheme and certificate this program knows.
      kourier: { enabled: true, "service-type": "ClusterIP" },
    },
    "high-availability": { replicas: args.replicas },
    // The manifests ask for 80 % of the replicas: of two, that is both, and no node under them can ever be drained.
    podDisruptionBudgets: ["activator-pdb", "webhook-pdb", `${GATEWAY}-pdb`].map((name) => ({
      name,
      maxUnavailable: 1,
    })),
    // Every request goes through these: a zone that fails must not take all of them.
    workloads: ["activator", GATEWAY].map((name) => ({
      name,
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "topology.kubernetes.io/zone",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: { app: name } },
        },
      ],
    })),
    config: {
      network: {
        "ingress-class": "kourier.ingress.networking.knative.dev",
        // Knative sees plain HTTP behind the load balancer, and would name functions' URLs so.
        ...(args.tls ? { "default-external-scheme": "https" } : {}),
      },
      // A route below the cluster's own domain is not exposed by the ingress at all.
      domain: { [args.domain ?? "svc.cluster.local"]: "" },
      autoscaler: {
        "scale-to-zero-grace-period": args.scaleToZeroGracePeriod,
        "scale-to-zero-pod-retention-period": args.scaleToZeroRetention,
        "target-burst-capacity": String(args.targetBurstCapacity),
      },
      deployment: {
        // Without these a queue-proxy requests 25m of CPU and no memory, so that a full node's pressure falls on every function's pod.
        // Knative's own optional default of 400Mi is more than most functions take. No CPU limit: it would throttle the cold start.
        "queue-sidecar-cpu-request": "25m",
        "queue-sidecar-memory-request": "64Mi",
        "queue-sidecar-memory-limit": "256Mi",
        // A pod that waits for a new node is on its way, not a revision that failed.
        ...(args.nodesScale ? { "pod-is-always-schedulable": "true" } : {}),
      },
      features: {
        // A function's image runs on one architecture, and its pods must land there.
        "kubernetes.podspec-nodeselector": "enabled",
        // Where that architecture's nodes are tainted.
        "kubernetes.podspec-tolerations": "enabled",
      },
      // Both are `none` unless set, and then Serving has no metrics.
      observability: { "metrics-protocol": "prometheus", "request-metrics-protocol": "prometheus" },
    },
  };
}
