import { z } from "zod";
import { extensions } from "./kubernetes";

export const PHASES = ["Pending", "Building", "Deploying", "Ready", "Failed", "Deleting"] as const;
export type Phase = (typeof PHASES)[number];

/** How an image came to be. */
export const STRATEGIES = ["reuse", "append", "kaniko"] as const;
export type Strategy = (typeof STRATEGIES)[number];

const time = () => z.iso.datetime();
const text = (most: number) => z.string().max(most);
const whole = () => z.int().min(0);

/** A condition as Kubernetes' API conventions define it. */
const condition = z.object({
  type: text(316).describe("Which aspect, as in BuildReady."),
  status: z.enum(["True", "False", "Unknown"]).describe("Whether it holds."),
  reason: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
    .describe("Why, in one CamelCase word."),
  message: text(32_768).describe("What it means and what to do."),
  lastTransitionTime: time().describe("When the status last changed."),
  observedGeneration: whole().optional().describe("The generation of the spec that this is about."),
});

const buildStatus = z
  .object({
    jobName: text(63)
      .optional()
      .describe("Job of the build, in the build namespace. None where an image was reused."),
    attempt: z.int32().min(0).optional().describe("How many attempts there were for this generation."),
    strategy: z.enum(STRATEGIES).optional().describe("How the image came to be."),
    imageURI: text(1024).optional().describe("The image, by digest."),
    digest: text(128).optional().describe("The image's digest, as the registry answers it."),
    startedAt: time().optional().describe("When the build was admitted."),
    completedAt: time().optional().describe("When the image's digest was verified."),
    durationSeconds: z.number().min(0).optional().describe("Seconds between the two."),
    cacheHits: whole().optional().describe("Cacheable instructions that the layer cache served."),
    cacheRequests: whole().optional().describe("All cacheable instructions of the build."),
    imageSizeBytes: whole().optional().describe("Size of the image, unpacked."),
    compressedSizeBytes: whole().optional().describe("Size of the image as it is pulled."),
    templateVersion: whole()
      .optional()
      .describe(
        "Version of the builder's templates that the image is made by. Absent: 1, or an image that was not built here.",
      ),
    error: text(32_768).optional().describe("Why the build failed, with its last log lines."),
  })
  .describe("The last build.");

const serviceStatus = z
  .object({
    serviceName: text(63).optional().describe("The Knative Service."),
    url: text(2048).optional().describe("Where the function answers."),
    ready: z.boolean().optional().describe("Whether its latest revision serves."),
    latestRevision: text(253).optional().describe("The latest revision that was ready."),
    replicas: z.int32().min(0).optional().describe("Pods that serve it."),
  })
  .describe("The service.");

/** What is the case. */
export const functionStatus = z
  .object({
    phase: z.enum(PHASES).optional().describe("Where the function is on its way."),
    observedGeneration: whole().optional().describe("The generation of the spec that was last decided on."),
    conditions: z
      .array(condition)
      .max(32)
      .optional()
      .describe("SourceReady, BuildReady, DeployReady, ServiceReady, and what of the spec has no effect.")
      .meta(extensions({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] })),
    buildStatus: buildStatus.optional(),
    serviceStatus: serviceStatus.optional(),
  })
  .describe("What is the case.");

export type FunctionStatus = z.output<typeof functionStatus>;
