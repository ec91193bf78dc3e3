import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { InfrastructureError, UserError } from "../../types";

export interface Address {
  address: string;
  family: number;
}

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

export interface AddressGuardOptions {
  /** Hosts, or patterns with a leading `*.`, that may be inside the cluster or the VPC. */
  internalHosts: readonly string[];
  /** @default the system's resolver */
  resolve?: Resolve | undefined;
}

/**
 * Where requests that a user's object causes may go. The address decides, not the name: a name can point anywhere, and elsewhere a second
 * later. So a host is resolved once, every address of it is checked, and the connection is made to one of these.
 */
export class AddressGuard {
  private readonly internalHosts: readonly string[];
  private readonly resolve: Resolve;

  constructor({ internalHosts, resolve = (host) => lookup(host, { all: true }) }: AddressGuardOptions) {
    this.internalHosts = internalHosts.map((pattern) => pattern.toLowerCase());
    this.resolve = resolve;
  }

  /** Whether the settings list a host as one that may be inside. */
  isInternal(host: string): boolean {
    const name = bare(host);
    return this.internalHosts.some((pattern) =>
      pattern.startsWith("*.") ? name.endsWith(pattern.slice(1)) : name === pattern,
    );
  }

  /**
   * The addresses to connect to.
   *
   * @param host Name, IPv4 address, or IPv6 address with or without brackets.
   * @param field Field of the object that the host comes from.
   * @throws UserError where one of the addresses is not to be reached.
   */
  async addresses(host: string, field?: string): Promise<readonly Address[]> {
    const name = bare(host);
    const family = isIP(name);
    const found = family === 0 ? await this.find(name) : [{ address: name, family }];
    for (const { address } of found) {
      const refused = this.refusal(name, address);
      if (refused !== undefined) throw new UserError("SourceAddressRefused", refused, field);
    }
    return found;
  }

  private async find(name: string): Promise<readonly Address[]> {
    let found: readonly Address[];
    try {
      found = await this.resolve(name);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      // Not the user's fault for sure: a Service without a ready pod has no address either.
      throw new InfrastructureError("SourceUnreachable", `${name} can't be resolved: ${code ?? "unknown"}`, {
        cause,
      });
    }
    if (found.length === 0) throw new InfrastructureError("SourceUnreachable", `${name} has no address`);
    return found;
  }

  private refusal(name: string, address: string): string | undefined {
    const place = placeOf(address);
    if (place === "public" || (place === "internal" && this.isInternal(name))) return undefined;
    return place === "internal"
      ? `${name} is an address inside the cluster or the VPC; sources.internalHosts of the stack doesn't list it`
      : `${name} is an address that no source may come from`;
  }
}

/** A host as it is compared: lower case, without brackets and the root's dot. */
const bare = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");

/** Ranges that hold hosts of a private network, by ipaddr.js' names. All but these and "unicast" are nowhere or something special. */
const INTERNAL = new Set(["private", "loopback", "uniqueLocal", "carrierGradeNat"]);

/**
 * Addresses that hand out credentials, listed or not: EC2's instance metadata and Pod Identity's agent over IPv6. Over IPv4 both are
 * link-local (docs.aws.amazon.com: ec2 instancedata-data-retrieval, eks pod-id-how-it-works).
 */
const CREDENTIALS: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("fd00:ec2::"), 32];

/** The addresses of hosts on the internet over IPv6 (IANA: IPv6 address space). */
const GLOBAL: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];
/** NAT64's well-known prefix (RFC 6052). */
const NAT64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("64:ff9b::"), 96];

/** Where an address lies. "nowhere" is never reached: link-local, multicast, reserved and the like. */
export function placeOf(text: string): "public" | "internal" | "nowhere" {
  // A zone ("fe80::1%eth0") is for link-local addresses only.
  if (text.includes("%") || !ipaddr.isValid(text)) return "nowhere";
  const parsed = ipaddr.parse(text);
  const address = parsed instanceof ipaddr.IPv6 ? embedded(parsed) : parsed;
  const range = address.range();
  if (address instanceof ipaddr.IPv6) {
    if (address.match(...CREDENTIALS)) return "nowhere";
    if (range === "unicast" && !address.match(...GLOBAL)) return "nowhere";
  }
  return range === "unicast" ? "public" : INTERNAL.has(range) ? "internal" : "nowhere";
}

/** The IPv4 address in an IPv6 one by which it is reached: mapped (::ffff:0:0/96), or through NAT64 (64:ff9b::/96). Else the address. */
function embedded(address: ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match(...NAT64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}
