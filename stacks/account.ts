import * as aws from "@pulumi/aws";

/** What only AWS can tell before anything is made. Read in a preview too, so that ARNs and names are known there. */
export interface Account {
  /** 12 digits. */
  id: string;
  /** Zones that every account may use in the region, as `us-west-2a`; local zones are left out. */
  zoneNames: string[];
}

export async function account(): Promise<Account> {
  const [caller, zones] = await Promise.all([
    aws.getCallerIdentity(),
    aws.getAvailabilityZones({
      state: "available",
      // Zones that EKS can't be made in: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
      excludeZoneIds: ["use1-az3", "usw1-az2", "cac1-az3"],
      filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
    }),
  ]);
  return { id: caller.accountId, zoneNames: zones.names };
}
