import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

const LISTS = ["apiGroups", "resources", "verbs"] as const;

export const rbacNoWildcards = resourcePolicy<{
  rules: Partial<Record<(typeof LISTS)[number], string[]>>[];
}>(
  {
    name: "rbac-no-wildcards",
    severity: "high",
    description: "Roles in the cluster list their API groups, resources and verbs.",
    remediation:
      'List what is needed, verb by verb, as components/builder/accessRules.ts does; "*" takes in whatever is installed next.',
    blind: "Roles inside charts.",
  },
  [TYPES.clusterRole, TYPES.rbacRole],
  ({ props }) =>
    (props.rules ?? []).flatMap((rule, index) =>
      LISTS.filter((list) => (rule[list] ?? []).includes("*")).map(
        (list) => `rules[${index}].${list} has "*"; list what is needed.`,
      ),
    ),
);
