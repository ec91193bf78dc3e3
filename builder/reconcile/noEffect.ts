import type { FunctionSpec } from "../../contract/function/spec";
import type { Said } from "./conditions";

/** What of a spec this platform keeps without doing it, and what it does though it had better not been asked. */
export function specHonoured({
  build,
  eventing,
  observability,
  resources,
  scaling,
  triggers,
}: FunctionSpec): Said {
  const ignored = [
    ...(eventing === undefined ? [] : ["eventing"]),
    ...(triggers === undefined || triggers.length === 0 ? [] : ["triggers"]),
    ...(observability === undefined ? [] : ["observability"]),
    ...(["registry", "repository", "tag", "awsRegion"] as const)
      .filter((field) => build?.[field] !== undefined)
      .map((field) => `build.${field}`),
    // The schema's own defaults were not asked for.
    ...(build !== undefined && build.registryType !== "local" ? ["build.registryType"] : []),
    ...(build?.insecure === true ? ["build.insecure"] : []),
  ];
  const cpu = resources?.limits?.cpu;
  const warnings = [
    ...(ignored.length > 0
      ? [`without effect here: ${ignored.map((field) => `spec.${field}`).join(", ")}`]
      : []),
    ...(cpu === undefined
      ? []
      : [
          `spec.resources.limits.cpu of ${cpu} is kept to, and slows every cold start; leave it out for none`,
        ]),
    ...(scaling !== undefined && scaling.minReplicas > 0
      ? [`spec.scaling.minReplicas keeps ${scaling.minReplicas} pods, about $5 a month each`]
      : []),
  ];
  return ignored.length > 0
    ? { status: "False", reason: "FieldsWithoutEffect", message: warnings.join("; ") }
    : {
        status: "True",
        reason: cpu === undefined ? "Honoured" : "CpuLimited",
        message: warnings.length > 0 ? warnings.join("; ") : "all that the spec says has effect",
      };
}
