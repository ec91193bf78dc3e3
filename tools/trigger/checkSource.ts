import { UsageError } from "../../preview/usageError";
import type { LambdaFunction } from "./progress";

/**
 * Refuses an upload that a function wouldn't be built from.
 * @throws UsageError
 */
export function checkSource(
  { metadata, spec }: Pick<LambdaFunction, "metadata" | "spec">,
  bucket: string,
  key: string,
): void {
  const { type, s3 } = spec.source;
  if (type === "s3" && s3?.bucket === bucket && s3.key === key) return;
  const at = type === "s3" && s3 !== undefined ? `s3://${s3.bucket}/${s3.key}` : `its ${type} source`;
  throw new UsageError(
    `${metadata.name} is built from ${at}, not from what SOURCE uploads; change its spec.source first, or leave SOURCE out to build from there`,
  );
}
