import assert from "node:assert/strict";
import {
  accountOf,
  builderPolicy,
  clusterArn,
  knativePolicy,
  podIdentityTrust,
  registryAccessPolicy,
  repositoryArn,
  type RepositoryArns,
  repositoryCreationPolicy,
  roleArn,
  roleNameProblem,
  roleTrust,
  serviceTrust,
} from "../../../components/iam";
import { actionsOn, assertNarrow } from "../../support/iam";

const place = { region: "us-west-2", account: "123456789012" };
const arn = (path: string) => repositoryArn(place, path);
const images: RepositoryArns = {
  cache: [arn("kaniko-cache/*")],
  functions: [arn("functions/*")],
  builder: arn("knative-lambda-builder"),
  pullThrough: [arn("ecr-public/*")],
  baseImages: [arn("base/python")],
};
const bucketArn = "arn:aws:s3:::sources";
const registryAccessRoleArn = roleArn(place.account, "registry-access");

const PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const PUSH = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:CompleteLayerUpload",
  "ecr:InitiateLayerUpload",
  "ecr:PutImage",
  "ecr:UploadLayerPart",
];

describe("IAM policies", () => {
  const policies = {
    builder: builderPolicy({ bucketArn, images, registryAccessRoleArn }),
    knative: knativePolicy({ images }),
    "registry access": registryAccessPolicy(images),
    "repository creation": repositoryCreationPolicy(images),
  };

  for (const [name, policy] of Object.entries(policies))
    it(`${name}: names every action, and every resource by ARN but for logging in`, () => {
      assertNarrow(policy);
    });

  it("let nobody but the builder take a tag off, make a repository by hand, or touch the builder's own images", () => {
    for (const [name, policy] of Object.entries(policies)) {
      assert.deepEqual(actionsOn(policy, images.builder), []);
      const actions = policy.Statement.flatMap(({ Action }) => Action);
      assert.deepEqual(
        actions
          .filter((action) => /Delete|Lifecycle|RepositoryPolicy/.test(action))
          .filter((a) => a.startsWith("ecr:")),
        name === "builder" ? ["ecr:BatchDeleteImage"] : [],
        name,
      );
    }
  });

  describe("builder", () => {
    const policy = policies.builder;

    it("reads sources and writes nothing but build contexts", () => {
      assert.deepEqual(actionsOn(policy, bucketArn), ["s3:ListBucket"]);
      assert.deepEqual(actionsOn(policy, `${bucketArn}/team/source.tar.gz`), ["s3:GetObject"]);
      assert.deepEqual(actionsOn(policy, `${bucketArn}/contexts/abc`), [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:PutObject",
      ]);
    });

    it("checks, tags and untags function images, sees what a cache stores, and pushes no layer", () => {
      assert.deepEqual(actionsOn(policy, arn("functions/team")), [
        "ecr:BatchDeleteImage",
        "ecr:BatchGetImage",
        "ecr:DescribeImages",
        "ecr:GetDownloadUrlForLayer",
        "ecr:ListImages",
        "ecr:PutImage",
      ]);
      assert.deepEqual(actionsOn(policy, arn("kaniko-cache/team")), ["ecr:BatchGetImage", "ecr:ListImages"]);
    });

    it("finds out what a base image's tag stands for, also the first to ask for it, and changes none", () => {
      assert.deepEqual(actionsOn(policy, arn("ecr-public/docker/library/python")), [
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:CreateRepository",
        "ecr:GetDownloadUrlForLayer",
      ]);
      assert.deepEqual(actionsOn(policy, arn("base/python")), PULL);
    });

    it("assumes the role of registry credentials and no other", () => {
      assert.deepEqual(actionsOn(policy, registryAccessRoleArn), ["sts:AssumeRole", "sts:TagSession"]);
      assert.deepEqual(actionsOn(policy, roleArn(place.account, "another")), []);
    });
  });

  describe("knative", () => {
    it("pulls function and base images, and writes nothing", () => {
      assert.deepEqual(actionsOn(policies.knative, arn("functions/team")), PULL);
      assert.deepEqual(actionsOn(policies.knative, arn("ecr-public/docker/library/python")), [
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:GetDownloadUrlForLayer",
      ]);
      assert.deepEqual(actionsOn(policies.knative, arn("kaniko-cache/team")), []);
    });
  });

  describe("registry access", () => {
    it("pulls, pushes and makes on first push in the repositories of functions and caches", () => {
      const expected = [...PULL, ...PUSH, "ecr:CreateRepository"].sort();
      assert.deepEqual(actionsOn(policies["registry access"], arn("functions/team")), expected);
      assert.deepEqual(actionsOn(policies["registry access"], arn("kaniko-cache/team")), expected);
    });

    it("pulls base images, also for the first time, and pushes none", () => {
      assert.deepEqual(actionsOn(policies["registry access"], arn("ecr-public/docker/library/python")), [
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:CreateRepository",
        "ecr:GetDownloadUrlForLayer",
      ]);
    });

    it("pulls base images of one's own, and pushes none", () => {
      assert.deepEqual(actionsOn(policies["registry access"], arn("base/python")), PULL);
    });

    it("does without a cache in this registry", () => {
      const policy = registryAccessPolicy({ ...images, cache: [] });
      assertNarrow(policy);
      assert.deepEqual(actionsOn(policy, arn("kaniko-cache/team")), []);
    });
  });

  it("leave out a statement about no resource, which IAM would refuse", () => {
    assert.deepEqual(repositoryCreationPolicy({ cache: [], functions: [], pullThrough: [] }).Statement, []);
  });
});

