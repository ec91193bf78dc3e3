import { containersOf, PODS_UNSEEN, type Workload } from "../kit/pods";
import { resourcePolicy } from "../kit/resourcePolicy";
import { WORKLOADS } from "../kit/types";

const NEEDED = [
  ["requests", "cpu"],
  ["requests", "memory"],
  ["limits", "memory"],
] as const;

export const containerResources = resourcePolicy<Workload>(
  {
    name: "container-resources",
    severity: "high",
    description: "Containers request CPU and memory and have a limit of memory.",
    remediation:
      "Set resources.requests.cpu, resources.requests.memory and resources.limits.memory. A limit of CPU is each container's own choice.",
    blind: PODS_UNSEEN,
  },
  WORKLOADS,
  ({ type, props }) =>
    containersOf(type, props).flatMap(({ container: { name, resources } }) =>
      NEEDED.filter(([kind, resource]) => resources?.[kind]?.[resource] === undefined).map(
        ([kind, resource]) => `container ${name}: resources.${kind}.${resource} is missing; set it.`,
      ),
    ),
);
