import { resourcePolicy } from "../kit/resourcePolicy";
import type { Autoscaler } from "../kit/scaling";
import { TYPES } from "../kit/types";

export const autoscalerBounds = resourcePolicy<Autoscaler>(
  {
    name: "autoscaler-bounds",
    severity: "high",
    description: "An autoscaler's minimum is not above its maximum.",
    remediation: "Lower builderService.autoscaling.minReplicas, or raise maxReplicas.",
  },
  [TYPES.hpa],
  ({ props: { spec } }) => {
    const { minReplicas = 1, maxReplicas = 0 } = spec ?? {};
    return minReplicas > maxReplicas
      ? [`minReplicas ${minReplicas} is above maxReplicas ${maxReplicas}; lower it or raise the other.`]
      : [];
  },
);
