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
