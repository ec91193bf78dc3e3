import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { environmentSchema } from "../../../contract/environment";
import { valueOf } from "../../support/record";
import { settingsOf } from "../../support/settings";
import { environmentFor, REGISTRY } from "./fixture";

type Values = Record<string, unknown>;

async function environment(
  values: Values = {},
  changes: { accelerateEndpoint?: string | undefined } = {},
): Promise<Record<string, string>> {
  const known = await valueOf(pulumi.output(environmentFor(settingsOf(values), changes)));
  assert.ok(known);
  return known;
}

/** A setting, in dots, as a stack file would say it. */
const setting = (path: string, value: unknown): Values =>
  path
    .split(".")
    .reverse()
    .reduce<unknown>((inner, key) => ({ [key]: inner }), value) as Values;

/** Each setting that the service must know, with another value than the default, and what it changes. */
const TUNING: [path: string, value: unknown, expected: Record<string, string>][] = [
  ["builderService.logLevel", "debug", { LOG_LEVEL: "debug" }],
  ["builderService.kanikoJobLimit", 50, { KANIKO_JOB_LIMIT: "50" }],
  [
    "builderService.eventSenders",
    ["events"],
    { BROKER_USER: "system:serviceaccount:knative-lambda-system:knative-lambda-broker" },
  ],
  ["builderService.kaniko.image", "ghcr.io/a/kaniko:v2.0.0", { KANIKO_IMAGE: "ghcr.io/a/kaniko:v2.0.0" }],
  ["builderService.kaniko.cache", false, { KANIKO_CACHE: "false" }],
  ["builderService.kaniko.cacheRepo", "${ECR_REGISTRY}/layers", { KANIKO_CACHE_REPO: `${REGISTRY}/layers` }],
  ["builderService.kaniko.cacheTTL", "24h", { KANIKO_CACHE_TTL: "24h" }],
  ["builderService.kaniko.cacheScope", "shared", { KANIKO_CACHE_SCOPE: "shared" }],
  ["builderService.kaniko.cacheCopyLayers", false, { KANIKO_CACHE_COPY_LAYERS: "false" }],
  ["builderService.kaniko.compressedCaching", true, { KANIKO_COMPRESSED_CACHING: "true" }],
  ["builderService.kaniko.snapshotMode", "full", { KANIKO_SNAPSHOT_MODE: "full" }],
  ["builderService.kaniko.useNewRun", true, { KANIKO_USE_NEW_RUN: "true" }],
  ["builderService.kaniko.retries", 0, { KANIKO_RETRIES: "0" }],
  ["builderService.kaniko.timeout", "15m", { KANIKO_TIMEOUT: "15m" }],
  ["builderService.kaniko.resources.requests.cpu", "500m", { KANIKO_REQUESTS_CPU: "500m" }],
  ["builderService.kaniko.resources.requests.memory", "1Gi", { KANIKO_REQUESTS_MEMORY: "1Gi" }],
  [
    "builderService.kaniko.resources.requests.ephemeral-storage",
    "5Gi",
    { KANIKO_REQUESTS_EPHEMERAL_STORAGE: "5Gi" },
  ],
  ["builderService.kaniko.resources.limits.cpu", 3, { KANIKO_LIMITS_CPU: "3" }],
  ["builderService.kaniko.resources.limits.memory", "6Gi", { KANIKO_LIMITS_MEMORY: "6Gi" }],
  [
    "builderService.kaniko.resources.limits.ephemeral-storage",
    "40Gi",
    { KANIKO_LIMITS_EPHEMERAL_STORAGE: "40Gi" },
  ],
  ["platform.architecture", "arm64", { ARCHITECTURE: "arm64" }],
  ["functions.namespaces", ["knative-lambda", "team-a"], { FUNCTION_NAMESPACES: "knative-lambda,team-a" }],
  ["sources.internalHosts", ["git.corp.example"], { SOURCES_INTERNAL_HOSTS: "git.corp.example" }],
  [
    "sources.packageIndexes",
    ["index.example.com", "*.example.org"],
    { SOURCES_PACKAGE_INDEXES: "index.example.com,*.example.org" },
  ],
  ["sources.maxArchive", "10Mi", { SOURCES_MAX_ARCHIVE: "10Mi" }],
  ["sources.maxUnpacked", "1Gi", { SOURCES_MAX_UNPACKED: "1Gi" }],
  ["sources.maxFiles", 20, { SOURCES_MAX_FILES: "20" }],
  ["imageRepositories.retentionDays", 7, { IMAGE_RETENTION_DAYS: "7" }],
  ["imageRepositories.functions", "team/functions", { FUNCTIONS_REPO: `${REGISTRY}/team/functions` }],
  [
    "imageRepositories.baseImages.python",
    `${REGISTRY}/python:3.14-slim`,
    { BASE_IMAGE_PYTHON: `${REGISTRY}/python:3.14-slim` },
  ],
  [
    "imageRepositories.baseImages.pythonAlpine",
    `${REGISTRY}/python:3.13-alpine`,
    { BASE_IMAGE_PYTHON_ALPINE: `${REGISTRY}/python:3.13-alpine` },
  ],
  [
    "imageRepositories.baseImages.nodejsAlpine",
    `${REGISTRY}/node:22-alpine`,
    { BASE_IMAGE_NODEJS_ALPINE: `${REGISTRY}/node:22-alpine` },
  ],
  ["keepAlive.functions", ["hot", "team-a/hot"], { KEEP_ALIVE_FUNCTIONS: "knative-lambda/hot,team-a/hot" }],
  ["keepAlive.minScale", 2, { KEEP_ALIVE_MIN_SCALE: "2" }],
  ["keepAlive.maxScale", 20, { KEEP_ALIVE_MAX_SCALE: "20" }],
  ["keepAlive.target", 100, { KEEP_ALIVE_TARGET: "100" }],
  ["keepAlive.allowMany", true, { KEEP_ALIVE_ALLOW_MANY: "true" }],
  ["knative.domain", "functions.example.com", { KNATIVE_DOMAIN: "functions.example.com" }],
];

