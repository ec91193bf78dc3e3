import type { Subject } from "./judge";

/** The cluster as its component makes it, which only the engine sees: `aws:eks/cluster:Cluster`. */
export const eksCluster: Subject = {
  type: "aws:eks/cluster:Cluster",
  name: "cluster-made",
  urn: "urn:pulumi:prod::knative-lambda::knative-lambda:aws:Cluster$eks:index:Cluster$aws:eks/cluster:Cluster::cluster-made",
  protect: true,
  madeFrom: [],
  props: {
    version: "1.36",
    accessConfig: { authenticationMode: "API" },
    vpcConfig: { endpointPublicAccess: false },
    enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
    encryptionConfig: {
      provider: { keyArn: "arn:aws:kms:us-west-2:123456789012:key/1" },
      resources: ["secrets"],
    },
    upgradePolicy: { supportType: "STANDARD" },
    tags: { Project: "knative-lambda", Environment: "prod", ManagedBy: "pulumi" },
  },
};

/** The key's ARN is unknown in a preview, so that what is said of it is tried where it is known. */
export const KEY_KNOWN = { encryptionConfigKeyArn: "arn:aws:kms:us-west-2:123456789012:key/1" };

/**
 * What else pulumi-eks makes below the cluster in Auto Mode, with the inputs that it gives:
 * https://github.com/pulumi/pulumi-eks/blob/master/nodejs/eks/cluster/cluster.ts
 */
export const madeByEks: readonly Subject[] = [
  below("pulumi:providers:kubernetes", "cluster-eks-eks-k8s", { kubeconfig: "[secret]" }),
  below("aws:iam/role:Role", "cluster-eks-eksRole-role", {
    description: "Allows EKS to manage clusters on your behalf.",
    assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Action: ["sts:AssumeRole", "sts:TagSession"],
          Effect: "Allow",
          Principal: { Service: ["eks.amazonaws.com"] },
        },
      ],
    }),
    tags: eksCluster.props["tags"],
  }),
  ...["AmazonEKSClusterPolicy", "AmazonEKSComputePolicy", "AmazonEKSWorkerNodeMinimalPolicy"].map((policy) =>
    below("aws:iam/rolePolicyAttachment:RolePolicyAttachment", `cluster-eks-${policy}`, {
      policyArn: `arn:aws:iam::aws:policy/${policy}`,
      role: "cluster-eks-eksRole-role",
    }),
  ),
];

function below(type: string, name: string, props: Record<string, unknown>): Subject {
  const parents = "knative-lambda:aws:Cluster$eks:index:Cluster";
  return {
    type,
    name,
    urn: `urn:pulumi:prod::knative-lambda::${parents}$${type}::${name}`,
    protect: false,
    madeFrom: [],
    props,
  };
}
