import { BUILD_NODE_KEY } from "../../contract/names";
import { amount } from "../../settings/scalars";
import { type ClusterQueue, poolLimit, quotasOf } from "../kit/builds";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

export const jobLimitFitsNodePool = stackPolicy(
  {
    name: "job-limit-fits-node-pool",
    severity: "medium",
    description: "The build queue admits no more than the build nodes' limits hold.",
    remediation:
      "Let the quota stop at the pool's limits (estimate/buildQuota.ts), or raise buildNodes.limits: a build that is admitted beyond them has a pod that waits for a node that is never started.",
    blind:
      "What each node's own system takes; the preview's capacity counts that. A cluster that the stack doesn't make has nodes of its own.",
  },
  [TYPES.clusterQueue, TYPES.nodePool],
  (stack) =>
    stack.all<ClusterQueue>(TYPES.clusterQueue).flatMap(({ urn, props }) =>
      (["cpu", "memory"] as const).flatMap((resource) => {
        const quota = quotasOf(props)[resource];
        const pool = poolLimit(stack, BUILD_NODE_KEY, resource);
        return pool !== undefined && (quota === undefined || amount(quota) > amount(pool.limit))
          ? [
              {
                urn,
                message: `the quota of ${resource} is ${quota ?? "not set"}, and limits.${resource} of ${pool.name} is ${pool.limit}; lower the quota, or raise the limit.`,
              },
            ]
          : [];
      }),
    ),
);
