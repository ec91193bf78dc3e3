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

/** A principal that stands for all of an account: its root, or its number, which IAM takes for the same. */
const isWholeAccount = (principal: string): boolean =>
  principal.endsWith(":root") || /^\d{12}$/.test(principal);

/** The ARN of a role or a user, or a pattern of such that has at least a part of a name. */
const NAMED = /^arn:[^:*?]+:iam::\d{12}:(role|user)\/.*[^*?/]/;

/** Whether a statement is for principals that it names, by a condition on who asks. */
function namesPrincipal({ Condition }: Statement): boolean {
  const values = ["ArnEquals", "ArnLike", "StringEquals", "StringLike"].flatMap((operator) =>
    Object.entries(Condition?.[operator] ?? {})
      .filter(([key]) => key.toLowerCase() === "aws:principalarn")
      .map(([, value]) => listOf(value)),
  );
  // Conditions are joined by "and", the values of one by "or".
  return values.some((either) => either.length > 0 && either.every((value) => NAMED.test(value)));
}

function wrong(statement: Statement): string[] {
  if (isEverybody(statement)) return ["lets everybody assume the role; name a principal"];
  const { Principal } = statement;
  if (
    typeof Principal === "object" &&
    listOf(Principal["AWS"]).some(isWholeAccount) &&
    !namesPrincipal(statement)
  )
    return [
      "lets every role of an account assume it; name one with a condition ArnEquals on aws:PrincipalArn",
    ];
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
      "Limit the trust with StringEquals on the tags of cluster, namespace and service account, or to one role with ArnEquals on aws:PrincipalArn, as components/iam/trust.ts does.",
  },
  [TYPES.role],
  ({ props }) =>
    (statements(props.assumeRolePolicy) ?? [])
      .map((statement, index) => ({ statement, name: named(statement, index) }))
      .filter(({ statement }) => isAllow(statement))
      .flatMap(({ statement, name }) => wrong(statement).map((what) => `assumeRolePolicy: ${name} ${what}.`)),
);
