import { stringify } from "yaml";
import { BUILD_NAMESPACE } from "../contract/names";
import { type Duration, seconds, wholeDuration } from "../settings/scalars";

export interface KueueConfigurationArgs {
  /** How fast a namespace's past builds stop counting against it. */
  usageHalfLife: Duration;
}

/**
 * Kueue's own configuration, for builds alone. It replaces the chart's whole, so what the chart's default says of ports and leader
 * election is said again. There is no `waitForPodsReady`: a build's pod is ready only once it ends, and would be evicted before.
 * https://kueue.sigs.k8s.io/docs/reference/kueue-config.v1beta2/
 */
export function kueueConfiguration({ usageHalfLife }: KueueConfigurationArgs): string {
  return stringify({
    apiVersion: "config.kueue.x-k8s.io/v1beta2",
    kind: "Configuration",
    health: { healthProbeBindAddress: ":8081" },
    // Quotas and their use as metrics: what is left of the limit can then be seen.
    metrics: { bindAddress: ":8443", enableClusterQueueResources: true },
    webhook: { port: 9443 },
    leaderElection: { leaderElect: true, resourceName: "c1f6bfd2.kueue.x-k8s.io" },
    clientConnection: { qps: 300, burst: 500 },
    integrations: { frameworks: ["batch/job"] },
    // Jobs elsewhere are none of Kueue's business. The chart gives its webhooks the same selector, so that an outage of Kueue
    // stops no Job outside the build namespace.
    managedJobsNamespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": BUILD_NAMESPACE } },
    manageJobsWithoutQueueName: false,
    admissionFairSharing: {
      usageHalfLifeTime: wholeDuration(usageHalfLife),
      usageSamplingInterval: samplingInterval(usageHalfLife),
      // Kueue adds the resources up as plain numbers, so that a core would count as much as a byte. CPU alone says whose turn it is.
      resourceWeights: { cpu: 1, memory: 0, "ephemeral-storage": 0, pods: 0 },
    },
  });
}

/** Often enough to see a burst while it lasts: a quarter of the half-life, between 1 s and 30 s. */
const samplingInterval = (halfLife: Duration): Duration =>
  `${Math.min(30, Math.max(1, Math.floor(seconds(halfLife) / 4)))}s`;
