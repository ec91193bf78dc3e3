import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../contract/labels";
import { BUILD_NAMESPACE, CLUSTER_QUEUE, KUEUE_NAMESPACE, RESOURCE_FLAVOR } from "../contract/names";
import type { BuildQuota } from "../estimate/buildQuota";
import type { Duration } from "../settings/scalars";
import type { Placement } from "./buildNodes";
import { KUEUE } from "./charts";
import { kueueConfiguration } from "./kueueConfiguration";
import { podSecurity } from "./podSecurity";

const COMPONENT = "build-queue";
const RELEASE = "kueue";
const API_VERSION = "kueue.x-k8s.io/v1beta2";

export interface BuildQueueArgs {
  /** Install Kueue. `false` where the cluster has it: its own configuration then decides on fair sharing and on what it manages. */
  install: boolean;
  /** How fast a namespace's past builds stop counting against it. Acts through Kueue's configuration, so only with `install`. */
  usageHalfLife: Duration;
  /** What the builds may use together; `pods` is `kanikoJobLimit`. */
  quota: BuildQuota;
  /** What brings a build onto nodes of its own. Absent: builds run wherever there is room. */
  placement?: Placement | undefined;
  /**
   * Where Kueue's metrics go: the release label, and what must be there before a monitor is made.
   * Absent: nothing scrapes them.
   */
  monitoring?: { release: string; ready?: readonly pulumi.Resource[] | undefined } | undefined;
}

/** Kueue and the one queue that admits builds, up to a limit and fairly between the functions' namespaces. */
export class BuildQueue extends pulumi.ComponentResource {
  /** Name of the ClusterQueue, to which the builder adds a LocalQueue for each namespace. */
  readonly clusterQueue = CLUSTER_QUEUE;
  /** What must be there before a build is queued. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: BuildQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:kubernetes:BuildQueue", name, {}, opts);
    const child = { parent: this };

    const kueue = args.install ? installKueue(name, args, child) : [];
    const flavor = new k8s.apiextensions.CustomResource(
      `${name}-flavor`,
      {
        apiVersion: API_VERSION,
        kind: "ResourceFlavor",
        metadata: { name: RESOURCE_FLAVOR, labels: labels(COMPONENT) },
        // Kueue adds both to a Job's pods as it admits the Job.
        spec: args.placement ? { ...args.placement } : {},
      },
      { ...child, dependsOn: kueue },
    );
    const queue = new k8s.apiextensions.CustomResource(
      `${name}-queue`,
      {
        apiVersion: API_VERSION,
        kind: "ClusterQueue",
        metadata: { name: CLUSTER_QUEUE, labels: labels(COMPONENT) },
        spec: clusterQueueSpec(args.quota),
      },
      { ...child, dependsOn: [...kueue, flavor] },
    );
    this.ready = [...kueue, queue];

    this.registerOutputs({ clusterQueue: this.clusterQueue });
  }
}

/** The release, after which Kueue's kinds exist and its webhooks answer. */
function installKueue(
  name: string,
  { usageHalfLife, monitoring }: BuildQueueArgs,
  child: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const namespace = new k8s.core.v1.Namespace(
    `${name}-namespace`,
    { metadata: { name: KUEUE_NAMESPACE, labels: { ...labels(COMPONENT), ...podSecurity("restricted") } } },
    child,
  );
  const release = new k8s.helm.v3.Release(
    `${name}-kueue`,
    {
      ...KUEUE,
      name: RELEASE,
      namespace: namespace.metadata.name,
      values: {
        controllerManager: {
          // No Job is accepted in the build namespace while no webhook of Kueue's answers: a second replica does.
          replicas: 2,
          podDisruptionBudget: { enabled: true, minAvailable: 1 },
        },
        managerConfig: { controllerManagerConfigYaml: kueueConfiguration({ usageHalfLife }) },
      },
    },
    child,
  );
  if (monitoring) {
    new k8s.apiextensions.CustomResource(`${name}-monitor`, serviceMonitor(monitoring.release), {
      ...child,
      dependsOn: [release, ...(monitoring.ready ?? [])],
    });
  }
  return [release];
}

/**
 * In place of the chart's own (`enablePrometheus`), which can't carry the release label and would be ignored for want of it.
 * Kueue's metrics ask for a token that may read /metrics, which Prometheus' own role allows, and are served with a certificate
 * that Kueue signs itself.
 */
function serviceMonitor(release: string) {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: { name: RELEASE, namespace: KUEUE_NAMESPACE, labels: { ...labels(COMPONENT), release } },
    spec: {
      selector: {
        matchLabels: {
          "app.kubernetes.io/name": "kueue",
          "app.kubernetes.io/instance": RELEASE,
          "app.kubernetes.io/component": "metrics-service",
        },
      },
      endpoints: [
        {
          port: "https",
          scheme: "https",
          path: "/metrics",
          bearerTokenFile: "/var/run/secrets/kubernetes.io/serviceaccount/token",
          tlsConfig: { insecureSkipVerify: true },
        },
      ],
    },
  };
}

function clusterQueueSpec(quota: BuildQuota) {
  // Every resource that a build's pod requests has its quota: a pod that requests one without is never admitted.
  const quotas = [
    { name: "pods", nominalQuota: String(quota.pods) },
    { name: "cpu", nominalQuota: quota.cpu },
    { name: "memory", nominalQuota: quota.memory },
    { name: "ephemeral-storage", nominalQuota: quota.ephemeralStorage },
  ];
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": BUILD_NAMESPACE } },
    // Of the namespaces that wait, the one that used least of late comes first, not the one that asked first.
    admissionScope: { admissionMode: "UsageBasedAdmissionFairSharing" },
    // A build that is too large for what is free just now holds up none behind it.
    queueingStrategy: "BestEffortFIFO",
    // A build that is stopped half-way is work thrown away.
    preemption: { withinClusterQueue: "Never", reclaimWithinCohort: "Never" },
    resourceGroups: [
      {
        coveredResources: quotas.map((quotaOf) => quotaOf.name),
        flavors: [{ name: RESOURCE_FLAVOR, resources: quotas }],
      },
    ],
  };
}
