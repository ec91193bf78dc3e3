/**
 * Metrics of the cluster's own parts that the dashboard and the rules use, with the labels that are used of them. Not the builder's
 * to make: each source says how it is turned on, and against which version its names were read.
 */

/**
 * Who exposes a metric. `checked` has the versions that its names and labels were read in, in the sources that test/observability/exposed names;
 * a test holds them to what is installed, so that who raises a chart is sent here to read again.
 */
export const METRIC_SOURCES = {
  prometheus: {
    checked: { "kube-prometheus-stack": "88.5.3" },
    turnedOn: "Prometheus itself, for each target that it scrapes",
  },
  cadvisor: {
    checked: { Kubernetes: "1.36", "kube-prometheus-stack": "88.5.3" },
    turnedOn:
      "the chart's kubelet.serviceMonitor.cAdvisor, on by default, every 10 s; its relabelings keep these metrics",
  },
  "kube-state-metrics": {
    checked: { "kube-state-metrics": "2.20", "kube-prometheus-stack": "88.5.3" },
    turnedOn: "the chart's kubeStateMetrics, on by default",
  },
  kueue: {
    checked: { Kueue: "0.20.0" },
    turnedOn:
      "BuildQueue's ServiceMonitor; the chart's own, by enablePrometheus, has no release label and would be ignored. Quotas and their use: metrics.enableClusterQueueResources of Kueue's configuration",
  },
  kourier: {
    checked: { "Knative Serving": "1.23", "net-kourier": "1.23", Envoy: "1.37" },
    turnedOn: "Knative's PodMonitor kourier-gateway, by Envoy's /stats/prometheus",
  },
  "queue-proxy": {
    checked: { "Knative Serving": "1.23" },
    turnedOn:
      "config-observability's request-metrics-protocol, `none` unless set to `prometheus`, and Knative's PodMonitor knative-functions, which adds the function's name",
  },
  autoscaler: {
    checked: { "Knative Serving": "1.23" },
    turnedOn:
      "config-observability's metrics-protocol, `none` unless set to `prometheus`, and Knative's PodMonitor knative-serving",
  },
} as const satisfies Record<string, { checked: Record<string, string>; turnedOn: string }>;

/** A label whose values are not ours to list. */
const ANY = "any";

export interface ClusterMetric {
  source: keyof typeof METRIC_SOURCES;
  type: "counter" | "gauge" | "histogram";
  labels: Readonly<Record<string, readonly string[] | typeof ANY>>;
}

const ofContainer = { namespace: ANY, pod: ANY, container: ANY } as const;
const ofDeployment = { namespace: ANY, deployment: ANY } as const;
const ofAutoscaler = { namespace: ANY, horizontalpodautoscaler: ANY } as const;
const ofQueue = { cluster_queue: ANY } as const;
const ofQuota = { ...ofQueue, resource: ["pods", "cpu", "memory", "ephemeral-storage"] } as const;

export const CLUSTER_METRICS = {
  /** 1 where the last scrape of a target came through, 0 where it did not. */
  up: { source: "prometheus", type: "gauge", labels: { job: ANY, namespace: ANY, pod: ANY } },
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
  kube_deployment_spec_replicas: { source: "kube-state-metrics", type: "gauge", labels: ofDeployment },
  kube_deployment_status_replicas_available: {
    source: "kube-state-metrics",
    type: "gauge",
    labels: ofDeployment,
  },
  kube_horizontalpodautoscaler_status_current_replicas: {
    source: "kube-state-metrics",
    type: "gauge",
    labels: ofAutoscaler,
  },
  kube_horizontalpodautoscaler_status_desired_replicas: {
    source: "kube-state-metrics",
    type: "gauge",
    labels: ofAutoscaler,
  },
  kube_horizontalpodautoscaler_spec_max_replicas: {
    source: "kube-state-metrics",
    type: "gauge",
    labels: ofAutoscaler,
  },
  /** Workloads that hold quota: what `kanikoJobLimit` bounds. */
  kueue_admitted_active_workloads: { source: "kueue", type: "gauge", labels: ofQueue },
  kueue_pending_workloads: {
    source: "kueue",
    type: "gauge",
    labels: { ...ofQueue, status: ["active", "inadmissible"] },
  },
  kueue_admitted_workloads_total: { source: "kueue", type: "counter", labels: ofQueue },
  kueue_cluster_queue_resource_usage: { source: "kueue", type: "gauge", labels: ofQuota },
  kueue_cluster_queue_nominal_quota: { source: "kueue", type: "gauge", labels: ofQuota },
  /** Requests that the gateway has passed to a revision, `<namespace>/<revision>`, by what was answered: by Envoy itself where nothing else did. */
  envoy_cluster_upstream_rq: {
    source: "kourier",
    type: "counter",
    labels: { envoy_cluster_name: ANY, envoy_response_code: ANY },
  },
  /** Requests that reached a function's pod, by what it answered. */
  kn_serving_invocation_duration_seconds: {
    source: "queue-proxy",
    type: "histogram",
    labels: { namespace: ANY, serving_knative_dev_service: ANY, http_response_status_code: ANY },
  },
  /** Pods of a revision that are ready. */
  kn_revision_pods_count: {
    source: "autoscaler",
    type: "gauge",
    labels: { k8s_namespace_name: ANY, kn_service_name: ANY, kn_revision_name: ANY },
  },
} as const satisfies Record<string, ClusterMetric>;

export type ClusterMetricName = keyof typeof CLUSTER_METRICS;
