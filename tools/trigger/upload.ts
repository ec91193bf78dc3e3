import { PutObjectCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { SourceBucket } from "./place";

/** How the bucket is spoken to from here: through the accelerate host where the stack has one. */
export const clientOptions = ({ region, endpoint, accelerate }: SourceBucket): S3ClientConfig => ({
  region,
  ...(endpoint === undefined ? { useAccelerateEndpoint: accelerate } : { endpoint, forcePathStyle: true }),
  // Stores other than Amazon's know no checksums of trailers.
  requestChecksumCalculation: "WHEN_REQUIRED",
});

/** Puts an archive where the builder looks for it, with the caller's own credentials. */
export async function upload(
  bucket: SourceBucket,
  key: string,
  archive: Buffer,
  client = new S3Client(clientOptions(bucket)),
): Promise<void> {
  try {
    await client.send(
      new PutObjectCommand({ Bucket: bucket.name, Key: key, Body: archive, ContentType: "application/gzip" }),
    );
  } catch (cause) {
    throw new Error(`s3://${bucket.name}/${key} can't be written: ${(cause as Error).message}`, { cause });
  }
}
