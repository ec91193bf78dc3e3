/**
 * The Helm charts that the platform installs, each at one exact version. A chart's values are written for that version:
 * read its changes before raising it.
 */
export interface Chart {
  chart: string;
  version: string;
  /** Absent for a chart in an OCI registry, whose address is its name. */
  repositoryOpts?: { repo: string };
}

/** https://github.com/kubernetes-sigs/metrics-server/tree/master/charts/metrics-server (metrics-server 0.9.0) */
export const METRICS_SERVER: Chart = {
  chart: "metrics-server",
  version: "3.14.0",
  repositoryOpts: { repo: "https://kubernetes-sigs.github.io/metrics-server/" },
};

/** https://github.com/kubernetes-sigs/kueue/tree/main/charts/kueue. From 0.20 on it serves `v1beta2` alone. */
export const KUEUE: Chart = { chart: "oci://registry.k8s.io/kueue/charts/kueue", version: "0.20.0" };

/**
 * https://knative.github.io/operator/index.yaml. The index writes `v1.23.0` and the chart in it `1.23.0`; Helm takes either,
 * and the chart's own form is the one in which the installed version comes back.
 */
export const KNATIVE_OPERATOR: Chart = {
  chart: "knative-operator",
  version: "1.23.0",
  repositoryOpts: { repo: "https://knative.github.io/operator" },
};

/** https://github.com/prometheus-community/helm-charts/tree/main/charts/kube-prometheus-stack (Prometheus operator 0.93.1) */
export const KUBE_PROMETHEUS_STACK: Chart = {
  chart: "kube-prometheus-stack",
  version: "88.5.3",
  repositoryOpts: { repo: "https://prometheus-community.github.io/helm-charts" },
};
