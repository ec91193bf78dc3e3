import { isAllow, isEverybody, listOf, named, type Statement, statements } from "../kit/documents";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

const PODS = "pods.eks.amazonaws.com";
/** Tags that EKS Pod Identity gives a session: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html */
const TAGS = [
  "aws:RequestTag/eks-cluster-arn",
  "aws:RequestTag/kubernetes-namespace",
  "aws:RequestTag/kubernetes-service-account",
];

function wrong(statement: Statement): string[] {
  if (isEverybody(statement)) return ["lets everybody assume the role; name a principal"];
  const { Principal } = statement;
  if (
    typeof Principal === "object" &&
    listOf(Principal["AWS"]).some((name) => name.endsWith(":root")) &&
    statement.Condition === undefined
  )
    return ["lets every role of an account assume it; name one with a condition on aws:PrincipalArn"];
  if (typeof Principal !== "object" || !listOf(Principal["Service"]).includes(PODS)) return [];
  const actions = listOf(statement.Action);
  return [
    ...["sts:AssumeRole", "sts:TagSession"]
      .filter((action) => !actions.includes(action))
      .map((action) => `lacks ${action}, without which EKS Pod Identity fails; add it`),
    ...TAGS.filter((tag) => {
      const values = listOf(statement.Condition?.["StringEquals"]?.[tag]);
      return values.length === 0 || values.some((value) => value.includes("*"));
    }).map((tag) => `is open to any ${tag.split("/")[1] ?? ""}; add StringEquals on ${tag}`),
  ];
}

export const podIdentityTrust = resourcePolicy<{ assumeRolePolicy: string | object }>(
  {
    name: "pod-identity-trust",
    severity: "critical",
    description: "A role can be assumed by one service account of one cluster, or by one role, alone.",
    remediation:
      "Limit the trust with StringEquals on the tags of cluster, namespace and service account, as components/iam/trust.ts does.",
  },
  [TYPES.role],
  ({ props }) =>
    (statements(props.assumeRolePolicy) ?? [])
      .map((statement, index) => ({ statement, name: named(statement, index) }))
      .filter(({ statement }) => isAllow(statement))
      .flatMap(({ statement, name }) => wrong(statement).map((what) => `assumeRolePolicy: ${name} ${what}.`)),
);
