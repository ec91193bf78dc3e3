import { readArn } from "../../settings";

/** What an ARN of a regional resource needs beside the name. */
export interface Place {
  region: string;
  /** 12 digits. */
  account: string;
}

/** ARNs of a stack's image repositories. `/*` stands for every repository below a prefix, also for those to come. */
export interface RepositoryArns {
  /** Layer caches. None where the cache lies in another registry. */
  cache: string[];
  /** Function images with their dependency images. */
  functions: string[];
  builder: string;
  /** Base images that came through the pull-through cache. */
  pullThrough: string[];
  /** Base images that the stack file names in this registry itself, beside the pull-through cache. */
  baseImages: string[];
}

export const repositoryArn = ({ region, account }: Place, path: string): string =>
  `arn:aws:ecr:${region}:${account}:repository/${path}`;

export const clusterArn = ({ region, account }: Place, clusterName: string): string =>
  `arn:aws:eks:${region}:${account}:cluster/${clusterName}`;

export const roleArn = (account: string, roleName: string): string =>
  `arn:aws:iam::${account}:role/${roleName}`;

/** The account of an ARN. Throws on a text that is none, or that names no account. */
export function accountOf(arn: string): string {
  const account = readArn(arn)?.account ?? "";
  if (account === "") throw new Error(`${JSON.stringify(arn)} is no ARN of an account's resource`);
  return account;
}

/** Most characters of an IAM role's name. */
const LONGEST_ROLE_NAME = 64;

/** What is wrong with a role's name, or undefined. */
export const roleNameProblem = (roleName: string): string | undefined =>
  roleName.length > LONGEST_ROLE_NAME
    ? `role ${roleName} has ${roleName.length} characters, and IAM takes ${LONGEST_ROLE_NAME}; choose a shorter cluster.name`
    : undefined;
