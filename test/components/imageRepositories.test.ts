import assert from "node:assert/strict";
import { ImageRepositories, type ImageRepositoriesArgs } from "../../components/imageRepositories";
import { imageNames } from "../../contract/imageNames";
import { tags } from "../../contract/labels";
import { assertNarrow, parsed } from "../support/iam";
import { record } from "../support/record";

const registry = "123456789012.dkr.ecr.us-west-2.amazonaws.com";
const names = (cacheRepo?: string) =>
  imageNames({
    registry,
    cacheRepo,
    functions: "functions",
    builder: "knative-lambda-builder",
    baseImagePath: "ecr-public/docker/library",
    baseImages: {},
  });
const args: ImageRepositoriesArgs = {
  names: names(),
  pullThroughPrefix: "ecr-public",
  retentionDays: 90,
  cacheTTL: "72h",
  cacheScope: "namespace",
  namespaces: ["team-a", "team-b"],
  region: "us-west-2",
  account: "123456789012",
  creationRoleName: "knative-lambda-test-ecr-creation",
  ownsRegistrySettings: false,
  protect: true,
  tags: tags("test"),
};
async function made(changes: Partial<ImageRepositoriesArgs> = {}) {
  let images: ImageRepositories | undefined;
  const all = await record(() => {
    images = new ImageRepositories("images", { ...args, ...changes });
  });
  assert.ok(images);
  return { all, arns: images.arns };
}

const REPOSITORY = "aws:ecr/repository:Repository";
const TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate";
const LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy";
const arn = (path: string) => `arn:aws:ecr:us-west-2:123456789012:repository/${path}`;

/** Days of a lifecycle policy's last rule. */
const days = (policy: unknown): number =>
  (JSON.parse(String(policy)) as { rules: { selection: { countNumber: number } }[] }).rules.at(-1)?.selection
    .countNumber ?? NaN;

