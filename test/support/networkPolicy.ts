import { parse, type IPv4 } from "ipaddr.js";
import type { EgressRule } from "../../components/networkRules";

const within = (address: IPv4, cidr: string): boolean => {
  const [network = "", bits = ""] = cidr.split("/");
  return address.match(parse(network), Number(bits));
};

/** Whether rules let a packet out to an address, as far as addresses tell: peers by pod or by name are not looked at. */
export function permits(
  rules: readonly EgressRule[],
  address: string,
  port: number,
  protocol: "TCP" | "UDP" = "TCP",
): boolean {
  const ip = parse(address) as IPv4;
  return rules.some(
    ({ to, ports }) =>
      ports.some((open) => open.protocol === protocol && (open.port === undefined || open.port === port)) &&
      to.some((peer) => {
        const block = peer["ipBlock"] as { cidr: string; except?: string[] } | undefined;
        return (
          block !== undefined &&
          within(ip, block.cidr) &&
          !(block.except ?? []).some((cidr) => within(ip, cidr))
        );
      }),
  );
}
