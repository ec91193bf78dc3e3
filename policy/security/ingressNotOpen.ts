import { tooWide, WIDEST, type Widest } from "../kit/blocks";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

interface Rule {
  /** Of a SecurityGroupRule: `ingress` or `egress`. */
  type: string;
  cidrBlocks: string[];
  ipv6CidrBlocks: string[];
  cidrIpv4: string;
  cidrIpv6: string;
  ingress: { cidrBlocks?: string[]; ipv6CidrBlocks?: string[] }[];
}

export const ingressNotOpen = resourcePolicy<Rule, Widest>(
  {
    name: "ingress-not-open",
    severity: "critical",
    description: "No security group lets in the whole internet, nor a large part of it.",
    remediation: "Name the blocks or the security groups that need to come in.",
    blind:
      "Security groups that EKS makes for the cluster and for load balancers. What a prefix list holds. Rules of one group that are resources of their own: each is judged alone.",
    config: WIDEST,
  },
  [TYPES.securityGroup, TYPES.defaultSecurityGroup, TYPES.securityGroupRule, TYPES.securityGroupIngressRule],
  ({ props: { type, cidrIpv4, cidrIpv6, ingress, cidrBlocks, ipv6CidrBlocks } }, widest) =>
    tooWide(
      [
        ...(type === "ingress" ? [...(cidrBlocks ?? []), ...(ipv6CidrBlocks ?? [])] : []),
        ...(cidrIpv4 === undefined ? [] : [cidrIpv4]),
        ...(cidrIpv6 === undefined ? [] : [cidrIpv6]),
        ...(ingress ?? []).flatMap((rule) => [...(rule.cidrBlocks ?? []), ...(rule.ipv6CidrBlocks ?? [])]),
      ],
      widest,
    ).map((cidr) => `ingress from ${cidr}; name the blocks that need it.`),
);
