import { amount } from "../../settings/scalars";
import { builderSettings, type ClusterQueue, requestedAtOnce, shown } from "../kit/builds";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

export const jobLimitFitsQueue = stackPolicy(
  {
    name: "job-limit-fits-queue",
    severity: "medium",
    description: "The build queue admits as many builds as may run at once.",
    remediation:
      "Let the quota follow kanikoJobLimit x request (estimate/buildQuota.ts). Where the build nodes' limits cap it, raise those.",
  },
  [TYPES.configMap, TYPES.clusterQueue],
  (stack) =>
    builderSettings(stack).flatMap(({ settings }) =>
      stack.all<ClusterQueue>(TYPES.clusterQueue).flatMap(({ urn, props }) => {
        const quotas = (props.spec?.resourceGroups ?? []).flatMap(({ flavors = [] }) =>
          flavors.flatMap(({ resources = [] }) => resources),
        );
        const quota = (name: string) => quotas.find((resource) => resource.name === name)?.nominalQuota;
        const limit = settings["KANIKO_JOB_LIMIT"] ?? "";
        const pods = quota("pods");
        return [
          ...(pods === limit
            ? []
            : [`quota of pods is ${pods ?? "not set"}, kanikoJobLimit ${limit}; make them one.`]),
          ...(["cpu", "memory"] as const).flatMap((resource) => {
            const needed = requestedAtOnce(settings, resource);
            const has = quota(resource);
            return has !== undefined && needed > amount(has)
              ? [
                  `${limit} builds request ${shown(resource, needed)}, and the quota of ${resource} is ${has}; raise it.`,
                ]
              : [];
          }),
        ].map((message) => ({ urn, message }));
      }),
    ),
);
