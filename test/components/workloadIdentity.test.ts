import assert from "node:assert/strict";
import { knativePolicy, type PolicyDocument } from "../../components/iam";
import { WorkloadIdentity, type WorkloadIdentityArgs } from "../../components/workloadIdentity";
import { tags } from "../../contract/labels";
import { parsed } from "../support/iam";
import { record, valueOf } from "../support/record";

const policy: PolicyDocument = knativePolicy({
  images: {
    cache: [],
    functions: ["arn:aws:ecr:us-west-2:123456789012:repository/functions/*"],
    builder: "",
    pullThrough: [],
    baseImages: [],
  },
});
const args: WorkloadIdentityArgs = {
  roleName: "knative-lambda-test-knative",
  clusterName: "knative-lambda-test",
  clusterArn: "arn:aws:eks:us-west-2:123456789012:cluster/knative-lambda-test",
  namespace: "knative-serving",
  serviceAccount: "controller",
  policy,
  tags: tags("test"),
};
const recorded = (changes: Partial<WorkloadIdentityArgs> = {}) =>
  record(() => new WorkloadIdentity("identity", { ...args, ...changes }));
const ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation";

describe("WorkloadIdentity", () => {
  it("makes exactly a role, its policy and the association", async () => {
    assert.deepEqual((await recorded()).list().split("\n"), [
      "aws:eks/podIdentityAssociation:PodIdentityAssociation identity-association",
      "aws:iam/role:Role identity-role",
      "aws:iam/rolePolicy:RolePolicy identity-policy",
      "knative-lambda:aws:WorkloadIdentity identity",
    ]);
  });

  it("gives the role what it is told to and attaches nothing else", async () => {
    const all = await recorded();
    assert.deepEqual(parsed(all.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]), policy);
    const role = all.one("aws:iam/role:Role").inputs;
    assert.equal("managedPolicyArns" in role, false);
    assert.equal("inlinePolicies" in role, false);
  });

  it("trusts the pods of one service account of one cluster", async () => {
    const [statement] = parsed(
      (await recorded()).one("aws:iam/role:Role").inputs["assumeRolePolicy"],
    ).Statement;
    assert.deepEqual(statement?.Principal, { Service: "pods.eks.amazonaws.com" });
    assert.deepEqual(statement.Action, ["sts:AssumeRole", "sts:TagSession"]);
    assert.deepEqual(statement.Condition, {
      StringEquals: {
        "aws:RequestTag/eks-cluster-arn": args.clusterArn,
        "aws:RequestTag/kubernetes-namespace": "knative-serving",
        "aws:RequestTag/kubernetes-service-account": "controller",
      },
    });
  });

  it("associates the role only once it has its rights", async () => {
    const all = await recorded();
    const association = all.one(ASSOCIATION);
    assert.deepEqual(association.inputs, {
      clusterName: "knative-lambda-test",
      namespace: "knative-serving",
      serviceAccount: "controller",
      roleArn: "arn:aws:iam::123456789012:role/knative-lambda-test-knative",
      tags: { ...tags("test"), Name: "knative-lambda-test-knative" },
    });
    assert.ok(association.dependencies.includes(all.one("aws:iam/role:Role").urn));
    assert.ok(association.dependencies.includes(all.one("aws:iam/rolePolicy:RolePolicy").urn));
  });

  it("answers the role's ARN in a preview", async () => {
    let identity: WorkloadIdentity | undefined;
    await record(() => {
      identity = new WorkloadIdentity("identity", args);
    });
    assert.ok(identity);
    assert.equal(
      await valueOf(identity.roleArn),
      "arn:aws:iam::123456789012:role/knative-lambda-test-knative",
    );
  });

  it("refuses a name that IAM would", async () => {
    await assert.rejects(
      recorded({ roleName: "r".repeat(65) }),
      /65 characters.*choose a shorter cluster\.name/,
    );
  });
});
