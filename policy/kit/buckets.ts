import type { StackResource } from "./stackPolicy";

export interface Bucket {
  bucket: string;
}

/** Inputs of a resource that says something of a bucket. */
export interface OfBucket {
  bucket: string;
}

/** Whether a resource is about a bucket: made from it in Pulumi's graph, or by its name. */
export const belongsTo = (
  resource: StackResource<Partial<OfBucket>>,
  bucket: StackResource<Partial<Bucket>>,
): boolean => resource.madeFrom.includes(bucket.urn) || resource.props.bucket === bucket.props.bucket;
