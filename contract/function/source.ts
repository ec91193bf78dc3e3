import { z } from "zod";
import { extensions, secretRef } from "./kubernetes";

export const SOURCE_TYPES = ["minio", "s3", "gcs", "git", "inline", "image"] as const;
export type SourceType = (typeof SOURCE_TYPES)[number];

const bucket = () => z.string().min(1).max(255).describe("Bucket.");
const key = () =>
  z.string().min(1).max(1024).describe("Object: an archive, a single file, or a prefix that ends in `/`.");

const s3 = z
  .object({
    bucket: bucket(),
    key: key(),
    region: z.string().max(64).default("us-east-1").describe("Region of the bucket."),
    secretRef: secretRef("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY").optional(),
  })
  .describe("Amazon S3. Without a Secret only the platform's bucket can be read, below `<namespace>/`.");

const minio = z
  .object({
    endpoint: z
      .string()
      .max(512)
      .default("minio.minio.svc.cluster.local:9000")
      .describe("Host and port, or URL."),
    bucket: bucket(),
    key: key(),
    secretRef: secretRef("the store's access key and secret key").optional(),
  })
  .describe("MinIO, or another S3-compatible store.");

const gcs = z
  .object({
    bucket: bucket(),
    key: key(),
    project: z.string().max(128).optional().describe("Project of the bucket."),
    secretRef: secretRef("an HMAC key of Cloud Storage").optional(),
  })
  .describe("Google Cloud Storage, through its S3-compatible endpoint.");

const git = z
  .object({
    url: z.string().min(1).max(2048).describe("URL of the repository, over HTTPS."),
    ref: z
      .string()
      .min(1)
      .max(255)
      .default("main")
      .describe("Branch, tag or commit. One that doesn't exist is an error."),
    path: z.string().max(1024).optional().describe("Folder in the repository."),
    secretRef: secretRef("username and password, or a token").optional(),
  })
  .describe("A git repository.");

const inline = z
  .object({
    // The API server takes no object above 1.5 MiB, all of its fields together.
    code: z.string().max(1_000_000).describe("The function's code."),
    dependencies: z
      .string()
      .max(100_000)
      .optional()
      .describe("What requirements.txt, package.json or go.mod would say."),
  })
  .describe("Code in the object itself.");

const words = () => z.array(z.string().max(4096)).max(128);

const image = z
  .object({
    repository: z.string().min(1).max(512).describe("Name of the image, without tag or digest."),
    tag: z.string().max(128).default("latest").describe("Tag. A digest goes before it."),
    digest: z.string().max(128).optional().describe("Digest, as in sha256:…"),
    port: z.int().min(1).max(65535).default(8080).describe("Port on which the container listens."),
    pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).default("IfNotPresent").describe("Pull policy."),
    command: words().optional().describe("In place of the image's entrypoint."),
    args: words().optional().describe("Arguments."),
    imagePullSecrets: z
      .array(z.string().max(253))
      .max(16)
      .optional()
      .describe("Names of Secrets in the function's namespace to pull with."),
  })
  .describe("An image that exists: nothing is built.");

const named = SOURCE_TYPES.map((type) => `(self.type != '${type}' || has(self.${type}))`).join(" && ");
const given = `[${SOURCE_TYPES.map((type) => `has(self.${type})`).join(", ")}]`;

/** Where a function's code comes from: exactly one source, of the named type. */
export const source = z
  .object({
    type: z.enum(SOURCE_TYPES).describe("Which of the sources below is given."),
    s3: s3.optional(),
    minio: minio.optional(),
    gcs: gcs.optional(),
    git: git.optional(),
    inline: inline.optional(),
    image: image.optional(),
  })
  .describe("Where the function's code comes from.")
  .meta(
    extensions({
      // Exactly one member at a time: whoever gives another source replaces the one that somebody else gave.
      "x-kubernetes-map-type": "atomic",
      "x-kubernetes-validations": [
        {
          rule: named,
          message: "the source that type names is missing; give source.s3 with type s3, and so on",
        },
        {
          rule: `${given}.filter(present, present).size() == 1`,
          message: "more than one source, or none; give the one that type names",
        },
      ],
    }),
  );

export type FunctionSource = z.output<typeof source>;
