import { PODS_UNSEEN, podTemplate, type Workload } from "../kit/pods";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

const PROBES = ["readinessProbe", "livenessProbe"] as const;

export const containerProbes = resourcePolicy<Workload>(
  {
    name: "container-probes",
    severity: "high",
    description: "Containers that serve have a readiness and a liveness probe.",
    remediation:
      "Add the probe. Without readiness a pod is sent requests before it can answer; without liveness a hung one stays.",
    blind: PODS_UNSEEN,
  },
  [TYPES.deployment, TYPES.statefulSet, TYPES.daemonSet],
  ({ type, props }) =>
    (podTemplate(type, props).spec?.containers ?? []).flatMap((container) =>
      PROBES.filter((probe) => container[probe] === undefined).map(
        (probe) => `container ${container.name}: ${probe} is missing; add it.`,
      ),
    ),
);
