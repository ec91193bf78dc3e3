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

export const ingressNotOpen = resourcePolicy<Rule>(
  {
    name: "ingress-not-open",
    severity: "critical",
    description: "No security group lets in the whole internet.",
    remediation: "Name the blocks or the security groups that need to come in.",
    blind: "Security groups that EKS makes for the cluster and for load balancers.",
  },
  [TYPES.securityGroup, TYPES.defaultSecurityGroup, TYPES.securityGroupRule, TYPES.securityGroupIngressRule],
  ({ props: { type, cidrIpv4, cidrIpv6, ingress, cidrBlocks, ipv6CidrBlocks } }) =>
    [
      ...(type === "ingress" ? [...(cidrBlocks ?? []), ...(ipv6CidrBlocks ?? [])] : []),
      cidrIpv4,
      cidrIpv6,
      ...(ingress ?? []).flatMap((rule) => [...(rule.cidrBlocks ?? []), ...(rule.ipv6CidrBlocks ?? [])]),
    ]
      .filter((cidr) => cidr === "0.0.0.0/0" || cidr === "::/0")
      .map((cidr) => `ingress from ${cidr}; name the blocks that need it.`),
);
