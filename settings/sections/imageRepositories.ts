import { z } from "zod";
import { imageReference, registryHost, repositoryPath } from "../scalars";

/** Repositories of images: ECR on AWS, a registry that exists elsewhere. */
export const imageRepositories = z
  .strictObject({
    registry: registryHost()
      .optional()
      .describe(
        "`target: cluster` only, and needed there: the registry's host. On AWS it is the account's ECR.",
      ),
    insecure: z.boolean().prefault(false).describe("`target: cluster` only: the registry speaks plain HTTP."),
    functions: repositoryPath()
      .prefault("functions")
      .describe("Prefix of the function images' repositories; `/<namespace>` follows."),
    builder: repositoryPath()
      .prefault("knative-lambda-builder")
      .describe("Repository of the builder's own image."),
    retentionDays: z
      .int()
      .min(1)
      .max(3650)
      .prefault(90)
      .describe(
        "Days that a function's image is kept. What a Service runs, or would roll back to, is kept whatever its age.",
      ),
    cacheExpiryDays: z
      .int()
      .min(1)
      .max(3650)
      .optional()
      .describe(
        "Days after which ECR expires a cached layer; not below `cacheTTL`. Absent: `cacheTTL` in days, rounded up, and one more.",
      ),
    pullThroughPrefix: repositoryPath()
      .prefault("ecr-public")
      .describe("Prefix of the pull-through cache of ECR Public, from which builds take their base images."),
    baseImages: z
      .strictObject({
        python: imageReference()
          .optional()
          .describe(
            "Base image of Python functions. Absent: `docker/library/python:3.13-slim` through the pull-through cache (AWS), or the registry's `python:3.13-slim`.",
          ),
        nodejs: imageReference()
          .optional()
          .describe("Base image of Node.js functions. Absent: `node:22-slim`, likewise."),
        pythonAlpine: imageReference()
          .optional()
          .describe(
            "Smaller base, on musl, for Python functions that install nothing of their own, as in `<registry>/python:3.13-alpine`. What serves them is then partly installed from source. Absent: the base of all others.",
          ),
        nodejsAlpine: imageReference()
          .optional()
          .describe(
            "Smaller base, on musl, for Node.js functions that install nothing that is compiled, as in `<registry>/node:22-alpine`. Absent: the base of all others.",
          ),
        go: imageReference()
          .optional()
          .describe("Image that compiles Go functions. Absent: `golang:1.26`, likewise."),
        goRuntime: imageReference()
          .optional()
          .describe("Image that a compiled Go function lies on. Absent: `alpine:3.22`, likewise."),
      })
      .prefault({}),
    ownsRegistrySettings: z
      .boolean()
      .prefault(false)
      .describe(
        "This stack sets what ECR has one of per account and region: blob mounting (a push copies no layer that the registry has) and scanning on push. For one stack of an account and region.",
      ),
  })
  .prefault({});
