import { isIP } from "node:net";
import { UserError } from "../../types";
import { type GuardedAgents } from "../address/guardedAgents";
import { accessKey, type NamedSecret } from "../secret";
import { shown } from "../sourcePath";
import { Bucket, openStore } from "./objectStore";

/** A key in a bucket, as a source names it. */
export interface KeySource {
  bucket: string;
  key: string;
}

export interface Access {
  /** None: the store is asked without a signature. */
  secret: NamedSecret | undefined;
  agents: GuardedAgents;
}

/** Cloud Storage's S3-compatible endpoint (docs.cloud.google.com: storage interoperability). */
export const GCS_ENDPOINT = "https://storage.googleapis.com";

/** Amazon S3, with a key of the user's own. */
export function s3Bucket(source: KeySource & { region: string }, access: Access): Bucket {
  // The region becomes a part of the host that the request is sent to.
  if (!/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(source.region))
    throw new UserError("SourceInvalid", `${shown(source.region)} is not a region`, "spec.source.s3.region");
  return bucketOf(source, access, "spec.source.s3", { region: source.region, pathStyle: false });
}

/** MinIO or another S3-compatible store. */
export function minioBucket(source: KeySource & { endpoint: string }, access: Access): Bucket {
  const endpoint = storeEndpoint(source.endpoint, "spec.source.minio.endpoint");
  return bucketOf(source, access, "spec.source.minio", { region: "us-east-1", pathStyle: true, endpoint });
}

/** Google Cloud Storage. */
export const gcsBucket = (source: KeySource, access: Access, endpoint = GCS_ENDPOINT): Bucket =>
  bucketOf(source, access, "spec.source.gcs", { region: "auto", pathStyle: true, endpoint });

function bucketOf(
  { bucket }: KeySource,
  { secret, agents }: Access,
  field: string,
  place: { region: string; pathStyle: boolean; endpoint?: string },
): Bucket {
  // Only names: an ARN would say where the request is sent to.
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]{1,253}[a-zA-Z0-9]$/.test(bucket) || isIP(bucket) !== 0)
    throw new UserError("SourceInvalid", `${shown(bucket)} is not a bucket's name`, `${field}.bucket`);
  const credentials = secret === undefined ? "anonymous" : accessKey(secret);
  return new Bucket(openStore({ ...place, credentials, agents }), bucket);
}

/** The URL of an endpoint that is given as host and port or as URL; without a scheme it is http, as in-cluster stores are. */
function storeEndpoint(text: string, field: string): string {
  const wrong = (what: string) => new UserError("SourceInvalid", `${shown(text)} ${what}`, field);
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(written)) throw wrong("is not an endpoint; write it as in minio.example.com:9000");
  const url = new URL(written);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw wrong("is neither http nor https");
  if (url.username !== "" || url.password !== "") throw wrong("holds credentials; put them into a Secret");
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "")
    throw wrong("has a path; bucket and key have fields of their own");
  return url.origin;
}
