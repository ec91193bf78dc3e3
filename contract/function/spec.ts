import { z } from "zod";
import { anyObject, extensions, goDuration, keyRef, kubernetesQuantity } from "./kubernetes";
import { source } from "./source";

export const LANGUAGES = ["nodejs", "python", "go"] as const;
export type Language = (typeof LANGUAGES)[number];

const runtime = z
  .object({
    language: z.enum(LANGUAGES).describe("Language of the function."),
    version: z.string().min(1).max(64).describe("Version of the language, as in 3.13."),
    handler: z
      .string()
      .min(1)
      .max(255)
      .default("index.handler")
      .describe("Module and function that take the event's data, as in main.handler."),
  })
  .describe("What the function runs on.");

const scaling = z
  .object({
    minReplicas: z
      .int32()
      .min(0)
      .default(0)
      .describe(
        "Fewest pods. Each pod that is kept costs about $5 a month by SRE-002, more where it is larger.",
      ),
    maxReplicas: z.int32().min(1).default(50).describe("Most pods."),
    targetConcurrency: z
      .int32()
      .min(1)
      .default(10)
      .describe("Concurrent requests to a pod at which another is started."),
    // No default here, though the public operator's is 30s: one would go before the platform's setting, which is 30s where nobody sets it.
    scaleToZeroGracePeriod: goDuration()
      .optional()
      .describe(
        "How long the last pod is kept after its last request. Absent: as long as the platform's knative.scaleToZeroRetention says.",
      ),
  })
  .describe("How many pods serve the function.")
  .meta(
    extensions({
      "x-kubernetes-validations": [
        {
          rule: "!has(self.minReplicas) || !has(self.maxReplicas) || self.minReplicas <= self.maxReplicas",
          message: "minReplicas is above maxReplicas (50 where none is given); lower it or raise maxReplicas",
        },
      ],
    }),
  );

const resources = z
  .object({
    requests: z
      .object({
        cpu: kubernetesQuantity().default("50m").describe("CPU that a pod asks for."),
        memory: kubernetesQuantity().default("64Mi").describe("Memory that a pod asks for."),
      })
      .optional()
      .describe("What a pod asks for."),
    limits: z
      .object({
        // No default: 50m, which the public operator set, alone makes a cold start slow.
        cpu: kubernetesQuantity().optional().describe("Most CPU of a pod. None unless given."),
        memory: kubernetesQuantity().default("64Mi").describe("Memory at which a pod is ended."),
      })
      .optional()
      .describe("The most that a pod gets."),
  })
  .describe("Resources of the function's container.");

const variable = z.object({
  name: z.string().min(1).max(253).describe("Name of the variable."),
  value: z.string().max(32_768).optional().describe("Its value."),
  valueFrom: z
    .object({
      secretKeyRef: keyRef("Secret").optional(),
      configMapKeyRef: keyRef("ConfigMap").optional(),
      fieldRef: z
        .object({
          apiVersion: z.string().max(64).optional().describe("Version in which the path is written."),
          fieldPath: z.string().max(512).describe("Path of the field, as in metadata.name."),
        })
        .optional()
        .describe("A field of the pod."),
      resourceFieldRef: z
        .object({
          containerName: z.string().max(63).optional().describe("Name of the container."),
          resource: z.string().max(64).describe("Resource, as in limits.memory."),
          divisor: z
            .union([z.int(), z.string().max(64)])
            .meta(extensions({ "x-kubernetes-int-or-string": true }))
            .optional()
            .describe("Unit in which the amount is given."),
        })
        .optional()
        .describe("A resource of the container."),
    })
    .optional()
    .describe("Where the value comes from instead."),
});

const build = z
  .object({
    timeout: goDuration()
      .default("30m")
      .describe("Longest time that the build may run. The platform's own limit holds where it is shorter."),
    forceRebuild: z.boolean().default(false).describe("Build once per generation though an image exists."),
    registry: z.string().max(255).optional().describe("No effect: images go to the platform's registry."),
    registryType: z
      .enum(["local", "ecr", "gcr", "ghcr", "dockerhub", "generic"])
      .default("local")
      .describe("No effect: the platform knows its registry."),
    repository: z
      .string()
      .max(255)
      .optional()
      .describe("No effect: a namespace's images have a repository of their own."),
    tag: z.string().max(128).optional().describe("No effect: images are served by digest."),
    imagePullSecret: z
      .string()
      .max(253)
      .optional()
      .describe("Secret in the function's namespace to pull the image with."),
    awsRegion: z.string().max(64).optional().describe("No effect: the platform knows its region."),
    insecure: z
      .boolean()
      .default(false)
      .describe("No effect: the platform knows whether its registry speaks TLS."),
  })
  .describe("How the function is built.");

/** What a user asks for. Every field that manifests for the public operator may carry is accepted. */
export const functionSpec = z
  .object({
    source,
    runtime,
    scaling: scaling.optional(),
    resources: resources.optional(),
    env: z.array(variable).max(256).optional().describe("Environment variables of the function."),
    build: build.optional(),
    triggers: z.array(anyObject()).max(64).optional().describe("Kept without effect: see conditions."),
    eventing: anyObject().optional().describe("Kept without effect: see conditions."),
    observability: anyObject().optional().describe("Kept without effect: see conditions."),
  })
  .describe("What is asked for.");

/** A spec as the API server answers it: with its defaults. */
export type FunctionSpec = z.output<typeof functionSpec>;