describe("ImageRepositories", () => {
  it("makes exactly a cache and a functions repository for each namespace, the builder's, and the ways to more", async () => {
    const repository = (name: string) => [`${REPOSITORY} ${name}`, `${LIFECYCLE} ${name}-lifecycle`];
    const { all, arns } = await made();
    assert.deepEqual(
      all.list().split("\n"),
      [
        "knative-lambda:aws:ImageRepositories images",
        ...["images-builder", "images-cache-team-a", "images-cache-team-b"].flatMap(repository),
        ...["images-functions-team-a", "images-functions-team-b"].flatMap(repository),
        `${TEMPLATE} images-base-images-template`,
        `${TEMPLATE} images-cache-template`,
        `${TEMPLATE} images-functions-template`,
        "aws:ecr/pullThroughCacheRule:PullThroughCacheRule images-base-images",
        "aws:iam/role:Role images-creation-role",
        "aws:iam/rolePolicy:RolePolicy images-creation-policy",
      ].sort(),
    );
    assert.deepEqual(arns, {
      cache: [arn("kaniko-cache/*")],
      functions: [arn("functions/*")],
      builder: arn("knative-lambda-builder"),
      pullThrough: [arn("ecr-public/*")],
      baseImages: [],
    });
  });

  it("lets Kaniko write a cached layer again, and marks the cache as one", async () => {
    const { inputs } = (await made()).all.one(REPOSITORY, "images-cache-team-a");
    assert.equal(inputs["name"], "kaniko-cache/team-a");
    assert.equal(inputs["imageTagMutability"], "MUTABLE");
    assert.equal("imageTagMutabilityExclusionFilters" in inputs, false);
    assert.equal((inputs["tags"] as Record<string, string>)["purpose"], "cache");
  });

  it("keeps function images from change and scans them, but lets live tags move", async () => {
    const { inputs } = (await made()).all.one(REPOSITORY, "images-functions-team-a");
    assert.equal(inputs["name"], "functions/team-a");
    assert.equal(inputs["imageTagMutability"], "IMMUTABLE_WITH_EXCLUSION");
    assert.deepEqual(inputs["imageTagMutabilityExclusionFilters"], [
      { filter: "live-*", filterType: "WILDCARD" },
    ]);
    assert.deepEqual(inputs["imageScanningConfiguration"], { scanOnPush: true });
  });

  it("keeps every tag of the builder's images from change and scans them", async () => {
    const { inputs } = (await made()).all.one(REPOSITORY, "images-builder");
    assert.equal(inputs["name"], "knative-lambda-builder");
    assert.equal(inputs["imageTagMutability"], "IMMUTABLE");
    assert.deepEqual(inputs["imageScanningConfiguration"], { scanOnPush: true });
  });

  it("keeps cached layers a day longer than Kaniko asks for them, or as long as it is told", async () => {
    const kept = async (changes: Partial<ImageRepositoriesArgs>) =>
      days((await made(changes)).all.one(LIFECYCLE, "images-cache-team-a-lifecycle").inputs["policy"]);
    assert.equal(await kept({}), 4);
    assert.equal(await kept({ cacheTTL: "73h" }), 5);
    assert.equal(await kept({ cacheExpiryDays: 30 }), 30);
  });

  it("keeps function images as long as it is told", async () => {
    const { all } = await made({ retentionDays: 7 });
    assert.equal(days(all.one(LIFECYCLE, "images-functions-team-a-lifecycle").inputs["policy"]), 7);
  });

  it("makes later namespaces' repositories like those that it makes itself", async () => {
    const { all } = await made();
    for (const kind of ["functions", "cache"]) {
      const template = all.one(TEMPLATE, `images-${kind}-template`);
      const repository = all.one(REPOSITORY, `images-${kind}-team-a`);
      const lifecycle = all.one(LIFECYCLE, `images-${kind}-team-a-lifecycle`);
      assert.deepEqual(template.inputs["appliedFors"], ["CREATE_ON_PUSH"]);
      assert.equal(`${String(template.inputs["prefix"])}/team-a`, repository.inputs["name"]);
      assert.equal(template.inputs["lifecyclePolicy"], lifecycle.inputs["policy"]);
      for (const key of [
        "imageTagMutability",
        "imageTagMutabilityExclusionFilters",
        "encryptionConfigurations",
      ])
        assert.deepEqual(template.inputs[key], repository.inputs[key], key);
      assert.deepEqual(
        { ...(template.inputs["resourceTags"] as object), Name: repository.inputs["name"] },
        repository.inputs["tags"],
      );
    }
  });

  it("encrypts all alike, without which no layer is mounted from one in another", async () => {
    const { all } = await made();
    for (const { name, inputs } of [...all.all(REPOSITORY), ...all.all(TEMPLATE)])
      assert.deepEqual(inputs["encryptionConfigurations"], [{ encryptionType: "AES256" }], name);
  });

  it("takes base images from ECR Public, by a rule that waits for what they are made with", async () => {
    const { all } = await made();
    const rule = all.one("aws:ecr/pullThroughCacheRule:PullThroughCacheRule");
    assert.deepEqual(rule.inputs, {
      ecrRepositoryPrefix: "ecr-public",
      upstreamRegistryUrl: "public.ecr.aws",
    });
    const template = all.one(TEMPLATE, "images-base-images-template");
    assert.deepEqual(template.inputs["appliedFors"], ["PULL_THROUGH_CACHE"]);
    assert.equal(template.inputs["prefix"], "ecr-public");
    assert.equal(days(template.inputs["lifecyclePolicy"]), 30);
    assert.ok(rule.dependencies.includes(template.urn));
  });

  it("lets ECR make and tag repositories below the stack's prefixes, and do nothing else", async () => {
    const { all } = await made();
    const rights = all.one("aws:iam/rolePolicy:RolePolicy");
    const policy = parsed(rights.inputs["policy"]);
    assertNarrow(policy);
    assert.deepEqual(policy.Statement[0]?.Action, ["ecr:CreateRepository", "ecr:TagResource"]);
    assert.deepEqual(policy.Statement[0].Resource, [
      arn("kaniko-cache/*"),
      arn("functions/*"),
      arn("ecr-public/*"),
    ]);
    const trust = parsed(all.one("aws:iam/role:Role").inputs["assumeRolePolicy"]);
    assert.deepEqual(trust.Statement[0]?.Principal, { Service: "ecr.amazonaws.com" });
    for (const template of all.all(TEMPLATE)) assert.ok(template.dependencies.includes(rights.urn));
  });

  it("has one cache and no template for more where the cache is shared", async () => {
    const { all, arns } = await made({ cacheScope: "shared" });
    assert.deepEqual(
      all
        .all(REPOSITORY)
        .map(({ inputs }) => String(inputs["name"]))
        .sort(),
      ["functions/team-a", "functions/team-b", "kaniko-cache", "knative-lambda-builder"],
    );
    assert.equal(all.one(REPOSITORY, "images-cache").inputs["imageTagMutability"], "MUTABLE");
    assert.deepEqual(
      all
        .all(TEMPLATE)
        .map(({ inputs }) => String(inputs["prefix"]))
        .sort(),
      ["ecr-public", "functions"],
    );
    const { Statement } = parsed(all.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]);
    assert.deepEqual(Statement[0]?.Resource, [arn("functions/*"), arn("ecr-public/*")]);
    assert.deepEqual(arns.cache, [arn("kaniko-cache")]);
  });

  it("makes no cache that lies in another registry", async () => {
    for (const cacheScope of ["namespace", "shared"] as const) {
      const { all, arns } = await made({ names: names("registry.example.com/cache"), cacheScope });
      assert.doesNotMatch(all.list(), /cache-team|images-cache/);
      assert.deepEqual(arns.cache, []);
    }
  });

  it("protects function images and the builder's, not a cache that builds fill again", async () => {
    const { all } = await made();
    assert.deepEqual(
      all.registrations
        .filter(({ protect }) => protect)
        .map(({ name }) => name)
        .sort(),
      ["images-builder", "images-functions-team-a", "images-functions-team-b"],
    );
    for (const { inputs, protect } of all.all(REPOSITORY)) assert.equal(inputs["forceDelete"], !protect);
    const unprotected = (await made({ protect: false })).all;
    assert.deepEqual(
      unprotected.registrations.filter(({ protect }) => protect),
      [],
    );
  });

  it("touches the registry's own settings only where it owns them", async () => {
    const { all } = await made({ ownsRegistrySettings: true });
    assert.deepEqual(all.one("aws:ecr/accountSetting:AccountSetting").inputs, {
      name: "BLOB_MOUNTING",
      value: "ENABLED",
    });
    assert.deepEqual(all.one("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration").inputs, {
      scanType: "BASIC",
      rules: [
        { scanFrequency: "SCAN_ON_PUSH", repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }] },
      ],
    });
    assert.doesNotMatch((await made()).all.list(), /accountSetting|registryScanning/);
  });

  it("makes nothing public", async () => {
    const { all } = await made({ ownsRegistrySettings: true });
    assert.doesNotMatch(all.list(), /ecrpublic|repositoryPolicy|registryPolicy/i);
    for (const { inputs } of all.all(TEMPLATE)) assert.equal("repositoryPolicy" in inputs, false);
  });

  it("refuses paths that lie in one another, and a role name that IAM would", async () => {
    await assert.rejects(
      made({ names: names("${ECR_REGISTRY}/functions") }),
      /lie in functions, which has another lifecycle/,
    );
    await assert.rejects(made({ creationRoleName: "r".repeat(65) }), /65 characters/);
  });
});
