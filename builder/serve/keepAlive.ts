import type { Environment } from "../../contract/environment";
import { LABELS } from "../../contract/labels";
import { keyOf } from "../kubernetes/objects";
import type { LambdaFunction } from "../kubernetes/resources";

/** Scale of a function that keeps a pod. */
export interface KeptScale {
  minScale: number;
  maxScale: number;
  target: number;
}

/** Most functions that are kept, unless the settings allow more. */
const FEW = 9;

export type KeepAliveEnvironment = Pick<
  Environment,
  | "KEEP_ALIVE_FUNCTIONS"
  | "KEEP_ALIVE_BY_LABEL"
  | "KEEP_ALIVE_MIN_SCALE"
  | "KEEP_ALIVE_MAX_SCALE"
  | "KEEP_ALIVE_TARGET"
  | "KEEP_ALIVE_ALLOW_MANY"
>;

/** Keys of the functions that keep a pod: those that the settings name, and where they say so those that are labelled, by name. */
export function keptFunctions(
  environment: KeepAliveEnvironment,
  functions: readonly LambdaFunction[],
): Set<string> {
  const named = environment.KEEP_ALIVE_FUNCTIONS;
  if (!environment.KEEP_ALIVE_BY_LABEL) return new Set(named);
  const labelled = functions
    .filter(({ metadata }) => metadata.labels?.[LABELS.keepAlive] === "true")
    .map(keyOf)
    .filter((key) => !named.includes(key))
    .sort();
  const room = environment.KEEP_ALIVE_ALLOW_MANY ? labelled.length : Math.max(0, FEW - named.length);
  return new Set([...named, ...labelled.slice(0, room)]);
}

export const keptScale = (environment: KeepAliveEnvironment): KeptScale => ({
  minScale: environment.KEEP_ALIVE_MIN_SCALE,
  maxScale: environment.KEEP_ALIVE_MAX_SCALE,
  target: environment.KEEP_ALIVE_TARGET,
});
