import { BUILD_NAMESPACE, SYSTEM_NAMESPACE } from "../../contract/names";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

const ENFORCE = "pod-security.kubernetes.io/enforce";
const LEVELS = ["privileged", "baseline", "restricted"];

interface Namespace {
  metadata: { name?: string; labels?: Record<string, string> };
}

export const namespacePodSecurity = resourcePolicy<Namespace, { baseline: string[]; restricted: string[] }>(
  {
    name: "namespace-pod-security",
    severity: "high",
    description: "The API server refuses pods below a level in the platform's own namespaces.",
    remediation: `Label the namespace ${ENFORCE} with the level, as components/podSecurity.ts does.`,
    config: {
      baseline: {
        description: "Namespaces with at least `baseline`: a build runs as root in its own container.",
        default: [BUILD_NAMESPACE],
      },
      restricted: { description: "Namespaces with `restricted`.", default: [SYSTEM_NAMESPACE] },
    },
  },
  [TYPES.namespace],
  ({ props }, { baseline, restricted }) => {
    const name = props.metadata?.name ?? "";
    const least = restricted.includes(name) ? "restricted" : baseline.includes(name) ? "baseline" : undefined;
    if (least === undefined) return [];
    const level = props.metadata?.labels?.[ENFORCE] ?? "not set";
    return LEVELS.indexOf(level) < LEVELS.indexOf(least)
      ? [`label ${ENFORCE} is ${level}; make it ${least}.`]
      : [];
  },
);
