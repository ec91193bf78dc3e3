/** A private registry of ECR, by its host. */
export interface EcrRegistry {
  /** 12 digits. */
  account: string;
  region: string;
  /** As in an ARN: `aws`, `aws-cn`. */
  partition: string;
}

/**
 * Reads the host of a private registry. Undefined for any other registry, ECR Public among them.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html (and its dual-stack hosts, `dkr-ecr` … `on.aws`)
 */
export function readEcrHost(host: string): EcrRegistry | undefined {
  const read =
    /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/.exec(host) ??
    /^(\d{12})\.dkr-ecr(?:-fips)?\.([a-z0-9-]+)\.on\.(?:aws|amazonwebservices\.com(\.cn))$/.exec(host);
  const [, account = "", region = "", china] = read ?? [];
  if (!read) return undefined;
  const partition = china !== undefined ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  return { account, region, partition };
}
