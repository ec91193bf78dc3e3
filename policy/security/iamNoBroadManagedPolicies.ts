import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

export const iamNoBroadManagedPolicies = resourcePolicy<
  { policyArn: string; managedPolicyArns: string[] },
  { refused: string[] }
>(
  {
    name: "iam-no-broad-managed-policies",
    severity: "critical",
    description: "No role is given one of AWS's policies that allow nearly everything.",
    remediation: "Write a policy of what the role needs (components/iam) and attach that.",
    config: {
      refused: {
        description: "Names of AWS's managed policies that no role may have; * stands for any text.",
        default: ["AdministratorAccess*", "PowerUserAccess", "IAMFullAccess", "Amazon*FullAccess"],
      },
    },
  },
  [TYPES.rolePolicyAttachment, TYPES.role],
  ({ props }, { refused }) => {
    const patterns = refused.map((name) => new RegExp(`:policy/(?:.*/)?${name.replaceAll("*", ".*")}$`));
    return [...(props.policyArn === undefined ? [] : [props.policyArn]), ...(props.managedPolicyArns ?? [])]
      .filter((arn) => patterns.some((pattern) => pattern.test(arn)))
      .map((arn) => `the role is given ${arn}; write a policy of what it needs.`);
  },
);
