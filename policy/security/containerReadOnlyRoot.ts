import { containersOf, PODS_UNSEEN, type Workload } from "../kit/pods";
import { resourcePolicy } from "../kit/resourcePolicy";
import { WORKLOADS } from "../kit/types";

export const containerReadOnlyRoot = resourcePolicy<Workload>(
  {
    name: "container-read-only-root",
    severity: "high",
    description: "Containers can't write to their own root file system.",
    remediation:
      "Set securityContext.readOnlyRootFilesystem to true, and give the container an emptyDir where it must write.",
    blind: PODS_UNSEEN,
  },
  WORKLOADS,
  ({ type, props }) =>
    containersOf(type, props)
      .filter(({ container: { securityContext } }) => securityContext?.readOnlyRootFilesystem !== true)
      .map(({ container: { name } }) => `container ${name}: readOnlyRootFilesystem is not true; set it.`),
);
