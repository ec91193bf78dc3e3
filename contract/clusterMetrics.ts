/**
 * Metrics of the cluster's own parts that the dashboard and the rules use, with the labels that are used of them. Not the builder's
 * to make: each source says how it is turned on, and against which version its names were read.
 */

/** Who exposes a metric. */
export const METRIC_SOURCES = {
  cadvisor: {
    checked: "kubelet 1.36, kube-prometheus-stack 88.5",
    turnedOn:
      "the chart's kubelet.serviceMonitor.cAdvisor, on by default, every 10 s; its relabelings keep these metrics",
  },
  "kube-state-metrics": {
    checked: "kube-state-metrics 2.20",
    turnedOn: "the chart's kubeStateMetrics, on by default",
  },
  kueue: {
    checked: "Kueue 0.19.2",
    turnedOn:
      "BuildQueue's ServiceMonitor; the chart's own, by enablePrometheus, has no release label and would be ignored",
  },
} as const satisfies Record<string, { checked: string; turnedOn: string }>;

/** A label whose values are not ours to list. */
const ANY = "any";

export interface ClusterMetric {
  source: keyof typeof METRIC_SOURCES;
  type: "counter" | "gauge";
  labels: Readonly<Record<string, readonly string[] | typeof ANY>>;
}

const ofContainer = { namespace: ANY, pod: ANY, container: ANY } as const;

export const CLUSTER_METRICS = {
  container_cpu_usage_seconds_total: { source: "cadvisor", type: "counter", labels: ofContainer },
  /** What the kubelet evicts by and what comes closest to what the limit ends a container for; includes files in active use. */
  container_memory_working_set_bytes: { source: "cadvisor", type: "gauge", labels: ofContainer },
  kube_pod_container_resource_requests: {
    source: "kube-state-metrics",
    type: "gauge",
    labels: { ...ofContainer, resource: ["cpu", "memory", "ephemeral_storage"] },
  },
  /** Pods of a Job that are pending or running; 0 of a suspended one. */
  kube_job_status_active: {
    source: "kube-state-metrics",
    type: "gauge",
    labels: { namespace: ANY, job_name: ANY },
  },
  /** Workloads that hold quota: what `kanikoJobLimit` bounds. */
  kueue_admitted_active_workloads: { source: "kueue", type: "gauge", labels: { cluster_queue: ANY } },
} as const satisfies Record<string, ClusterMetric>;

export type ClusterMetricName = keyof typeof CLUSTER_METRICS;
