import type { NodePool } from "../kit/builds";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

export const nodePoolLimits = resourcePolicy<NodePool>(
  {
    name: "node-pool-limits",
    severity: "medium",
    description: "Every pool of nodes has a limit of CPU and of memory.",
    remediation: "Set limits.cpu and limits.memory: they are what bounds the bill.",
    blind: "The pools that EKS Auto Mode brings (general-purpose, system).",
  },
  [TYPES.nodePool],
  ({ props }) =>
    ["cpu", "memory"]
      .filter((resource) => props.spec?.limits?.[resource] === undefined)
      .map((resource) => `limits.${resource} is missing; set it.`),
);
