import { containersOf, PODS_UNSEEN, type Workload } from "../kit/pods";
import { resourcePolicy } from "../kit/resourcePolicy";
import { WORKLOADS } from "../kit/types";

export const containerNoEscalation = resourcePolicy<Workload>(
  {
    name: "container-no-escalation",
    severity: "high",
    description: "Containers have no Linux capabilities and can't gain any.",
    remediation:
      "Set securityContext.allowPrivilegeEscalation to false and capabilities.drop to [ALL]; add nothing.",
    blind: PODS_UNSEEN,
  },
  WORKLOADS,
  ({ type, props }) =>
    containersOf(type, props).flatMap(({ container: { name, securityContext } }) => [
      ...(securityContext?.allowPrivilegeEscalation === false
        ? []
        : [`container ${name}: allowPrivilegeEscalation is not false; set it.`]),
      ...((securityContext?.capabilities?.drop ?? []).includes("ALL")
        ? []
        : [`container ${name}: capabilities.drop lacks ALL; add it.`]),
      ...(securityContext?.capabilities?.add ?? []).map(
        (capability) => `container ${name}: capabilities.add has ${capability}; take it away.`,
      ),
    ]),
);
