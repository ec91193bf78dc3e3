import { BUILDER, SYSTEM_NAMESPACE } from "../../contract/names";
import { UsageError } from "../../preview/usageError";
import type { Settings } from "../../settings";
import type { Kubectl } from "./kubectl";

/** What the trigger must know of a stack. */
export interface Place {
  /** Where a function goes that names no namespace. */
  defaultNamespace: string;
  bucket: SourceBucket;
}

/** The platform's bucket, as an uploader reaches it. */
export interface SourceBucket {
  name: string;
  region: string;
  /** S3-compatible endpoint; undefined on AWS. */
  endpoint: string | undefined;
  /** Uploads go through Transfer Acceleration. */
  accelerate: boolean;
}

/** What an existing cluster's stack file says of itself: it needs to ask nobody. */
export function placeOfCluster({ functions, sourceBucket }: Settings): Place {
  const { name, region, endpoint } = sourceBucket;
  // Both are there: the settings' rules refuse `target: cluster` without them.
  if (name === undefined || endpoint === undefined) throw new Error("sourceBucket has no name or endpoint");
  return {
    defaultNamespace: functions.defaultNamespace,
    bucket: { name, region, endpoint, accelerate: false },
  };
}

/**
 * What the builder in the cluster of kubectl's context is told: on AWS the bucket's name has the account in it, which the stack file
 * doesn't know. It also shows whether that cluster is the stack's.
 * @throws UsageError where it is another's
 */
export async function placeOfBuilder({ stack, sourceBucket }: Settings, kubectl: Kubectl): Promise<Place> {
  const text = await kubectl(
    "get",
    "configmap",
    BUILDER,
    "--namespace",
    SYSTEM_NAMESPACE,
    "--output",
    "json",
  );
  const { data = {} } = JSON.parse(text) as { data?: Record<string, string> };
  const value = (name: string): string => {
    const found = data[name];
    if (found === undefined)
      throw new Error(`the builder's environment has no ${name}; is this version deployed?`);
    return found;
  };
  const bucket = value("BUCKET");
  const own =
    sourceBucket.name === undefined
      ? new RegExp(`^knative-lambda-${stack}-sources-\\d{12}$`).test(bucket)
      : sourceBucket.name === bucket;
  if (!own)
    throw new UsageError(
      `kubectl's context is not the cluster of ${stack}: the builder there reads the bucket ${bucket}; choose the context, or another KUBECONFIG`,
    );
  return {
    defaultNamespace: value("DEFAULT_NAMESPACE"),
    bucket: {
      name: bucket,
      region: value("AWS_REGION"),
      endpoint: undefined,
      accelerate: value("BUCKET_ACCELERATE_HOST") !== "",
    },
  };
}
