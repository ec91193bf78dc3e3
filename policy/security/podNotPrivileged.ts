import { containersOf, PODS_UNSEEN, podTemplate, type Workload } from "../kit/pods";
import { resourcePolicy } from "../kit/resourcePolicy";
import { WORKLOADS } from "../kit/types";

const HOST = ["hostNetwork", "hostPID", "hostIPC"] as const;

export const podNotPrivileged = resourcePolicy<Workload>(
  {
    name: "pod-not-privileged",
    severity: "critical",
    description: "No pod is privileged or reaches into its node.",
    remediation: "Take privileged, hostNetwork, hostPID, hostIPC and hostPath away.",
    blind: PODS_UNSEEN,
  },
  WORKLOADS,
  ({ type, props }) => {
    const pod = podTemplate(type, props).spec ?? {};
    return [
      ...HOST.filter((flag) => pod[flag] === true).map((flag) => `${flag} is true; take it away.`),
      ...(pod.volumes ?? [])
        .filter(({ hostPath }) => hostPath !== undefined)
        .map(({ name }) => `volume ${name} is a hostPath; use an emptyDir, a claim or a ConfigMap.`),
      ...containersOf(type, props)
        .filter(({ container: { securityContext } }) => securityContext?.privileged === true)
        .map(({ container: { name } }) => `container ${name}: privileged is true; take it away.`),
    ];
  },
);