describe("trust policies", () => {
  it("admit one service account of one cluster", () => {
    assert.deepEqual(
      podIdentityTrust({
        clusterArn: clusterArn(place, "knative-lambda-test"),
        namespace: "system",
        serviceAccount: "builder",
      }),
      {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "PodIdentity",
            Effect: "Allow",
            Principal: { Service: "pods.eks.amazonaws.com" },
            Action: ["sts:AssumeRole", "sts:TagSession"],
            Condition: {
              StringEquals: {
                "aws:RequestTag/eks-cluster-arn":
                  "arn:aws:eks:us-west-2:123456789012:cluster/knative-lambda-test",
                "aws:RequestTag/kubernetes-namespace": "system",
                "aws:RequestTag/kubernetes-service-account": "builder",
              },
            },
          },
        ],
      },
    );
  });

  it("admit one role of the account, by a condition that outlives the role", () => {
    const [statement] = roleTrust("arn:aws:iam::123456789012:role/builder").Statement;
    assert.deepEqual(statement?.Principal, { AWS: "arn:aws:iam::123456789012:root" });
    assert.deepEqual(statement.Condition, {
      ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/builder" },
    });
  });

  it("admit a service and nobody else", () => {
    assert.deepEqual(serviceTrust("ecr.amazonaws.com").Statement[0]?.Principal, {
      Service: "ecr.amazonaws.com",
    });
  });
});

describe("ARNs and role names", () => {
  it("are built from names, so that a preview knows them", () => {
    assert.equal(arn("functions/a"), "arn:aws:ecr:us-west-2:123456789012:repository/functions/a");
    assert.equal(accountOf(roleArn("123456789012", "a")), "123456789012");
  });

  it("have an account, or are no account's", () => {
    assert.throws(() => accountOf("arn:aws:s3:::sources"), /no ARN of an account's resource/);
    assert.throws(() => accountOf("builder"), /no ARN of an account's resource/);
  });

  it("are as long as IAM takes them", () => {
    assert.equal(roleNameProblem("a".repeat(64)), undefined);
    assert.match(roleNameProblem("a".repeat(65)) ?? "", /65 characters, and IAM takes 64; choose a shorter/);
  });
});
