import { addAbortSignal, type Readable } from "node:stream";
import { GetObjectCommand, paginateListObjectsV2, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { IDLE_MS } from "../address/request";
import { type GuardedAgents } from "../address/guardedAgents";
import { type AccessKey } from "../secret";
import { type Bytes, held } from "../streams";
import { capAnswers } from "./capAnswers";

export interface StoreOptions {
  region: string;
  /** @default Amazon's endpoint of the region */
  endpoint?: string | undefined;
  /** Whether the bucket is addressed by path rather than by host. */
  pathStyle: boolean;
  /** "anonymous" signs nothing; "ambient" is the identity of the pod. */
  credentials: AccessKey | "anonymous" | "ambient";
  /** None for the platform's own bucket, which the stack names and not a user. */
  agents?: GuardedAgents | undefined;
}

const CONNECT_MS = 5_000;

const silent = () => undefined;
/** Without one, the client warns on the console. What fails is thrown, and logged by whoever catches it. */
const QUIET = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/** A client of an S3-compatible store. */
export function openStore({ region, endpoint, pathStyle, credentials, agents }: StoreOptions): S3Client {
  const client = new S3Client({
    region,
    forcePathStyle: pathStyle,
    ...(endpoint !== undefined && { endpoint }),
    ...credentialsOf(credentials),
    maxAttempts: 3,
    logger: QUIET,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      socketTimeout: IDLE_MS,
      ...(agents && { httpAgent: agents.http, httpsAgent: agents.https }),
    },
    // Stores other than Amazon's know no checksums of trailers.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  capAnswers(client);
  return client;
}

function credentialsOf(credentials: StoreOptions["credentials"]): Partial<S3ClientConfig> {
  if (credentials === "ambient") return {};
  if (credentials !== "anonymous") return { credentials };
  return {
    credentials: { accessKeyId: "anonymous", secretAccessKey: "anonymous" },
    signer: { sign: (request) => Promise.resolve(request) },
  };
}

export interface StoredObject {
  /** In bytes, as the store announces it. */
  size: number | undefined;
  /** The version's id, or else the ETag. */
  revision: string | undefined;
  /** Ends with an error as the connection does. */
  body: Bytes;
  discard(): void;
}

/** One bucket of a store. Errors are those of the client: `storeError` says what they mean. */
export class Bucket {
  constructor(
    private readonly client: S3Client,
    readonly name: string,
  ) {}

  async get(key: string, signal: AbortSignal): Promise<StoredObject> {
    const command = new GetObjectCommand({ Bucket: this.name, Key: key });
    const answer = await this.client.send(command, { abortSignal: signal });
    const body = held(addAbortSignal(signal, answer.Body as Readable));
    const versioned = answer.VersionId !== undefined && answer.VersionId !== "null";
    return {
      size: answer.ContentLength,
      revision: versioned ? answer.VersionId : answer.ETag?.replaceAll('"', ""),
      body: body as Bytes,
      discard: () => body.destroy(),
    };
  }

  /** Objects below a prefix, page by page. */
  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<{ key: string; size: number }> {
    const pages = paginateListObjectsV2(
      { client: this.client },
      { Bucket: this.name, Prefix: prefix },
      {
        abortSignal: signal,
      },
    );
    for await (const { Contents } of pages)
      for (const { Key, Size } of Contents ?? []) if (Key !== undefined) yield { key: Key, size: Size ?? 0 };
  }
}
