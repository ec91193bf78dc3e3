import { accountOf } from "./arns";
import { type PolicyDocument, policyDocument, type Statement } from "./policyDocument";

const trust = (
  Sid: string,
  Principal: NonNullable<Statement["Principal"]>,
  Action: string[],
  Condition?: Statement["Condition"],
): PolicyDocument =>
  policyDocument({
    Sid,
    Effect: "Allow",
    Principal,
    Action,
    ...(Condition === undefined ? {} : { Condition }),
  });

export interface ServiceAccountOfCluster {
  clusterArn: string;
  namespace: string;
  serviceAccount: string;
}

/**
 * Trust of a role for one service account of one cluster. An association alone would do for EKS; the conditions hold the role back
 * from any other cluster of the account that names it in an association of its own.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 */
export const podIdentityTrust = ({
  clusterArn,
  namespace,
  serviceAccount,
}: ServiceAccountOfCluster): PolicyDocument =>
  trust(
    "PodIdentity",
    { Service: "pods.eks.amazonaws.com" },
    // EKS tags every session with cluster, namespace and service account: without TagSession it can't assume the role at all.
    ["sts:AssumeRole", "sts:TagSession"],
    {
      StringEquals: {
        "aws:RequestTag/eks-cluster-arn": clusterArn,
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": serviceAccount,
      },
    },
  );

/**
 * Trust of a role for one other role. The account stands as principal, and the condition leaves that one role of it: a role named as principal
 * would have to exist first, and IAM would go on trusting the deleted one after it was made anew.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export const roleTrust = (assumedBy: string): PolicyDocument =>
  trust(
    "OneRole",
    { AWS: `arn:aws:iam::${accountOf(assumedBy)}:root` },
    // The session tags of a Pod Identity are transitive: they come along when its role assumes another.
    ["sts:AssumeRole", "sts:TagSession"],
    { ArnEquals: { "aws:PrincipalArn": assumedBy } },
  );

export const serviceTrust = (service: string): PolicyDocument =>
  trust("Service", { Service: service }, ["sts:AssumeRole"]);
