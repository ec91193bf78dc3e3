import { BUILD_NODE_KEY, VCPU_QUOTA } from "../../contract/names";
import { builderSettings, buildPools, requestedAtOnce } from "../kit/builds";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

export const ec2Quota = stackPolicy(
  {
    name: "ec2-quota",
    severity: "low",
    description: "As many builds as may run at once fit EC2's vCPU quota.",
    remediation:
      "Have AWS raise the quota, then set quotas.spotVcpus or quotas.onDemandVcpus; until then more builds wait than kanikoJobLimit says.",
    blind:
      "The quota itself: it is what the stack file says, which AWS may have changed. What else the account runs.",
  },
  [TYPES.configMap, TYPES.nodePool],
  (stack) =>
    builderSettings(stack).flatMap(({ settings }) =>
      buildPools(stack, BUILD_NODE_KEY).flatMap(({ urn, props }) => {
        const quota = props.metadata?.annotations?.[VCPU_QUOTA];
        const needed = requestedAtOnce(settings, "cpu");
        return quota !== undefined && needed > Number(quota)
          ? [
              {
                urn,
                message: `${settings["KANIKO_JOB_LIMIT"] ?? ""} builds request ${needed} CPU, and EC2's quota is ${quota} vCPU; have it raised.`,
              },
            ]
          : [];
      }),
    ),
);
