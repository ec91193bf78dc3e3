import { ApiError } from "../kubernetes/apiError";
import type { KubernetesClient } from "../kubernetes/client";
import { keyOf } from "../kubernetes/objects";
import { FUNCTIONS, type LambdaFunction } from "../kubernetes/resources";

/**
 * Looks whether a function is still the one that was observed. For what no precondition can hold to it, as a write to another object: a replica
 * whose watch is behind, or that was paused, is told before it undoes what another has decided since.
 * @throws ApiError that `isConflict` where it has changed, or is gone
 */
export async function assertCurrent(
  client: KubernetesClient,
  fn: LambdaFunction,
  signal: AbortSignal,
): Promise<void> {
  const now = await client.get(FUNCTIONS, fn.metadata, { signal });
  if (now?.metadata.uid !== fn.metadata.uid || now?.metadata.resourceVersion !== fn.metadata.resourceVersion)
    throw new ApiError(409, "Conflict", `${keyOf(fn)} has changed since it was observed`);
}
