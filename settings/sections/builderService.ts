import { z } from "zod";
import { bytes, cores, dnsLabel, duration, imageReference, repositoryPrefix } from "../scalars";

/**
 * CPU and memory of a container, with SRE-002's field names. Disk only where `disk` says so.
 * The defaults go in as text so that a stack file may set one of them and keep the others.
 */
const computeResources = (
  what: string,
  requests: { cpu: string; memory: string },
  limits: { cpu: string; memory: string },
) => {
  const amounts = (kind: string, defaults: { cpu: string; memory: string }) =>
    z
      .strictObject({
        cpu: cores("1000m").prefault(defaults.cpu).describe(`CPU ${kind} of ${what}.`),
        memory: bytes("2Gi", "32Mi").prefault(defaults.memory).describe(`Memory ${kind} of ${what}.`),
      })
      .prefault({});
  return z
    .strictObject({ requests: amounts("request", requests), limits: amounts("limit", limits) })
    .prefault({});
};

const kanikoAmounts = (kind: string, defaults: { cpu: string; memory: string; disk: string }, trap: string) =>
  z
    .strictObject({
      cpu: cores("1000m").prefault(defaults.cpu).describe(`CPU ${kind} of one build. ${trap}`),
      memory: bytes("2Gi", "32Mi").prefault(defaults.memory).describe(`Memory ${kind} of one build. ${trap}`),
      "ephemeral-storage": bytes("10Gi", "32Mi")
        .prefault(defaults.disk)
        .describe(
          `Disk ${kind} of one build: Kaniko unpacks base image and layers into its own root. ${trap}`,
        ),
    })
    .prefault({});

/** Kaniko: its cache, its image and what one build gets. Field names of SRE-002's values.yaml where it has them. */
export const kaniko = z
  .strictObject({
    image: imageReference()
      .prefault("ghcr.io/osscontainertools/kaniko:v1.28.3")
      .describe("Kaniko's executor, of the maintained fork. `npm run pin` writes its digest."),
    cache: z.boolean().prefault(true).describe("Layer cache (SRE-002, technique 1)."),
    cacheRepo: repositoryPrefix()
      .optional()
      .describe(
        "Prefix of the cache repositories; `/<namespace>` follows unless `cacheScope` is `shared`. `${ECR_REGISTRY}` stands for the stack's registry, on AWS the only one whose credential builds have. Absent: `<registry>/kaniko-cache`. Storage costs $0.10 per GB and month.",
      ),
    cacheTTL: duration("72h", 60)
      .prefault("72h")
      .describe(
        "Age at which Kaniko takes a cached layer for a miss, counted from when it was written, not last used: each layer is built anew once per this time.",
      ),
    cacheScope: z
      .enum(["namespace", "shared"])
      .prefault("namespace")
      .describe(
        "`shared` gives all namespaces one cache: more hits, but a tenant that can write it can plant a layer in another's image.",
      ),
    cacheCopyLayers: z.boolean().prefault(true).describe("Cache COPY layers too, not only RUN."),
    compressedCaching: z
      .boolean()
      .prefault(false)
      .describe(
        "Keep layers compressed in memory while building. Costs memory in proportion to the largest layer and rarely saves time.",
      ),
    snapshotMode: z
      .enum(["redo", "full", "time"])
      .prefault("redo")
      .describe(
        "How Kaniko finds changed files. `redo` is up to twice as fast as `full`; `time` may miss what a RUN changes.",
      ),
    useNewRun: z
      .boolean()
      .prefault(false)
      .describe("Kaniko's experimental RUN: much faster on many files, may miss some."),
    retries: z
      .int()
      .min(0)
      .max(10)
      .prefault(3)
      .describe("How often Kaniko repeats a failed push, pull or unpacking; its own default is never."),
    timeout: duration("30m", 60)
      .prefault("30m")
      .describe("Longest time that one build may run, whatever its function asks for."),
    resources: z
      .strictObject({
        requests: kanikoAmounts(
          "request",
          { cpu: "1000m", memory: "2Gi", disk: "10Gi" },
          "Times `kanikoJobLimit`, this is what the build nodes must hold: it buys speed and costs nodes.",
        ),
        limits: kanikoAmounts(
          "limit",
          { cpu: "2000m", memory: "4Gi", disk: "20Gi" },
          "A build that needs more memory or disk than this is ended.",
        ),
      })
      .prefault({})
      .describe("Resources of one build (SRE-002, technique 4)."),
  })
  .prefault({});

/** The builder: SRE-002's `builderService`, field for field, so that its values.yaml carries over. */
export const builderService = z
  .strictObject({
    image: imageReference()
      .optional()
      .describe(
        "The builder's own image. Absent on AWS: repository `<imageRepositories.builder>` of the stack's registry, tagged with this project's version.",
      ),
    replicas: z
      .int()
      .min(1)
      .max(50)
      .prefault(3)
      .describe("Replicas without an autoscaler; with one, the HPA alone decides and this has no effect."),
    kanikoJobLimit: z
      .int()
      .min(1)
      .max(5000)
      .prefault(100)
      .describe("Builds that run at once (SRE-002, technique 5): the build queue's quota of pods."),
    autoscaling: z
      .strictObject({
        enabled: z
          .boolean()
          .prefault(true)
          .describe("Scale the builder by a HorizontalPodAutoscaler. Needs metrics-server."),
        minReplicas: z.int().min(1).max(50).prefault(2).describe("Fewest replicas."),
        maxReplicas: z.int().min(1).max(50).prefault(10).describe("Most replicas."),
        targetCPU: z
          .int()
          .min(1)
          .max(100)
          .prefault(70)
          .describe("CPU use to scale at, in per cent of the request."),
      })
      .prefault({}),
    resources: computeResources(
      "a replica of the builder",
      { cpu: "1", memory: "2Gi" },
      { cpu: "2", memory: "4Gi" },
    ),
    logLevel: z
      .enum(["debug", "info", "warn", "error"])
      .prefault("info")
      .describe("Least severe log line that the builder writes."),
    eventSenders: z
      .array(dnsLabel())
      .prefault([])
      .describe("Namespaces whose pods may send CloudEvents to the builder's broker port."),
    kaniko,
  })
  .prefault({});
