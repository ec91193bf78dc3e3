import * as aws from "@pulumi/aws";
import * as eks from "@pulumi/eks";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../contract/labels";

export interface AccessEntry {
  /** IAM role or user. Not the one that made the cluster: EKS makes that one's entry itself, as `@pulumi/eks` leaves it no choice. */
  principalArn: string;
  /** `admin-view` reads everything, Secrets too; `view` no Secret, no custom resource and no definition of one. */
  policy: keyof typeof ACCESS_POLICIES;
  /** Namespaces to which the policy is limited. @default the whole cluster */
  namespaces?: string[] | undefined;
}

export interface ClusterArgs {
  clusterName: string;
  /** Kubernetes version, as `1.36`. */
  version: string;
  /** Blocks from which the API endpoint answers on the internet. Empty: it answers inside the VPC only, `pulumi up` included. */
  publicAccessCidrs: string[];
  /** Who may use the Kubernetes API beside the creator. */
  accessEntries: AccessEntry[];
  /** Days that control-plane logs are kept. $0.50 per GB taken in, $0.03 per GB and month kept. */
  logRetentionDays: number;
  vpcId: pulumi.Input<string>;
  /**
   * Where the control plane's interfaces and Auto Mode's own nodes go. Public subnets are none of the cluster's: a load balancer finds
   * them by their tags.
   */
  privateSubnetIds: pulumi.Input<string>[];
  /** Refuse to delete cluster and key, here and (the cluster) in EKS itself. */
  protect: boolean;
  tags: Tags;
}

/** All that there are. What the audit log says can't be had afterwards. */
const CONTROL_PLANE_LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/** EKS's access policies: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html */
const ACCESS_POLICIES = {
  "cluster-admin": "AmazonEKSClusterAdminPolicy",
  admin: "AmazonEKSAdminPolicy",
  edit: "AmazonEKSEditPolicy",
  "admin-view": "AmazonEKSAdminViewPolicy",
  view: "AmazonEKSViewPolicy",
} as const;

/**
 * An EKS cluster in Auto Mode, which brings nodes, load balancers, block storage, DNS and the Pod Identity agent. Its Kubernetes
 * provider is made by whoever composes a stack.
 */
export class Cluster extends pulumi.ComponentResource {
  /** Known in a preview; whatever is made from it waits for the cluster. */
  readonly clusterName: pulumi.Output<string>;
  /** Kubeconfig as JSON, secret. Gets its token from the aws CLI. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Name of the role of Auto Mode's nodes, for node classes of one's own: EKS has let it join already. */
  readonly nodeRoleName: pulumi.Output<string>;
  /** The security group that EKS makes and gives to the control plane and to Auto Mode's nodes. */
  readonly securityGroupId: pulumi.Output<string>;

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:aws:Cluster", name, {}, opts);
    const { clusterName, version, publicAccessCidrs, accessEntries, protect, tags } = args;
    const isPublic = publicAccessCidrs.length > 0;

    // Without it the Secrets can't be read again, so it is protected as the cluster is.
    const key = new aws.kms.Key(
      `${name}-secrets`,
      {
        description: `Secrets of the cluster ${clusterName}`,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        tags: { ...tags, Name: `${clusterName}-secrets` },
      },
      { parent: this, protect },
    );
    new aws.kms.Alias(
      `${name}-secrets`,
      { name: `alias/${clusterName}-secrets`, targetKeyId: key.keyId },
      { parent: this },
    );

    const logGroupName = `/aws/eks/${clusterName}/cluster`;
    const logs = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      {
        name: logGroupName,
        retentionInDays: args.logRetentionDays,
        tags: { ...tags, Name: logGroupName },
      },
      { parent: this },
    );

    const cluster = new eks.Cluster(
      `${name}-eks`,
      {
        name: clusterName,
        version,
        // Its end is an upgrade by AWS, not six times the price.
        upgradePolicy: { supportType: "STANDARD" },
        autoMode: { enabled: true, computeConfig: { nodePools: ["general-purpose", "system"] } },
        // Auto Mode's nodes answer DNS themselves; the add-on would wait for pods that it has no need of.
        // https://github.com/pulumi/pulumi-eks/issues/1726
        corednsAddonOptions: { enabled: false },
        vpcId: args.vpcId,
        privateSubnetIds: args.privateSubnetIds,
        endpointPrivateAccess: true,
        endpointPublicAccess: isPublic,
        ...(isPublic ? { publicAccessCidrs } : {}),
        authenticationMode: eks.AuthenticationMode.Api,
        accessEntries: Object.fromEntries(
          accessEntries.map((entry) => [entryName(entry), access(entry, tags)]),
        ),
        enabledClusterLogTypes: CONTROL_PLANE_LOGS,
        encryptionConfigKeyArn: key.arn,
        deletionProtection: protect,
        tags,
        clusterTags: { Name: clusterName },
      },
      // EKS would make a log group of its own, whose logs are kept for ever.
      { parent: this, protect, dependsOn: [logs] },
    );

    this.clusterName = cluster.urn.apply(() => clusterName);
    this.kubeconfig = pulumi.secret(cluster.kubeconfigJson);
    this.nodeRoleName = cluster.autoModeNodeRoleName;
    this.securityGroupId = cluster.clusterSecurityGroupId;

    this.registerOutputs({
      clusterName: this.clusterName,
      kubeconfig: this.kubeconfig,
      nodeRoleName: this.nodeRoleName,
      securityGroupId: this.securityGroupId,
    });
  }
}

/** Names an entry after its principal, as `123456789012:role/platform`: two entries of one list never share it, and a third moves neither. */
const entryName = ({ principalArn }: AccessEntry): string => principalArn.split(":").slice(4).join(":");

const access = (
  { principalArn, policy, namespaces }: AccessEntry,
  tags: Tags,
): eks.types.input.AccessEntryArgs => ({
  principalArn,
  tags: { ...tags, Name: principalArn },
  accessPolicies: {
    [policy]: {
      policyArn: `arn:aws:eks::aws:cluster-access-policy/${ACCESS_POLICIES[policy]}`,
      accessScope: namespaces === undefined ? { type: "cluster" } : { type: "namespace", namespaces },
    },
  },
});
