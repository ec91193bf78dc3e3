import { type S3Client } from "@aws-sdk/client-s3";
import { type Environment } from "../../../contract/environment";
import { CONTEXT_PREFIX } from "../../../contract/names";
import { UserError } from "../../types";
import { shown } from "../sourcePath";
import { openStore } from "./objectStore";

/** The bucket that the stack gives the builder: sources below `<namespace>/`, build contexts below `contexts/`. */
export interface PlatformBucket {
  client: S3Client;
  name: string;
}

type BucketEnvironment = Pick<
  Environment,
  | "BUCKET"
  | "BUCKET_ENDPOINT"
  | "BUCKET_PATH_STYLE"
  | "AWS_REGION"
  | "AWS_ACCESS_KEY_ID"
  | "AWS_SECRET_ACCESS_KEY"
>;

export function platformBucket(environment: BucketEnvironment): PlatformBucket {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  const client = openStore({
    region: environment.AWS_REGION,
    endpoint: environment.BUCKET_ENDPOINT,
    pathStyle: environment.BUCKET_PATH_STYLE,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? "ambient"
        : { accessKeyId, secretAccessKey },
  });
  return { client, name: environment.BUCKET };
}

/**
 * Checks that a namespace may read a key of the platform's bucket: only below its own name. The builder reads with its own rights, which
 * see everything there, so this check is all that keeps tenants apart.
 *
 * @throws UserError
 */
export function checkOwnKey(namespace: string, key: string, field: string): void {
  const own = `${namespace}/`;
  if (own === CONTEXT_PREFIX)
    throw new UserError(
      "SourceForbidden",
      `a namespace named ${namespace} can't keep sources in the platform's bucket: build contexts lie there`,
      field,
    );
  if (!key.startsWith(own))
    throw new UserError(
      "SourceForbidden",
      `${shown(key)} of the platform's bucket is not below ${own}; without a Secret nothing else can be read`,
      field,
    );
  // Keys are texts and no paths, but a store, or something on the way to it, may take them for paths.
  if (
    key
      .slice(own.length)
      .replace(/\/$/, "")
      .split("/")
      .some((part) => ["", ".", ".."].includes(part)) &&
    key !== own
  )
    throw new UserError("SourceForbidden", `${shown(key)} has an empty part, "." or ".."`, field);
}
