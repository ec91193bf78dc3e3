import { BUILD_NODE_KEY } from "../../contract/names";
import { amount } from "../../settings/scalars";
import { builderSettings, buildPools, requestedAtOnce, shown } from "../kit/builds";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

export const jobLimitFitsNodePool = stackPolicy(
  {
    name: "job-limit-fits-node-pool",
    severity: "medium",
    description: "As many builds as may run at once fit the build nodes' limits.",
    remediation:
      "Raise buildNodes.limits, or lower builderService.kanikoJobLimit or kaniko.resources.requests; a build over the limits waits for ever.",
    blind:
      "What each node's own system takes; the preview's capacity counts that. A cluster that the stack doesn't make has nodes of its own.",
  },
  [TYPES.configMap, TYPES.nodePool],
  (stack) =>
    builderSettings(stack).flatMap(({ settings }) =>
      buildPools(stack, BUILD_NODE_KEY).flatMap(({ urn, props }) =>
        (["cpu", "memory"] as const).flatMap((resource) => {
          const needed = requestedAtOnce(settings, resource);
          const limit = props.spec?.limits?.[resource];
          return limit !== undefined && needed > amount(limit)
            ? [
                {
                  urn,
                  message: `${settings["KANIKO_JOB_LIMIT"] ?? ""} builds request ${shown(resource, needed)}, and limits.${resource} is ${limit}; raise it, or lower kanikoJobLimit.`,
                },
              ]
            : [];
        }),
      ),
    ),
);
