import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../contract/labels";
import { accountOf, podIdentityTrust, type PolicyDocument, roleArn, roleNameProblem } from "./iam";

export interface WorkloadIdentityArgs {
  /** Name of the role, at most 64 characters; known before it exists, so that other policies can name it. */
  roleName: string;
  /** The cluster, as an output that is there only once the cluster is. */
  clusterName: pulumi.Input<string>;
  /** ARN of that cluster, known before it exists: the role trusts no other. */
  clusterArn: string;
  namespace: string;
  serviceAccount: string;
  /** What the role may do. */
  policy: PolicyDocument;
  tags: Tags;
}

/**
 * An IAM role for the pods of one service account, through EKS Pod Identity: no key, no annotation, no OIDC provider.
 * A pod gets it when it starts, so that pods which ran before the association must be started anew.
 */
export class WorkloadIdentity extends pulumi.ComponentResource {
  readonly roleName: string;
  /** Known in a preview; whatever is made from it waits for the role. */
  readonly roleArn: pulumi.Output<string>;

  constructor(name: string, args: WorkloadIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:aws:WorkloadIdentity", name, {}, opts);
    const { roleName, clusterName, clusterArn, namespace, serviceAccount, policy, tags } = args;
    const problem = roleNameProblem(roleName);
    if (problem !== undefined) throw new pulumi.ResourceError(problem, this);
    const child = { parent: this };
    const account = accountOf(clusterArn);

    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: roleName,
        description: `Service account ${namespace}/${serviceAccount}`,
        assumeRolePolicy: JSON.stringify(podIdentityTrust({ clusterArn, namespace, serviceAccount })),
        tags: { ...tags, Name: roleName },
      },
      child,
    );
    const rights = new aws.iam.RolePolicy(
      `${name}-policy`,
      { name: roleName, role: role.name, policy: JSON.stringify(policy) },
      child,
    );
    this.roleName = roleName;
    this.roleArn = role.urn.apply(() => roleArn(account, roleName));

    new aws.eks.PodIdentityAssociation(
      `${name}-association`,
      {
        clusterName,
        namespace,
        serviceAccount,
        roleArn: this.roleArn,
        tags: { ...tags, Name: roleName },
      },
      // A pod that started in between would have the role and none of its rights.
      { parent: this, dependsOn: [rights] },
    );

    this.registerOutputs({ roleName, roleArn: this.roleArn });
  }
}
