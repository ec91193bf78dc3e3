import { BUILD_NODE_KEY } from "../../contract/names";
import { amount } from "../../settings/scalars";
import {
  builderSettings,
  type ClusterQueue,
  poolLimit,
  quotasOf,
  requestedAtOnce,
  requestedByOne,
  shown,
} from "../kit/builds";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

export const jobLimitFitsQueue = stackPolicy(
  {
    name: "job-limit-fits-queue",
    severity: "medium",
    description:
      "The build queue admits as many builds as may run at once, as far as the build nodes hold them.",
    remediation:
      "Let the quota follow kanikoJobLimit x request, up to the build nodes' limits (estimate/buildQuota.ts). Where one build alone is above the quota, lower kaniko.resources.requests or raise buildNodes.limits: it is never admitted.",
  },
  [TYPES.configMap, TYPES.clusterQueue, TYPES.nodePool],
  (stack) =>
    builderSettings(stack).flatMap(({ settings }) =>
      stack.all<ClusterQueue>(TYPES.clusterQueue).flatMap(({ urn, props }) => {
        const { pods, ...quotas } = quotasOf(props);
        const limit = settings["KANIKO_JOB_LIMIT"] ?? "";
        return [
          ...(pods === limit
            ? []
            : [`quota of pods is ${pods ?? "not set"}, kanikoJobLimit ${limit}; make them one.`]),
          ...(["cpu", "memory"] as const).flatMap((resource) => {
            const quota = quotas[resource];
            if (quota === undefined) return [];
            if (requestedByOne(settings, resource) > amount(quota))
              return [
                `one build requests ${shown(resource, requestedByOne(settings, resource))}, and the quota of ${resource} is ${quota}, so that none is ever admitted; lower the request, or raise buildNodes.limits.`,
              ];
            const needed = requestedAtOnce(settings, resource);
            const pool = poolLimit(stack, BUILD_NODE_KEY, resource);
            return amount(quota) < Math.min(needed, pool === undefined ? Infinity : amount(pool.limit))
              ? [
                  `${limit} builds request ${shown(resource, needed)}, and the quota of ${resource} is ${quota}; raise it${pool === undefined ? "" : `, up to the ${pool.limit} of ${pool.name}`}.`,
                ]
              : [];
          }),
        ].map((message) => ({ urn, message }));
      }),
    ),
);
