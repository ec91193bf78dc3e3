import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { HeadObjectCommand, PutObjectCommand, type S3ServiceException } from "@aws-sdk/client-s3";
import { CONTEXT_PREFIX } from "../../contract/names";
import { InfrastructureError } from "../types";
import { type BuildContext, writeContext } from "./contextArchive";
import { Bucket, type StoredObject } from "./store/objectStore";
import { type PlatformBucket } from "./store/platformBucket";

/**
 * Age from which a context is written again before it is used. The bucket removes contexts after a day at the least
 * (`sourceBucket.contextDays`); half of it is left to the build that is about to wait in the queue.
 */
const FRESH_MS = 12 * 3600 * 1000;

/** Larger contexts are sent once, from disk: the next reconciliation repeats them. */
const REPEATABLE_BYTES = 8 * 1024 * 1024;

const HASH = /^[0-9a-f]{64}$/;

/** Build contexts in the platform's bucket, by hash: any replica of the builder can hand them to a build. */
export class ContextStore {
  constructor(
    private readonly bucket: PlatformBucket,
    private readonly workFolder: string,
    /** Milliseconds since 1970. */
    private readonly now: () => number = Date.now,
  ) {}

  /** Makes sure that a context is there for the hours to come. The same from two replicas at once does no harm. */
  async keep(context: BuildContext, signal: AbortSignal): Promise<void> {
    if (await this.isFresh(context.hash, signal)) return;
    const archive = await writeContext(context, this.workFolder, signal);
    const { file, size } = archive;
    try {
      const command = new PutObjectCommand({
        Bucket: this.bucket.name,
        Key: keyOf(context.hash),
        // The client repeats what it has in memory, and no stream.
        Body: size <= REPEATABLE_BYTES ? await readFile(file) : createReadStream(file),
        ContentLength: size,
        ContentType: "application/gzip",
      });
      await this.bucket.client.send(command, { abortSignal: signal });
    } catch (error) {
      throw failed(error, "be written", signal);
    } finally {
      await archive.dispose();
    }
  }

  /** A context's .tar.gz, or undefined where it is not there any more. */
  async open(hash: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    try {
      return await new Bucket(this.bucket.client, this.bucket.name).get(keyOf(hash), signal);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw failed(error, "be read", signal);
    }
  }

  private async isFresh(hash: string, signal: AbortSignal): Promise<boolean> {
    try {
      const command = new HeadObjectCommand({ Bucket: this.bucket.name, Key: keyOf(hash) });
      const { LastModified } = await this.bucket.client.send(command, { abortSignal: signal });
      return LastModified !== undefined && this.now() - LastModified.getTime() < FRESH_MS;
    } catch (error) {
      if (isMissing(error)) return false;
      throw failed(error, "be looked up", signal);
    }
  }
}

/** Key of a context in the platform's bucket. */
function keyOf(hash: string): string {
  if (!HASH.test(hash)) throw new Error(`${JSON.stringify(hash)} is not a context's hash`);
  return `${CONTEXT_PREFIX}${hash}.tar.gz`;
}

/** Whether the object is missing; a missing bucket is another matter. */
function isMissing(error: unknown): boolean {
  const { name, $metadata } = error as Partial<S3ServiceException>;
  return (
    name === "NoSuchKey" ||
    name === "NotFound" ||
    ($metadata?.httpStatusCode === 404 && name !== "NoSuchBucket")
  );
}

function failed(error: unknown, what: string, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason as Error;
  const { name, message } = error as Error;
  return new InfrastructureError("ContextFailed", `a build context can't ${what}: ${name}: ${message}`, {
    cause: error,
  });
}
