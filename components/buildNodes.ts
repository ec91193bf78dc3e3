import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../contract/labels";
import { BUILD_NODE_KEY, BUILD_NODE_VALUE, VCPU_QUOTA } from "../contract/names";
import { amount, type Duration, type Quantity, wholeDuration } from "../settings/scalars";

const COMPONENT = "build-nodes";
/** Name of the NodeClass and the NodePool. Not `default`, which is Auto Mode's own. */
const POOL = "kaniko-builds";

/** What brings a pod onto a group of nodes. */
export interface Placement {
  nodeLabels: Record<string, string>;
  tolerations: { key: string; operator: "Equal"; value: string; effect: "NoSchedule" }[];
}

/** What brings a build onto the nodes of {@link BuildNodes}, and nothing else there. */
export const BUILD_PLACEMENT: Placement = {
  nodeLabels: { [BUILD_NODE_KEY]: BUILD_NODE_VALUE },
  tolerations: [{ key: BUILD_NODE_KEY, operator: "Equal", value: BUILD_NODE_VALUE, effect: "NoSchedule" }],
};

/**
 * The disk of a build node beyond its size: gp3's 3,000 IOPS that cost nothing extra, and four times the throughput of 125 MiB/s
 * that does (gp3 takes up to a quarter of a MiB/s for each IOPS). Every build unpacks its base image, and a node starts several at once.
 */
export const BUILD_DISK = { iops: 3000, throughputMiB: 500 } as const;

export interface BuildNodesArgs {
  /** Spot costs about a third; a build on a reclaimed node starts again. */
  capacityType: "spot" | "on-demand";
  /** EC2 instance categories: `c`, `m`, `r`. */
  instanceCategories: readonly string[];
  /** Oldest EC2 instance generation. */
  minimumGeneration: number;
  /** Most that the pool may hold: bounds the bill, and the builds that run at once. */
  limits: { cpu: Quantity; memory: Quantity };
  /** EC2's quota of vCPU for the capacity type, told to the policies. */
  vcpuQuota: number;
  /** Disk of each node, shared by its builds. Rounded up to whole Gi. */
  disk: Quantity;
  /** How long an empty node is kept, warm for the next build and paid for. */
  consolidateAfter: Duration;
  architecture: "amd64" | "arm64";
  /** IAM role of the nodes: the cluster's, which has its access entry already. */
  nodeRoleName: pulumi.Input<string>;
  /** The cluster's security group. */
  securityGroupId: pulumi.Input<string>;
  /** Private subnets. */
  subnetIds: readonly pulumi.Input<string>[];
}

/** A pool of EKS Auto Mode for builds alone: tainted, bounded, gone when idle. */
export class BuildNodes extends pulumi.ComponentResource {
  /** What a build needs to run here. */
  readonly placement = BUILD_PLACEMENT;

  constructor(name: string, args: BuildNodesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:kubernetes:BuildNodes", name, {}, opts);

    const nodeClass = new k8s.apiextensions.CustomResource(
      `${name}-class`,
      {
        apiVersion: "eks.amazonaws.com/v1",
        kind: "NodeClass",
        metadata: { name: POOL, labels: labels(COMPONENT) },
        spec: nodeClassSpec(args),
      },
      { parent: this },
    );
    new k8s.apiextensions.CustomResource(
      `${name}-pool`,
      {
        apiVersion: "karpenter.sh/v1",
        kind: "NodePool",
        metadata: {
          name: POOL,
          labels: labels(COMPONENT),
          annotations: { [VCPU_QUOTA]: String(args.vcpuQuota) },
        },
        spec: nodePoolSpec(args),
      },
      { parent: this, dependsOn: [nodeClass] },
    );

    this.registerOutputs({ placement: this.placement });
  }
}

/** https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html */
function nodeClassSpec({ nodeRoleName, securityGroupId, subnetIds, disk }: BuildNodesArgs) {
  return {
    role: nodeRoleName,
    subnetSelectorTerms: subnetIds.map((id) => ({ id })),
    securityGroupSelectorTerms: [{ id: securityGroupId }],
    ephemeralStorage: {
      // The API takes whole Gi (or Ti, G, T) and nothing finer.
      size: `${Math.ceil(amount(disk) / 1024 ** 3)}Gi`,
      iops: BUILD_DISK.iops,
      throughput: BUILD_DISK.throughputMiB,
    },
    // DefaultDeny would cut off every pod that no policy selects, on these nodes only: the DaemonSets of monitoring among them. Builds are
    // selected by a NetworkPolicy of their own. What DefaultAllow leaves is the moment between a pod's start and its policy, in which the
    // build's first container fetches the context from the builder and runs nothing of the user's.
    networkPolicy: "DefaultAllow",
    // No tags: Auto Mode's managed policies let the cluster's role set none, and no node would start. Its own tag
    // eks:eks-cluster-name splits the bill. https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html#tag-prop
  };
}

/** https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html */
function nodePoolSpec(args: BuildNodesArgs) {
  const oneOf = (key: string, values: readonly string[]) => ({ key, operator: "In", values });
  return {
    template: {
      metadata: { labels: BUILD_PLACEMENT.nodeLabels },
      spec: {
        nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: POOL },
        taints: [{ key: BUILD_NODE_KEY, value: BUILD_NODE_VALUE, effect: "NoSchedule" }],
        // No kubernetes.io/os: Auto Mode knows Linux alone, and lists that label as unsupported.
        requirements: [
          oneOf("kubernetes.io/arch", [args.architecture]),
          oneOf("karpenter.sh/capacity-type", [args.capacityType]),
          oneOf("eks.amazonaws.com/instance-category", args.instanceCategories),
          {
            key: "eks.amazonaws.com/instance-generation",
            operator: "Gt",
            values: [String(args.minimumGeneration - 1)],
          },
        ],
        // A node that never falls idle is drained after a week all the same, so that it gets the current image.
        expireAfter: "168h",
      },
    },
    limits: { cpu: args.limits.cpu, memory: args.limits.memory },
    disruption: {
      // Never WhenEmptyOrUnderutilized: moving a build to a smaller node means to start it again.
      consolidationPolicy: "WhenEmpty",
      consolidateAfter: wholeDuration(args.consolidateAfter),
      // The default budget, a tenth of the nodes at a time, would have the nodes of a burst leave one by one.
      budgets: [
        { nodes: "100%", reasons: ["Empty"] },
        { nodes: "10%", reasons: ["Drifted"] },
      ],
    },
  };
}
