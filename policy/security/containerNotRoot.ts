import { containersOf, PODS_UNSEEN, type Workload } from "../kit/pods";
import { resourcePolicy } from "../kit/resourcePolicy";
import { WORKLOADS } from "../kit/types";

export const containerNotRoot = resourcePolicy<Workload>(
  {
    name: "container-not-root",
    severity: "high",
    description: "Containers run as a user other than root.",
    remediation: "Set securityContext.runAsNonRoot to true and runAsUser to a number above 0.",
    blind: PODS_UNSEEN,
  },
  WORKLOADS,
  ({ type, props }) =>
    containersOf(type, props).flatMap(({ container: { name, securityContext }, pod }) => [
      ...((securityContext?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot) === true
        ? []
        : [`container ${name}: runAsNonRoot is not true; set it.`]),
      ...((securityContext?.runAsUser ?? pod.securityContext?.runAsUser) === 0
        ? [`container ${name}: runAsUser is 0, which is root; give another.`]
        : []),
    ]),
);
