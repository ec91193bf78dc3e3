import { z } from "zod";
import { bytes, count, duration, flag, list, optional, quantity, text } from "./environmentText";

/** Where the value of a variable comes from. */
export type VariableSource =
  /** The builder's ConfigMap, which the program writes. */
  | "config"
  /** A Secret that an operator of the cluster made: never in the program's state, never logged. */
  | "secret"
  /** The pod itself. */
  | "pod";

interface Variable<Type extends z.ZodType<unknown, string | undefined>, Source extends VariableSource> {
  /** What it means, with its unit. */
  meaning: string;
  /** From text to value. */
  type: Type;
  source: Source;
}

const config = <Type extends z.ZodType<unknown, string>>(
  meaning: string,
  type: Type,
): Variable<Type, "config"> => ({ meaning, type, source: "config" });

const secret = (meaning: string): Variable<z.ZodOptional<z.ZodString>, "secret"> => ({
  meaning,
  type: z.string().optional(),
  source: "secret",
});

const pod = (meaning: string): Variable<typeof text, "pod"> => ({ meaning, type: text, source: "pod" });

/** The builder's whole environment. The program writes it, the service reads it; neither knows another variable. */
export const variables = {
  LOG_LEVEL: config("Least severe log line that is written.", z.enum(["debug", "info", "warn", "error"])),
  POD_NAME: pod("Name of the replica: its Lease carries it."),
  HTTP_PORT: config("Port of CloudEvents and the trigger, for authenticated callers.", count),
  BROKER_PORT: config("Port of CloudEvents from a broker that can't send a token.", count),
  CONTEXT_PORT: config("Port of build contexts and registry credentials, for build pods.", count),
  METRICS_PORT: config("Port of /metrics, /livez and /readyz.", count),
  CONTEXT_URL: config("Address under which build pods reach the context port.", z.url()),
  BUILDER_IMAGE: config("The builder's own image, which a build's init container runs.", text),
  OTEL_EXPORTER_OTLP_ENDPOINT: config(
    'OpenTelemetry\'s own variable: collector that traces go to; "" makes none.',
    optional,
  ),
  BROKER_USER: config(
    'Kubernetes user as which events of the broker port are authorised; "" keeps the port shut.',
    optional,
  ),

  FUNCTION_NAMESPACES: config("Namespaces whose source Secrets may be read.", list),
  DEFAULT_NAMESPACE: config("Namespace of an event that names none.", text),
  ARCHITECTURE: config("CPU architecture of builds and Services.", z.enum(["amd64", "arm64"])),

  KANIKO_IMAGE: config("Kaniko's executor.", text),
  KANIKO_CACHE: config("Whether builds use the layer cache.", flag),
  KANIKO_CACHE_REPO: config(
    "Prefix of the cache repositories; `/<namespace>` follows unless the scope is `shared`.",
    text,
  ),
  KANIKO_CACHE_TTL: config("Age at which a cached layer counts as a miss.", duration),
  KANIKO_CACHE_SCOPE: config("Who shares a cache.", z.enum(["namespace", "shared"])),
  KANIKO_CACHE_COPY_LAYERS: config("Whether COPY layers are cached too.", flag),
  KANIKO_COMPRESSED_CACHING: config("Whether layers are kept compressed in memory while building.", flag),
  KANIKO_SNAPSHOT_MODE: config("How changed files are found.", z.enum(["redo", "full", "time"])),
  KANIKO_USE_NEW_RUN: config("Whether Kaniko's experimental RUN is used.", flag),
  KANIKO_RETRIES: config("How often a failed push, pull or unpacking is repeated.", count),
  KANIKO_TIMEOUT: config("Longest time of one build, whatever its function asks for.", duration),
  KANIKO_REQUESTS_CPU: config("CPU request of one build, in cores.", quantity),
  KANIKO_REQUESTS_MEMORY: config("Memory request of one build, in bytes.", quantity),
  KANIKO_REQUESTS_EPHEMERAL_STORAGE: config("Disk request of one build, in bytes.", quantity),
  KANIKO_LIMITS_CPU: config("CPU limit of one build, in cores.", quantity),
  KANIKO_LIMITS_MEMORY: config("Memory limit of one build, in bytes.", quantity),
  KANIKO_LIMITS_EPHEMERAL_STORAGE: config("Disk limit of one build, in bytes.", quantity),

  KANIKO_JOB_LIMIT: config("Builds that run at once. The queue holds to it; the service reports it.", count),
  CLUSTER_QUEUE: config("Kueue's ClusterQueue, to which each namespace's LocalQueue belongs.", text),
  BUILD_NAMESPACE: config("Namespace of build Jobs and LocalQueues.", text),
  BUILD_SERVICE_ACCOUNT: config("Service account of build pods, which has no token.", text),
  BUILD_PRIORITY_CLASS: config("Priority class of build pods.", text),
  BUILD_NODE_KEY: config(
    'Label (with value `true`) and taint of the nodes for builds; "" where builds run on any node.',
    optional,
  ),

  SOURCES_INTERNAL_HOSTS: config("Hosts inside the cluster or the VPC that sources may come from.", list),
  SOURCES_PACKAGE_INDEXES: config("Hosts that builds may install from; none: any public one.", list),
  SOURCES_MAX_ARCHIVE: config("Largest archive, in bytes.", bytes),
  SOURCES_MAX_UNPACKED: config("Largest source once unpacked, in bytes.", bytes),
  SOURCES_MAX_FILES: config("Most files in a source.", count),

  BUCKET: config("The platform's bucket: sources below `<namespace>/`, and build contexts.", text),
  BUCKET_ENDPOINT: config('S3-compatible endpoint of it; "" for AWS.', optional),
  BUCKET_PATH_STYLE: config("Whether the bucket is addressed by path rather than by host.", flag),
  BUCKET_ACCELERATE_HOST: config(
    'Host for uploads from outside the region, told to users; "" for none. The service itself reads through the bucket\'s own endpoint.',
    optional,
  ),
  AWS_REGION: config("Region of bucket and registry.", text),
  AWS_ACCESS_KEY_ID: secret("Key of an S3-compatible store. On AWS the pod's identity takes its place."),
  AWS_SECRET_ACCESS_KEY: secret("The secret that belongs to AWS_ACCESS_KEY_ID."),

  REGISTRY: config("Host of the registry.", text),
  REGISTRY_INSECURE: config("Whether the registry speaks plain HTTP.", flag),
  REGISTRY_ROLE_ARN: config(
    'Role that is assumed for a build\'s registry credential; "" outside AWS.',
    optional,
  ),
  FUNCTIONS_REPO: config("Prefix of the function images; `/<namespace>` follows.", text),
  IMAGE_RETENTION_DAYS: config(
    "Days that an image is kept which no Service runs or would roll back to.",
    count,
  ),
  BASE_IMAGE_PYTHON: config("Base image of Python functions.", text),
  BASE_IMAGE_NODEJS: config("Base image of Node.js functions.", text),
  BASE_IMAGE_PYTHON_ALPINE: config(
    'Base image of Python functions that install nothing of their own; "" where they have the others\'.',
    optional,
  ),
  BASE_IMAGE_NODEJS_ALPINE: config(
    'Base image of Node.js functions that install nothing that is compiled; "" where they have the others\'.',
    optional,
  ),
  BASE_IMAGE_GO: config("Image that compiles Go functions.", text),
  BASE_IMAGE_GO_RUNTIME: config("Image that a compiled Go function lies on.", text),

  KEEP_ALIVE_FUNCTIONS: config("Functions that keep a pod, each as `namespace/name`.", list),
  KEEP_ALIVE_BY_LABEL: config("Whether functions that carry the label keep a pod too.", flag),
  KEEP_ALIVE_MIN_SCALE: config("Pods that each of them keeps.", count),
  KEEP_ALIVE_MAX_SCALE: config("Most pods of each of them.", count),
  KEEP_ALIVE_TARGET: config("Concurrent requests to a pod of theirs at which another is started.", count),
  KEEP_ALIVE_ALLOW_MANY: config("Whether 10 functions or more may be kept.", flag),
  KNATIVE_DOMAIN: config('Domain of the functions\' URLs; "" where they are for the cluster only.', optional),
} as const;

type Variables = typeof variables;
export type EnvironmentName = keyof Variables;

type NamesFrom<Source extends VariableSource> = {
  [Name in EnvironmentName]: Variables[Name]["source"] extends Source ? Name : never;
}[EnvironmentName];

/** What the program must give: every variable of the ConfigMap. A missing one doesn't compile. */
export type EnvironmentValues<Value = string> = Record<NamesFrom<"config">, Value>;

const shape = Object.fromEntries(
  Object.entries(variables).map(([name, variable]) => [name, variable.type]),
) as { [Name in EnvironmentName]: Variables[Name]["type"] };

/** `environmentSchema.parse(process.env)` is the service's typed configuration, keyed by the variables' names. */
export const environmentSchema = z.object(shape);
export type Environment = z.output<typeof environmentSchema>;

/** The names of the variables from one source, in the list's order. */
export const environmentNames = <Source extends VariableSource>(source: Source): NamesFrom<Source>[] =>
  Object.entries<Variable<z.ZodType<unknown, string | undefined>, VariableSource>>(variables)
    .filter(([, variable]) => variable.source === source)
    .map(([name]) => name as NamesFrom<Source>);
