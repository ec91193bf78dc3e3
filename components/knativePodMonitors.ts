import { labels } from "../contract/labels";
import { KNATIVE_NAMESPACE } from "../contract/names";
import { GATEWAY } from "./knativeServingSpec";

/** Pods of Serving that name a port `metrics`. */
const CONTROL_PLANE = [
  "activator",
  "autoscaler",
  "autoscaler-hpa",
  "controller",
  "webhook",
  "net-kourier-controller",
];

/**
 * What Prometheus scrapes of Knative: no Service covers the pods of functions, and not all of Serving's ports, so pods are named.
 * Ports as in the manifests of Serving 1.23, its queue-proxy and Kourier.
 */
export function knativePodMonitors(release: string) {
  const monitor = (name: string, spec: Record<string, unknown>) => ({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: { name, namespace: KNATIVE_NAMESPACE, labels: { ...labels("knative"), release } },
    spec,
  });
  return {
    serving: monitor("knative-serving", {
      selector: { matchExpressions: [{ key: "app", operator: "In", values: CONTROL_PLANE }] },
      podMetricsEndpoints: [{ port: "metrics" }],
    }),
    gateway: monitor("kourier-gateway", {
      selector: { matchLabels: { app: GATEWAY } },
      podMetricsEndpoints: [{ port: "metrics", path: "/stats/prometheus" }],
    }),
    // The queue-proxy in every function's pod: requests, their latency and concurrency.
    functions: monitor("knative-functions", {
      namespaceSelector: { any: true },
      selector: { matchExpressions: [{ key: "serving.knative.dev/revision", operator: "Exists" }] },
      podTargetLabels: ["serving.knative.dev/service", "serving.knative.dev/revision"],
      podMetricsEndpoints: [{ port: "http-usermetric" }],
    }),
  };
}
