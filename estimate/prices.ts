import type { Settings } from "../settings/schema";
import type { Category } from "./nodes";

/** A list price in US dollars, with where and when it was read. */
export interface Price {
  usd: number;
  per: string;
  source: string;
}

/** The region whose prices these are. */
export const PRICES_REGION = "us-east-1";
/** The day of the EC2 prices. */
export const EC2_PRICES_OF = "2026-07-20";
/** When the other prices were read by their sources. */
export const OTHER_PRICES_OF = "2026-02 to 2026-09";

/** Hours of a month, as AWS's calculator takes them. */
export const MONTH_HOURS = 730;
export const MONTH_DAYS = MONTH_HOURS / 24;

/**
 * On-demand price of a vCPU and hour. Within a family the price follows the size, so that one figure serves all sizes.
 * Source: us-east-1 in karpenter-provider-aws, pkg/providers/pricing/zz_generated.pricing_aws.go, generated 2026-07-20:
 * 2xlarge (8 vCPU) of c7i 0.357, m7i 0.4032, r7i 0.5292, c7g 0.29, m7g 0.3264, r7g 0.4284.
 */
export const VCPU_HOUR: Readonly<
  Record<Settings["platform"]["architecture"], Readonly<Record<Category, number>>>
> = {
  amd64: { c: 0.357 / 8, m: 0.4032 / 8, r: 0.5292 / 8 },
  arm64: { c: 0.29 / 8, m: 0.3264 / 8, r: 0.4284 / 8 },
};

/** Families that the prices of a category are of. */
export const FAMILY: Readonly<Record<Settings["platform"]["architecture"], string>> = {
  amd64: "7i",
  arm64: "7g",
};

/**
 * Share of the on-demand price that spot costs. An assumption: spot prices move by the hour, zone and family; AWS promises up to
 * 90 % off, and its samples for Auto Mode speak of 60 to 90 %. Look at the Spot Instance Advisor before you rely on it.
 */
export const SPOT_SHARE = 0.35;

/**
 * Auto Mode's fee, as a share of the on-demand price; a discount, spot too, does not lower it.
 * Source: aws.amazon.com/eks/pricing as quoted 2026-09: $0.03672 an hour for a c6a.2xlarge of $0.306.
 */
export const AUTO_MODE_SHARE = 0.12;

export const PRICES = {
  controlPlane: { usd: 0.1, per: "hour", source: "factualminds.com, EKS pricing, 2026-06; standard support" },
  natHour: { usd: 0.045, per: "gateway and hour", source: "cloudburn.io, NAT gateway pricing, 2026-02" },
  natGb: { usd: 0.045, per: "GB", source: "cloudburn.io, NAT gateway pricing, 2026-02" },
  publicIpv4: { usd: 0.005, per: "address and hour", source: "cloudburn.io, NAT gateway pricing, 2026-02" },
  interfaceEndpoint: {
    usd: 0.01,
    per: "endpoint, zone and hour",
    source: "dev.to/hstiwana; not checked against AWS",
  },
  networkLoadBalancer: {
    usd: 0.0225,
    per: "hour",
    source: "awsnegotiations.com, load balancer cost, 2026-05",
  },
  gp3: {
    usd: 0.08,
    per: "GB and month",
    source:
      "Amazon EBS: Block Storage for EC2, menuvis1-blip.github.io, 2026-02; 3,000 IOPS and 125 MiB/s included",
  },
  gp3Throughput: {
    usd: 0.04,
    per: "MiB/s above 125 and month",
    source: "saisci.com, gp3 throughput explained, 2021-01; not checked against AWS",
  },
  ecr: { usd: 0.1, per: "GB and month", source: "SRE-002; cloudburn.io, ECR pricing, 2026-03" },
  s3: { usd: 0.023, per: "GB and month", source: "cloudburn.io, S3 pricing, 2026-03" },
  s3Put: { usd: 0.005 / 1000, per: "PUT", source: "devnotes.tech, S3 pricing; not checked against AWS" },
  s3Get: { usd: 0.0004 / 1000, per: "GET", source: "devnotes.tech, S3 pricing; not checked against AWS" },
  acceleration: {
    usd: 0.04,
    per: "GB",
    source: "S3 pricing page; edges in the US, EU and Japan, $0.08 elsewhere",
  },
  logsIn: {
    usd: 0.5,
    per: "GB",
    source: "CloudWatch pricing, not checked against AWS; see cluster.logRetentionDays",
  },
  logsKept: {
    usd: 0.03,
    per: "GB and month",
    source: "CloudWatch pricing, not checked against AWS; see cluster.logRetentionDays",
  },
  kmsKey: { usd: 1, per: "key and month", source: "aws.amazon.com/kms/pricing" },
} as const satisfies Record<string, Price>;
