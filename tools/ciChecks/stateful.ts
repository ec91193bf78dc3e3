import { TYPES } from "../../policy/kit/types";

/**
 * Types of the resources that hold what can't be made again, or with which that goes: what the program protects in production, and what
 * `eks.Cluster` makes of itself, which only the engine sees. A test holds the first part against the program.
 */
export const STATEFUL: readonly string[] = [
  TYPES.clusterComponent,
  TYPES.clusterResource,
  TYPES.kmsKey,
  TYPES.bucket,
  TYPES.repository,
  TYPES.crd,
  TYPES.namespace,
];
