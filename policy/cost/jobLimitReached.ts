import { amount } from "../../settings/scalars";
import { builderSettings, type ClusterQueue, quotasOf, requestedByOne } from "../kit/builds";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

export const jobLimitReached = stackPolicy(
  {
    name: "job-limit-reached",
    severity: "low",
    description: "As many builds run at once as kanikoJobLimit says.",
    remediation:
      "Nothing breaks: builds that the queue doesn't admit wait for one that ends. Raise buildNodes.limits to have more at once, or lower builderService.kanikoJobLimit or kaniko.resources.requests to say what is meant.",
    blind:
      "What each node's own system takes: the preview's capacity counts that, and may come to fewer still.",
  },
  [TYPES.configMap, TYPES.clusterQueue],
  (stack) =>
    builderSettings(stack).flatMap(({ settings }) =>
      stack.all<ClusterQueue>(TYPES.clusterQueue).flatMap(({ urn, props }) => {
        const quotas = quotasOf(props);
        const limit = Number(settings["KANIKO_JOB_LIMIT"]);
        const fitting = (["cpu", "memory"] as const).flatMap((resource) => {
          const quota = quotas[resource];
          const request = requestedByOne(settings, resource);
          return quota === undefined || request === 0
            ? []
            : [{ resource, quota, builds: Math.floor(amount(quota) / request) }];
        });
        const [fewest] = fitting.sort((a, b) => a.builds - b.builds);
        return fewest !== undefined && fewest.builds < limit
          ? [
              {
                urn,
                message: `at most ${fewest.builds} of ${limit} builds run at once, by the quota of ${fewest.resource}, ${fewest.quota}; the others wait.`,
              },
            ]
          : [];
      }),
    ),
);
