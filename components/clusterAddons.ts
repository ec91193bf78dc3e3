import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../contract/labels";
import { BUILD_PRIORITY_CLASS, BUILDER_PRIORITY_CLASS } from "../contract/names";
import { METRICS_SERVER } from "./charts";

const COMPONENT = "cluster-addons";

export interface ClusterAddonsArgs {
  /** Install metrics-server. Without one in the cluster no HPA ever scales. */
  metricsServer: boolean;
  /** The cluster is EKS Auto Mode, which comes without a default StorageClass and with NetworkPolicy switched off. */
  autoMode: boolean;
}

/** What the platform expects of any cluster: metrics for HPAs, a default StorageClass, NetworkPolicies that are enforced, priorities. */
export class ClusterAddons extends pulumi.ComponentResource {
  /** The default StorageClass that this made; undefined where the cluster has its own. */
  readonly storageClassName: pulumi.Output<string> | undefined;

  constructor(name: string, args: ClusterAddonsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:kubernetes:ClusterAddons", name, {}, opts);
    const child = { parent: this };

    priorityClass(`${name}-builder-priority`, child, {
      metadata: { name: BUILDER_PRIORITY_CLASS, labels: labels(COMPONENT) },
      value: 1_000_000,
      description: "The builder: it goes before functions and builds, as nothing is deployed without it.",
    });
    priorityClass(`${name}-build-priority`, child, {
      metadata: { name: BUILD_PRIORITY_CLASS, labels: labels(COMPONENT) },
      // Below 0, which is what a pod without a class has: where builds and functions share nodes, a request that waits for its
      // function goes before a build, which starts again.
      value: -100,
      preemptionPolicy: "Never",
      description: "Builds: they make room for everything else, and push nothing aside.",
    });

    if (args.metricsServer) metricsServer(`${name}-metrics-server`, child);
    if (args.autoMode) {
      enforceNetworkPolicies(`${name}-network-policy`, child);
      this.storageClassName = defaultStorageClass(`${name}-gp3`, child).metadata.name;
    }

    this.registerOutputs({ storageClassName: this.storageClassName });
  }
}

/** Takes no `globalDefault`: it would change the priority of every pod in the cluster that names no class. */
function priorityClass(
  name: string,
  opts: pulumi.CustomResourceOptions,
  args: Omit<k8s.scheduling.v1.PriorityClassArgs, "globalDefault">,
) {
  return new k8s.scheduling.v1.PriorityClass(name, args, opts);
}

function metricsServer(name: string, opts: pulumi.CustomResourceOptions) {
  return new k8s.helm.v3.Release(
    name,
    {
      ...METRICS_SERVER,
      name: "metrics-server",
      namespace: "kube-system",
      values: {
        // While its only replica moves to another node, no HPA scales: the API answers nothing at all.
        replicas: 2,
        podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels: { "app.kubernetes.io/name": "metrics-server" } },
          },
        ],
      },
    },
    opts,
  );
}

/**
 * Auto Mode's nodes can enforce NetworkPolicies, but the controller that tells them to is off until this ConfigMap says so.
 * Without it a policy is accepted and does nothing.
 * https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
 */
function enforceNetworkPolicies(name: string, opts: pulumi.CustomResourceOptions) {
  return new k8s.core.v1.ConfigMap(
    name,
    {
      metadata: { name: "amazon-vpc-cni", namespace: "kube-system", labels: labels(COMPONENT) },
      data: { "enable-network-policy-controller": "true" },
    },
    opts,
  );
}

/** https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html */
function defaultStorageClass(name: string, opts: pulumi.CustomResourceOptions) {
  return new k8s.storage.v1.StorageClass(
    name,
    {
      metadata: {
        name: "gp3",
        labels: labels(COMPONENT),
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: "ebs.csi.eks.amazonaws.com",
      parameters: { type: "gp3", encrypted: "true" },
      // A volume lies in one zone: it is made where its pod has been placed, not the other way round.
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
    },
    opts,
  );
}
