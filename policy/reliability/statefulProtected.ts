import { purposeOf, type Repository } from "../kit/ecr";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

export const statefulProtected = resourcePolicy<
  Repository,
  { stacks: string[]; types: string[]; unprotectedPurposes: string[] }
>(
  {
    name: "stateful-protected",
    severity: "critical",
    description: "In production, what holds state can't be deleted by an edit.",
    remediation: "Leave the stack's setting `protect` at true, and pass it on to the resource's options.",
    config: {
      stacks: { description: "Names of the stacks that are production.", default: ["prod"] },
      types: {
        description: "Types of the resources that hold state.",
        default: [TYPES.clusterComponent, TYPES.bucket, TYPES.kmsKey, TYPES.repository, TYPES.crd],
      },
      unprotectedPurposes: {
        description:
          "Values of a repository's tag `purpose` whose images are made or fetched again by themselves.",
        default: ["cache", "base-images"],
      },
    },
  },
  [TYPES.clusterComponent, TYPES.bucket, TYPES.kmsKey, TYPES.repository, TYPES.crd],
  (resource, { stacks, types, unprotectedPurposes }) => {
    const { type, urn, opts } = resource;
    const stack = urn.split("::")[0]?.split(":")[2] ?? "";
    if (!stacks.includes(stack) || !types.includes(type)) return [];
    if (type === TYPES.repository && unprotectedPurposes.includes(purposeOf(resource) ?? "")) return [];
    return opts.protect ? [] : [`protect is not set in ${stack}; set it.`];
  },
);
