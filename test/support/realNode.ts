import { S3Client } from "@aws-sdk/client-s3";

/** Registry of the node that really builds, without TLS. */
export const REGISTRY = "10.244.77.2:5000";
/** This machine, as pods of that node reach it. */
export const MACHINE = "10.244.77.1";
/** Object store on this machine, which takes any keys. */
export const S3 = "http://127.0.0.1:15555";

export const objectStore = (): S3Client =>
  new S3Client({
    endpoint: S3,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "lab", secretAccessKey: "lab" },
  });
