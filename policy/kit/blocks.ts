import ipaddr from "ipaddr.js";

/** Addresses that follow one another. IPv4 and IPv6 are never compared. */
interface Range {
  bits: 32 | 128;
  first: bigint;
  last: bigint;
}

/**
 * Where clusters, nodes and VPCs lie: RFC 1918, RFC 6598, which EKS offers for pods, what a node answers of itself (RFC 3927), and their
 * likes of IPv6.
 */
const INSIDE = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "fc00::/7",
  "fe80::/10",
];

/** The addresses of a block in CIDR notation, or undefined where the text is none. */
function rangeOf(cidr: string): Range | undefined {
  if (!ipaddr.isValidCIDR(cidr)) return undefined;
  const [address, prefix] = ipaddr.parseCIDR(cidr);
  const bits = address.kind() === "ipv4" ? 32 : 128;
  const free = BigInt(bits - prefix);
  const value = address.toByteArray().reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const first = (value >> free) << free;
  return { bits, first, last: first + (1n << free) - 1n };
}

const rangesOf = (cidrs: readonly string[]): Range[] => cidrs.flatMap((cidr) => rangeOf(cidr) ?? []);

/** What is left of ranges without others. */
const without = (ranges: readonly Range[], others: readonly Range[]): Range[] =>
  others.reduce<Range[]>(
    (left, other) =>
      left.flatMap((range) =>
        range.bits !== other.bits || other.last < range.first || range.last < other.first
          ? [range]
          : [
              { ...range, last: other.first - 1n },
              { ...range, first: other.last + 1n },
            ].filter(({ first, last }) => first <= last),
      ),
    [...ranges],
  );

/** How many addresses of a kind are in ranges, each counted once. */
const sizeOf = (ranges: readonly Range[], bits: Range["bits"]): bigint =>
  ranges
    .reduce<Range[]>((apart, range) => [...apart, ...without([range], apart)], [])
    .filter((range) => range.bits === bits)
    .reduce((sum, { first, last }) => sum + last - first + 1n, 0n);

/** A block of a NetworkPolicy's peer. */
export interface IpBlock {
  cidr?: string;
  except?: string[];
}

/** Which of some blocks a peer reaches, in whole or in part. Text that is no block is taken for everything. */
export function reached({ cidr = "", except }: IpBlock, blocks: readonly string[]): string[] {
  const range = rangeOf(cidr);
  if (range === undefined) return [...blocks];
  const open = without([range], rangesOf(except ?? []));
  return blocks.filter((block) => {
    const wanted = rangesOf([block]);
    // Of the wanted addresses fewer are left without the open ones.
    return wanted.some(({ bits }) => sizeOf(without(wanted, open), bits) < sizeOf(wanted, bits));
  });
}

/** Which blocks of a network's inside a peer reaches. To name one single address is to know what is there. */
export const reachedInside = (block: IpBlock): string[] =>
  /^[\d.]+\/32$|\/128$/.test(block.cidr ?? "") ? [] : reached(block, INSIDE);

/** Most addresses that may be let in, as prefixes. */
export interface Widest {
  widestIpv4: number;
  widestIpv6: number;
}

/** The thresholds as a policy's configuration has them. */
export const WIDEST = {
  widestIpv4: {
    description:
      "Prefix of the largest IPv4 block, and of as many addresses as all blocks may have together.",
    default: 8,
  },
  widestIpv6: { description: "The same for IPv6.", default: 16 },
};

/**
 * What is too wide about blocks: each that is above the threshold, or else all of them where together they are, as `0.0.0.0/1` and
 * `128.0.0.0/1` do. Blocks inside a network don't count among the addresses of the internet.
 */
export function tooWide(cidrs: readonly string[], { widestIpv4, widestIpv6 }: Widest): string[] {
  const most = (bits: Range["bits"]): bigint =>
    1n << BigInt(bits === 32 ? 32 - widestIpv4 : 128 - widestIpv6);
  const wide = cidrs.filter((cidr) => {
    const range = rangeOf(cidr);
    return range === undefined || sizeOf([range], range.bits) > most(range.bits);
  });
  if (wide.length > 0) return wide;
  const outside = without(rangesOf(cidrs), rangesOf(INSIDE));
  const together = ([32, 128] as const).some((bits) => sizeOf(outside, bits) > most(bits));
  return together ? [cidrs.join(" with ")] : [];
}
