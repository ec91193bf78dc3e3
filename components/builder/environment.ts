import * as pulumi from "@pulumi/pulumi";
import type { EnvironmentValues } from "../../contract/environment";
import type { ImageNames } from "../../contract/imageNames";
import {
  BROKER_SERVICE_ACCOUNT,
  BUILD_NAMESPACE,
  BUILD_NODE_KEY,
  BUILD_PRIORITY_CLASS,
  BUILD_SERVICE_ACCOUNT,
  BUILDER,
  CLUSTER_QUEUE,
  PORTS,
  SYSTEM_NAMESPACE,
} from "../../contract/names";
import type { Settings } from "../../settings";

/** What the builder must know beside the settings. */
export interface EnvironmentFacts {
  settings: Settings;
  names: ImageNames;
  /** The builder's own image. */
  builderImage: pulumi.Input<string>;
  bucket: {
    name: pulumi.Input<string>;
    region: string;
    /** S3-compatible endpoint; "" on AWS. */
    endpoint: string;
    /** Host for uploads from outside the region, where Transfer Acceleration is on. */
    accelerateEndpoint?: pulumi.Input<string | undefined> | undefined;
  };
  /** Role that is assumed for a build's registry credential; "" outside AWS. */
  registryRoleArn: pulumi.Input<string>;
  /** The stack has nodes for builds alone. */
  buildNodes: boolean;
}

/** The builder's environment. Every setting that tunes builds, cache or keep-alive reaches the service through here. */
export function environmentOf(facts: EnvironmentFacts): EnvironmentValues<pulumi.Input<string>> {
  const { settings, names, builderImage, bucket, registryRoleArn, buildNodes } = facts;
  const { builderService, functions, imageRepositories, keepAlive, knative, monitoring, sources } = settings;
  const { kaniko } = builderService;
  const { requests, limits } = kaniko.resources;
  return {
    LOG_LEVEL: builderService.logLevel,
    HTTP_PORT: String(PORTS.http),
    BROKER_PORT: String(PORTS.broker),
    CONTEXT_PORT: String(PORTS.context),
    METRICS_PORT: String(PORTS.metrics),
    CONTEXT_URL: `http://${BUILDER}.${SYSTEM_NAMESPACE}.svc:${PORTS.context}`,
    BUILDER_IMAGE: builderImage,
    BROKER_USER:
      builderService.eventSenders.length > 0
        ? `system:serviceaccount:${SYSTEM_NAMESPACE}:${BROKER_SERVICE_ACCOUNT}`
        : "",

    OTEL_EXPORTER_OTLP_ENDPOINT: monitoring.traces ?? "",

    FUNCTION_NAMESPACES: functions.namespaces.join(","),
    DEFAULT_NAMESPACE: functions.defaultNamespace,
    ARCHITECTURE: settings.platform.architecture,

    KANIKO_IMAGE: kaniko.image,
    KANIKO_CACHE: String(kaniko.cache),
    KANIKO_CACHE_REPO: names.cachePrefix,
    KANIKO_CACHE_TTL: kaniko.cacheTTL,
    KANIKO_CACHE_SCOPE: kaniko.cacheScope,
    KANIKO_CACHE_COPY_LAYERS: String(kaniko.cacheCopyLayers),
    KANIKO_COMPRESSED_CACHING: String(kaniko.compressedCaching),
    KANIKO_SNAPSHOT_MODE: kaniko.snapshotMode,
    KANIKO_USE_NEW_RUN: String(kaniko.useNewRun),
    KANIKO_RETRIES: String(kaniko.retries),
    KANIKO_TIMEOUT: kaniko.timeout,
    KANIKO_REQUESTS_CPU: requests.cpu,
    KANIKO_REQUESTS_MEMORY: requests.memory,
    KANIKO_REQUESTS_EPHEMERAL_STORAGE: requests["ephemeral-storage"],
    KANIKO_LIMITS_CPU: limits.cpu,
    KANIKO_LIMITS_MEMORY: limits.memory,
    KANIKO_LIMITS_EPHEMERAL_STORAGE: limits["ephemeral-storage"],

    KANIKO_JOB_LIMIT: String(builderService.kanikoJobLimit),
    CLUSTER_QUEUE,
    BUILD_NAMESPACE,
    BUILD_SERVICE_ACCOUNT,
    BUILD_PRIORITY_CLASS,
    BUILD_NODE_KEY: buildNodes ? BUILD_NODE_KEY : "",

    SOURCES_INTERNAL_HOSTS: sources.internalHosts.join(","),
    SOURCES_PACKAGE_INDEXES: sources.packageIndexes.join(","),
    SOURCES_MAX_ARCHIVE: sources.maxArchive,
    SOURCES_MAX_UNPACKED: sources.maxUnpacked,
    SOURCES_MAX_FILES: String(sources.maxFiles),

    BUCKET: bucket.name,
    BUCKET_ENDPOINT: bucket.endpoint,
    BUCKET_PATH_STYLE: String(bucket.endpoint !== ""),
    BUCKET_ACCELERATE_HOST: pulumi.output(bucket.accelerateEndpoint).apply((host) => host ?? ""),
    AWS_REGION: bucket.region,

    REGISTRY: names.registry,
    REGISTRY_INSECURE: String(imageRepositories.insecure),
    REGISTRY_ROLE_ARN: registryRoleArn,
    FUNCTIONS_REPO: names.functionsPrefix,
    IMAGE_RETENTION_DAYS: String(imageRepositories.retentionDays),
    BASE_IMAGE_PYTHON: names.baseImages.python,
    BASE_IMAGE_NODEJS: names.baseImages.nodejs,
    BASE_IMAGE_PYTHON_ALPINE: names.baseImages.pythonAlpine ?? "",
    BASE_IMAGE_NODEJS_ALPINE: names.baseImages.nodejsAlpine ?? "",
    BASE_IMAGE_GO: names.baseImages.go,
    BASE_IMAGE_GO_RUNTIME: names.baseImages.goRuntime,

    KEEP_ALIVE_FUNCTIONS: keepAlive.functions
      .map((name) => (name.includes("/") ? name : `${functions.defaultNamespace}/${name}`))
      .join(","),
    KEEP_ALIVE_BY_LABEL: String(keepAlive.byLabel),
    KEEP_ALIVE_MIN_SCALE: String(keepAlive.minScale),
    KEEP_ALIVE_MAX_SCALE: String(keepAlive.maxScale),
    KEEP_ALIVE_TARGET: String(keepAlive.target),
    KEEP_ALIVE_ALLOW_MANY: String(keepAlive.allowMany),
    KNATIVE_DOMAIN: knative.domain ?? "",
  };
}
