import { BUILD_NAMESPACE } from "../../contract/names";
import { purposeOf, type Repository } from "../kit/ecr";
import { resourcePolicy, stackOf } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

/** Types of the resources that hold state. */
const STATEFUL: string[] = [
  TYPES.clusterComponent,
  TYPES.bucket,
  TYPES.kmsKey,
  TYPES.repository,
  TYPES.crd,
  TYPES.namespace,
];

export const statefulProtected = resourcePolicy<
  Repository & { metadata: { name?: string } },
  { stacks: string[]; namespaces: string[]; unprotectedPurposes: string[] }
>(
  {
    name: "stateful-protected",
    severity: "critical",
    description: "In production, what holds state can't be deleted by an edit.",
    remediation: "Leave the stack's setting `protect` at true, and pass it on to the resource's options.",
    config: {
      stacks: { description: "Names of the stacks that are production.", default: ["prod"] },
      namespaces: {
        description: "Namespaces that hold state: functions may live there, and go with them.",
        default: [BUILD_NAMESPACE],
      },
      unprotectedPurposes: {
        description:
          "Values of a repository's tag `purpose` whose images are made or fetched again by themselves.",
        default: ["cache", "base-images"],
      },
    },
  },
  STATEFUL,
  (resource, { stacks, namespaces, unprotectedPurposes }) => {
    const { type, urn, opts, props } = resource;
    const stack = stackOf(urn);
    if (!stacks.includes(stack)) return [];
    if (type === TYPES.namespace && !namespaces.includes(props.metadata?.name ?? "")) return [];
    if (type === TYPES.repository && unprotectedPurposes.includes(purposeOf(resource) ?? "")) return [];
    return opts.protect ? [] : [`protect is not set in ${stack}; set it.`];
  },
);
