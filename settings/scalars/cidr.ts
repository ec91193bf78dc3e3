import ipaddr from "ipaddr.js";
import { z } from "zod";

/** An IPv4 block in CIDR notation, with no bit set below its prefix. */
export type Cidr = string;

interface Block {
  address: ipaddr.IPv4;
  prefix: number;
}

/** Reads an IPv4 block, or answers what is wrong with the text. */
export function readCidr(text: string): Block | string {
  if (!ipaddr.IPv4.isValidCIDR(text)) return "is not an IPv4 block; write it as in 10.0.0.0/16";
  const [address, prefix] = ipaddr.IPv4.parseCIDR(text);
  const network = ipaddr.IPv4.networkAddressFromCIDR(text);
  if (network.toString() !== address.toString())
    return `has bits set below its prefix; write ${network.toString()}/${prefix}`;
  return { address, prefix };
}

/**
 * The `index`-th block of `prefix` length inside `block`: `subnet("10.0.0.0/16", 20, 1)` is `10.0.16.0/20`.
 * Throws where it lies outside.
 */
export function subnet(block: Cidr, prefix: number, index: number): Cidr {
  const parsed = readCidr(block);
  if (typeof parsed === "string") throw new Error(`${block} ${parsed}`);
  if (prefix < parsed.prefix || index >= 2 ** (prefix - parsed.prefix))
    throw new Error(`${block} has no /${prefix} number ${index}`);
  const first =
    parsed.address.octets.reduce((value, octet) => value * 256 + octet, 0) + index * 2 ** (32 - prefix);
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${prefix}`;
}

/** An IPv4 block in a stack file, whose prefix is between `shortest` and `longest`. */
export const cidr = (shortest = 0, longest = 32) =>
  z
    .string({ error: 'is not an IPv4 block; write it in quotes as in "10.0.0.0/16"' })
    .superRefine((value, context) => {
      const parsed = readCidr(value);
      const wrong =
        typeof parsed === "string"
          ? parsed
          : parsed.prefix < shortest || parsed.prefix > longest
            ? `has a prefix of /${parsed.prefix}; it must be between /${shortest} and /${longest}`
            : undefined;
      if (wrong !== undefined) context.addIssue({ code: "custom", message: wrong });
    });
