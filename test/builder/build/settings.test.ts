import assert from "node:assert/strict";
import { buildJobSettings, buildTimeoutSeconds, kanikoOptions } from "../../../builder/build/settings";
import { environmentSchema } from "../../../contract/environment";

describe("a build's settings", () => {
  const environment = environmentSchema.parse({
    LOG_LEVEL: "info",
    POD_NAME: "p",
    HTTP_PORT: "1",
    BROKER_PORT: "1",
    CONTEXT_PORT: "1",
    METRICS_PORT: "1",
    CONTEXT_URL: "http://builder:8082",
    BUILDER_IMAGE: "b",
    BROKER_USER: "",
    FUNCTION_NAMESPACES: "a",
    DEFAULT_NAMESPACE: "a",
    ARCHITECTURE: "arm64",
    KANIKO_IMAGE: "k",
    KANIKO_CACHE: "true",
    KANIKO_CACHE_REPO: "r/c",
    KANIKO_CACHE_TTL: "72h",
    KANIKO_CACHE_SCOPE: "namespace",
    KANIKO_CACHE_COPY_LAYERS: "true",
    KANIKO_COMPRESSED_CACHING: "false",
    KANIKO_SNAPSHOT_MODE: "redo",
    KANIKO_USE_NEW_RUN: "false",
    KANIKO_RETRIES: "3",
    KANIKO_TIMEOUT: "30m",
    KANIKO_REQUESTS_CPU: "1",
    KANIKO_REQUESTS_MEMORY: "2Gi",
    KANIKO_REQUESTS_EPHEMERAL_STORAGE: "10Gi",
    KANIKO_LIMITS_CPU: "2",
    KANIKO_LIMITS_MEMORY: "4Gi",
    KANIKO_LIMITS_EPHEMERAL_STORAGE: "20Gi",
    KANIKO_JOB_LIMIT: "100",
    CLUSTER_QUEUE: "q",
    BUILD_NAMESPACE: "n",
    BUILD_SERVICE_ACCOUNT: "s",
    BUILD_PRIORITY_CLASS: "p",
    BUILD_NODE_KEY: "",
    SOURCES_INTERNAL_HOSTS: "",
    SOURCES_PACKAGE_INDEXES: "",
    SOURCES_MAX_ARCHIVE: "1Mi",
    SOURCES_MAX_UNPACKED: "1Mi",
    SOURCES_MAX_FILES: "1",
    BUCKET: "b",
    BUCKET_ENDPOINT: "",
    BUCKET_PATH_STYLE: "false",
    BUCKET_ACCELERATE_HOST: "",
    AWS_REGION: "r",
    REGISTRY: "10.0.0.1:5000",
    REGISTRY_INSECURE: "true",
    REGISTRY_ROLE_ARN: "",
    FUNCTIONS_REPO: "r/f",
    IMAGE_RETENTION_DAYS: "1",
    BASE_IMAGE_PYTHON: "p",
    BASE_IMAGE_NODEJS: "n",
    BASE_IMAGE_PYTHON_ALPINE: "",
    BASE_IMAGE_NODEJS_ALPINE: "",
    BASE_IMAGE_GO: "g",
    BASE_IMAGE_GO_RUNTIME: "r",
    KEEP_ALIVE_BY_LABEL: "false",
    KEEP_ALIVE_FUNCTIONS: "",
    KEEP_ALIVE_MIN_SCALE: "1",
    KEEP_ALIVE_MAX_SCALE: "1",
    KEEP_ALIVE_TARGET: "1",
    KEEP_ALIVE_ALLOW_MANY: "false",
    KNATIVE_DOMAIN: "",
  });
  const own = { dockerfile: "Dockerfile", destination: "r/f/a:t", buildArgs: {}, cacheRepository: "r/c/a" };

  it("are the environment's", () => {
    const settings = buildJobSettings(environment);
    assert.equal(settings.platform, "linux/arm64");
    assert.equal(settings.nodeKey, undefined);
    assert.deepEqual(settings.limits, { cpu: "2", memory: "4Gi", "ephemeral-storage": "20Gi" });
    const options = kanikoOptions(environment, own);
    assert.deepEqual(options.cache, { repository: "r/c/a", ttl: "72h", copyLayers: true });
    assert.deepEqual(options.insecureRegistries, ["10.0.0.1:5000"]);
    assert.equal(kanikoOptions({ ...environment, KANIKO_CACHE: false }, own).cache, undefined);
    assert.deepEqual(kanikoOptions({ ...environment, REGISTRY_INSECURE: false }, own).insecureRegistries, []);
  });
  it("give a build the shorter of its function's time and the platform's", () => {
    assert.equal(buildTimeoutSeconds(600, 1800), 600);
    assert.equal(buildTimeoutSeconds(7200, 1800), 1800);
    assert.equal(buildTimeoutSeconds(undefined, 1800), 1800);
    assert.equal(buildTimeoutSeconds(0, 1800), 1);
    assert.equal(buildTimeoutSeconds(0.5, 1800), 1);
  });
});
