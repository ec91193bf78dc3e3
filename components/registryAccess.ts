import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../contract/labels";
import {
  accountOf,
  registryAccessPolicy,
  type RepositoryArns,
  roleArn,
  roleNameProblem,
  roleTrust,
} from "./iam";

/** Longest life of a build's registry credential, in seconds. STS allows no more to a role that another role assumes. */
const LONGEST_SESSION = 3600;

export interface RegistryAccessArgs {
  /** Name of the role, at most 64 characters. */
  roleName: string;
  /** ARN of the only role that may assume it: the builder's. That role may come later. */
  assumedBy: string;
  /** The repositories that builds use. */
  arns: RepositoryArns;
  tags: Tags;
}

/**
 * The role from which the builder mints the registry credential of one build: it assumes the role with a session policy that ends at
 * the repositories of the function's namespace, for an hour at most. No pod ever gets the role itself.
 */
export class RegistryAccess extends pulumi.ComponentResource {
  /** Known in a preview. */
  readonly roleArn: string;

  constructor(name: string, args: RegistryAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:aws:RegistryAccess", name, {}, opts);
    const { roleName, assumedBy, arns, tags } = args;
    const problem = roleNameProblem(roleName);
    if (problem !== undefined) throw new pulumi.ResourceError(problem, this);

    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: roleName,
        description: "Registry credentials of builds, narrowed for each by a session policy",
        assumeRolePolicy: JSON.stringify(roleTrust(assumedBy)),
        maxSessionDuration: LONGEST_SESSION,
        tags: { ...tags, Name: roleName },
      },
      { parent: this },
    );
    new aws.iam.RolePolicy(
      `${name}-policy`,
      { name: roleName, role: role.name, policy: JSON.stringify(registryAccessPolicy(arns)) },
      { parent: this },
    );
    this.roleArn = roleArn(accountOf(assumedBy), roleName);

    this.registerOutputs({ roleArn: this.roleArn });
  }
}
