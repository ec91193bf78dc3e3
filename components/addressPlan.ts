import { type Cidr, readCidr, subnet } from "../settings";

/**
 * The block of a zone's subnet in a VPC: the private ones have a quarter each, for every pod has an address; the last quarter is cut in
 * four for the public ones, with a sixteenth left over. In 10.0.0.0/16 these are 10.0.0.0/18, 10.0.64.0/18, 10.0.128.0/18 and
 * 10.0.192.0/20, 10.0.208.0/20, 10.0.224.0/20.
 * @param zone 0 to 2
 */
export function subnetBlock(vpc: Cidr, kind: "public" | "private", zone: number): Cidr {
  const parsed = readCidr(vpc);
  if (typeof parsed === "string") throw new Error(`${vpc} ${parsed}`);
  if (zone < 0 || zone > 2) throw new Error(`${vpc} is planned for three zones; there is no zone ${zone}`);
  return kind === "private"
    ? subnet(vpc, parsed.prefix + 2, zone)
    : subnet(vpc, parsed.prefix + 4, 12 + zone);
}