describe("environmentOf", () => {
  for (const [path, value, expected] of TUNING) {
    it(`brings ${path} to the service, and nothing else with it`, async () => {
      const before = await environment();
      const after = await environment(setting(path, value));
      const changed = Object.fromEntries(
        Object.entries(after).filter(([name, text]) => before[name] !== text),
      );
      assert.deepEqual(changed, expected);
    });
  }

  it("carries SRE-002's values by default", async () => {
    const values = await environment();
    const promised = {
      KANIKO_CACHE: "true",
      KANIKO_CACHE_REPO: `${REGISTRY}/kaniko-cache`,
      KANIKO_CACHE_TTL: "72h",
      KANIKO_REQUESTS_CPU: "1",
      KANIKO_REQUESTS_MEMORY: "2Gi",
      KANIKO_LIMITS_CPU: "2",
      KANIKO_LIMITS_MEMORY: "4Gi",
      KANIKO_JOB_LIMIT: "100",
      KEEP_ALIVE_MIN_SCALE: "1",
      KEEP_ALIVE_MAX_SCALE: "10",
      KEEP_ALIVE_TARGET: "10",
      BUCKET_ACCELERATE_HOST: "sources.s3-accelerate.amazonaws.com",
    };
    assert.deepEqual(Object.fromEntries(Object.keys(promised).map((name) => [name, values[name]])), promised);
  });

  it("tells uploaders of no accelerated host where there is none, and never reads through one", async () => {
    const values = await environment({}, { accelerateEndpoint: undefined });
    assert.equal(values["BUCKET_ACCELERATE_HOST"], "");
    assert.equal((await environment())["BUCKET_ENDPOINT"], "");
  });

  it("is what the service can read", async () => {
    const read = environmentSchema.parse({ ...(await environment()), POD_NAME: "builder-1" });
    assert.deepEqual(read.KANIKO_CACHE_TTL, { text: "72h", seconds: 259_200 });
    assert.deepEqual(read.FUNCTION_NAMESPACES, ["knative-lambda"]);
    assert.deepEqual(read.KEEP_ALIVE_FUNCTIONS, []);
    assert.equal(read.SOURCES_MAX_ARCHIVE, 100 * 2 ** 20);
    assert.equal(read.BROKER_USER, undefined);
    assert.equal(read.BUILD_NODE_KEY, "knative-lambda.io/builds");
    assert.equal(read.CONTEXT_URL, "http://knative-lambda-builder.knative-lambda-system.svc:8082");
  });
});
