import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels, LABELS } from "../contract/labels";
import { amount, type Duration, type Quantity, wholeDuration } from "../settings/scalars";
import { KUBE_PROMETHEUS_STACK } from "./charts";
import { podSecurity } from "./podSecurity";

const COMPONENT = "monitoring";

export interface MonitoringArgs {
  /** Install kube-prometheus-stack. `false` where the cluster has a Prometheus operator and Grafana's sidecar: nothing is made. */
  install: boolean;
  /** Namespace of Prometheus and Grafana. */
  namespace: string;
  /** Name of the Helm release, which is the value of the `release` label that Prometheus selects monitors and rules by. */
  release: string;
  /** Name of the environment: a label of every sample that Prometheus sends on, so that several can be kept in one place. */
  environment: string;
  /** How long Prometheus keeps samples, if they fit on its disk. */
  retention: Duration;
  /** Disk of Prometheus. gp3: $0.08 per GB and month. */
  storage: Quantity;
  /** StorageClass of that disk. Absent: the cluster's default. */
  storageClassName?: pulumi.Input<string> | undefined;
  /** The control plane and DNS are EKS Auto Mode's own: there is nothing of them to scrape, and their absence is no alert. */
  autoMode: boolean;
}

/** Prometheus, its operator, Alertmanager and Grafana. */
export class Monitoring extends pulumi.ComponentResource {
  readonly namespace: string;
  /** Value of the `release` label on every monitor and rule; without it they are ignored silently. */
  readonly release: string;
  /** What must be there before a monitor or a rule is made. Empty where the cluster brought its own. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:kubernetes:Monitoring", name, {}, opts);
    this.namespace = args.namespace;
    this.release = args.release;
    this.ready = args.install ? [installStack(name, args, { parent: this })] : [];
    this.registerOutputs({ namespace: this.namespace, release: this.release });
  }
}

function installStack(name: string, args: MonitoringArgs, child: pulumi.CustomResourceOptions) {
  const namespace = new k8s.core.v1.Namespace(
    `${name}-namespace`,
    {
      metadata: {
        name: args.namespace,
        // node-exporter shares its node's network and process namespaces and mounts its root file system.
        labels: { ...labels(COMPONENT), ...podSecurity("privileged") },
      },
    },
    child,
  );
  return new k8s.helm.v3.Release(
    `${name}-stack`,
    {
      ...KUBE_PROMETHEUS_STACK,
      name: args.release,
      namespace: namespace.metadata.name,
      // Its hooks, CRDs and volumes take longer than Helm's 5 minutes on a cluster that must start nodes for them first.
      timeout: 900,
      values: {
        prometheus: { prometheusSpec: prometheusSpec(args) },
        grafana,
        alertmanager: {
          alertmanagerSpec: {
            resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "128Mi" } },
          },
        },
        prometheusOperator: {
          resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "256Mi" } },
        },
        "kube-state-metrics": kubeStateMetrics,
        ...(args.autoMode ? withoutControlPlane : {}),
      },
    },
    child,
  );
}

/**
 * The selectors for monitors and rules stay the chart's: what has the release label, in any namespace. Samples, too, are kept on a volume:
 * without one a restart would lose them.
 */
function prometheusSpec({ environment, retention, storage, storageClassName }: MonitoringArgs) {
  return {
    externalLabels: { environment },
    retention: wholeDuration(retention),
    // A full disk stops Prometheus; this has it drop its oldest samples first. Its write-ahead log comes on top, hence the margin:
    // https://prometheus.io/docs/prometheus/latest/storage/#right-sizing-retention-size
    retentionSize: `${Math.floor((amount(storage) * 0.8) / 1024 ** 2)}MiB`,
    storageSpec: {
      volumeClaimTemplate: {
        spec: {
          ...(storageClassName === undefined ? {} : { storageClassName }),
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage } },
        },
      },
    },
    resources: { requests: { cpu: "250m", memory: "1Gi" }, limits: { memory: "3Gi" } },
  };
}

/**
 * No password here: the chart makes one, once, and keeps it in the Secret `<release>-grafana`. No volume either: dashboards and data sources
 * come from ConfigMaps, so that Grafana holds nothing that a restart could lose.
 */
const grafana = {
  persistence: { enabled: false },
  // A dashboard is found wherever its ConfigMap lies.
  sidecar: {
    dashboards: { enabled: true, label: "grafana_dashboard", labelValue: "1", searchNamespace: "ALL" },
  },
  resources: { requests: { cpu: "50m", memory: "256Mi" }, limits: { memory: "512Mi" } },
};

/** Whose a pod or a Job is: labels that Kubernetes' own metrics are joined by, and don't carry unless named here. */
const BUILD_LABELS = [LABELS.build, LABELS.function, LABELS.functionNamespace];
const SERVING_LABELS = ["serving.knative.dev/service", "serving.knative.dev/revision"];

const kubeStateMetrics = {
  metricLabelsAllowlist: [
    `pods=[${[...BUILD_LABELS, ...SERVING_LABELS].join(",")}]`,
    `jobs=[${BUILD_LABELS.join(",")}]`,
  ],
  resources: { requests: { cpu: "20m", memory: "128Mi" }, limits: { memory: "512Mi" } },
};

/** On Auto Mode these run where no pod can see them: left on, their alerts would fire for ever. */
const withoutControlPlane = {
  kubeControllerManager: { enabled: false },
  kubeScheduler: { enabled: false },
  kubeEtcd: { enabled: false },
  kubeProxy: { enabled: false },
  coreDns: { enabled: false },
};
