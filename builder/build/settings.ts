import type { Environment } from "../../contract/environment";
import type { BuildJobSettings } from "./buildJob";
import type { KanikoOptions } from "./kaniko/arguments";
import { platformOf } from "./platform";

/** What the environment says of every build's Job. */
export const buildJobSettings = (environment: Environment): BuildJobSettings => ({
  namespace: environment.BUILD_NAMESPACE,
  serviceAccount: environment.BUILD_SERVICE_ACCOUNT,
  priorityClass: environment.BUILD_PRIORITY_CLASS,
  kanikoImage: environment.KANIKO_IMAGE,
  builderImage: environment.BUILDER_IMAGE,
  contextUrl: environment.CONTEXT_URL,
  platform: platformOf(environment.ARCHITECTURE),
  requests: {
    cpu: environment.KANIKO_REQUESTS_CPU,
    memory: environment.KANIKO_REQUESTS_MEMORY,
    "ephemeral-storage": environment.KANIKO_REQUESTS_EPHEMERAL_STORAGE,
  },
  limits: {
    cpu: environment.KANIKO_LIMITS_CPU,
    memory: environment.KANIKO_LIMITS_MEMORY,
    "ephemeral-storage": environment.KANIKO_LIMITS_EPHEMERAL_STORAGE,
  },
  nodeKey: environment.BUILD_NODE_KEY,
});

/** What one build adds to the environment's. */
export interface OwnOptions extends Pick<KanikoOptions, "dockerfile" | "destination" | "buildArgs"> {
  /** Repository of the layers that the function's namespace may use. */
  cacheRepository: string;
}

/** Kaniko's options for one build. */
export const kanikoOptions = (
  environment: Environment,
  { cacheRepository, ...own }: OwnOptions,
): KanikoOptions => ({
  ...own,
  platform: platformOf(environment.ARCHITECTURE),
  cache: environment.KANIKO_CACHE
    ? {
        repository: cacheRepository,
        ttl: environment.KANIKO_CACHE_TTL.text,
        copyLayers: environment.KANIKO_CACHE_COPY_LAYERS,
      }
    : undefined,
  compressedCaching: environment.KANIKO_COMPRESSED_CACHING,
  snapshotMode: environment.KANIKO_SNAPSHOT_MODE,
  useNewRun: environment.KANIKO_USE_NEW_RUN,
  retries: environment.KANIKO_RETRIES,
  insecureRegistries: environment.REGISTRY_INSECURE ? [environment.REGISTRY] : [],
});

/** Longest time of one build, in whole seconds: what its function asks for, or the platform's limit where that is shorter. */
export const buildTimeoutSeconds = (askedSeconds: number | undefined, limitSeconds: number): number =>
  Math.max(1, Math.ceil(Math.min(askedSeconds ?? limitSeconds, limitSeconds)));
