import assert from "node:assert/strict";
import { registryAccessPolicy } from "../../components/iam";
import { RegistryAccess, type RegistryAccessArgs } from "../../components/registryAccess";
import { tags } from "../../contract/labels";
import { assertNarrow, parsed } from "../support/iam";
import { record } from "../support/record";

const repository = (path: string) => `arn:aws:ecr:us-west-2:123456789012:repository/${path}`;
const args: RegistryAccessArgs = {
  roleName: "knative-lambda-test-registry-access",
  assumedBy: "arn:aws:iam::123456789012:role/knative-lambda-test-builder",
  arns: {
    cache: [repository("kaniko-cache/*")],
    functions: [repository("functions/*")],
    builder: repository("builder"),
    pullThrough: [repository("ecr-public/*")],
    baseImages: [],
  },
  tags: tags("test"),
};
const recorded = (changes: Partial<RegistryAccessArgs> = {}) =>
  record(() => new RegistryAccess("access", { ...args, ...changes }));

describe("RegistryAccess", () => {
  it("makes exactly a role and its policy, and gives them to no pod", async () => {
    assert.deepEqual((await recorded()).list().split("\n"), [
      "aws:iam/role:Role access-role",
      "aws:iam/rolePolicy:RolePolicy access-policy",
      "knative-lambda:aws:RegistryAccess access",
    ]);
  });

  it("allows what builds need and nothing wider", async () => {
    const policy = parsed((await recorded()).one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]);
    assert.deepEqual(policy, registryAccessPolicy(args.arns));
    assertNarrow(policy);
  });

  it("is assumed by the builder's role alone, for an hour at most", async () => {
    const { inputs } = (await recorded()).one("aws:iam/role:Role");
    assert.equal(inputs["maxSessionDuration"], 3600);
    const { Statement } = parsed(inputs["assumeRolePolicy"]);
    assert.equal(Statement.length, 1);
    assert.deepEqual(Statement[0]?.Condition, { ArnEquals: { "aws:PrincipalArn": args.assumedBy } });
  });

  it("answers its ARN before it exists, for the builder's policy to name", async () => {
    let access: RegistryAccess | undefined;
    await record(() => {
      access = new RegistryAccess("access", args);
    });
    assert.equal(access?.roleArn, "arn:aws:iam::123456789012:role/knative-lambda-test-registry-access");
  });

  it("refuses a name that IAM would", async () => {
    await assert.rejects(recorded({ roleName: "r".repeat(65) }), /65 characters/);
  });
});
