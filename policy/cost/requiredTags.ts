import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

/** Types of AWS that take tags, as far as the platform makes them, and the property that has them. */
const TAGGED: Record<string, "tags" | "resourceTags"> = {
  [TYPES.bucket]: "tags",
  [TYPES.clusterComponent]: "tags",
  [TYPES.clusterResource]: "tags",
  [TYPES.creationTemplate]: "resourceTags",
  [TYPES.iamPolicy]: "tags",
  [TYPES.kmsKey]: "tags",
  [TYPES.logGroup]: "tags",
  [TYPES.podIdentityAssociation]: "tags",
  [TYPES.repository]: "tags",
  [TYPES.role]: "tags",
  [TYPES.securityGroup]: "tags",
  [TYPES.securityGroupIngressRule]: "tags",
  "aws:budgets/budget:Budget": "tags",
  [TYPES.defaultSecurityGroup]: "tags",
  "aws:ec2/eip:Eip": "tags",
  "aws:ec2/internetGateway:InternetGateway": "tags",
  "aws:ec2/natGateway:NatGateway": "tags",
  "aws:ec2/routeTable:RouteTable": "tags",
  "aws:ec2/subnet:Subnet": "tags",
  "aws:ec2/vpc:Vpc": "tags",
  "aws:ec2/vpcEndpoint:VpcEndpoint": "tags",
};

type Props = Record<"tags" | "resourceTags", Record<string, string>> & Record<string, unknown>;

export const requiredTags = resourcePolicy<Props, { keys: string[] }>(
  {
    name: "required-tags",
    severity: "medium",
    description: "Every AWS resource that takes tags says what it belongs to.",
    remediation: "Pass the component's `tags` on (contract/labels.ts): budget and bill are split by them.",
    blind: "What EKS Auto Mode makes by itself: nodes, volumes and load balancers carry its own tags.",
    config: {
      keys: { description: "Tags that must be there.", default: ["Project", "Environment", "ManagedBy"] },
    },
  },
  Object.keys(TAGGED),
  ({ type, props }, { keys }) => {
    if (type === TYPES.clusterComponent && Object.keys(props).length === 0) return [];
    const property = TAGGED[type] ?? "tags";
    const tags = props[property] ?? {};
    return keys
      .filter((key) => (tags[key] ?? "") === "")
      .map((key) => `${property}.${key} is missing; pass the component's tags on.`);
  },
);
