import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../contract/labels";
import type { Quantity } from "../settings";

const COMPONENT = "serving-nodes";
const POOL = "knative-lambda-serving";

export interface ServingNodesArgs {
  architecture: "amd64" | "arm64";
  /** Most that the pool may hold: bounds the bill of functions that scale out. */
  limits: { cpu: Quantity; memory: Quantity };
}

/**
 * Nodes of EKS Auto Mode for the builder and the functions. Auto Mode's own `general-purpose` pool has amd64 nodes only
 * (https://docs.aws.amazon.com/eks/latest/userguide/set-builtin-node-pools.html) and no limit; this one has the architecture that images are
 * built for, and a limit. It is no node for builds: it carries no taint, and builds ask for the label of their own pool.
 */
export class ServingNodes extends pulumi.ComponentResource {
  constructor(
    name: string,
    { architecture, limits }: ServingNodesArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("knative-lambda:kubernetes:ServingNodes", name, {}, opts);
    new k8s.apiextensions.CustomResource(
      `${name}-pool`,
      {
        apiVersion: "karpenter.sh/v1",
        kind: "NodePool",
        metadata: { name: POOL, labels: labels(COMPONENT) },
        spec: {
          // Before general-purpose, which stays for what is made for amd64 alone.
          weight: 10,
          template: {
            spec: {
              // Auto Mode makes the class with its built-in pools.
              nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: "default" },
              requirements: [
                { key: "kubernetes.io/arch", operator: "In", values: [architecture] },
                { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
                { key: "eks.amazonaws.com/instance-category", operator: "In", values: ["c", "m", "r"] },
                { key: "eks.amazonaws.com/instance-generation", operator: "Gt", values: ["5"] },
              ],
              expireAfter: "336h",
            },
          },
          limits: { cpu: limits.cpu, memory: limits.memory },
          // A function's pod can move: Knative starts another before this one ends.
          disruption: {
            consolidationPolicy: "WhenEmptyOrUnderutilized",
            consolidateAfter: "5m",
            budgets: [{ nodes: "10%" }],
          },
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
