import { BUILD_NODE_KEY, VCPU_QUOTA } from "../../contract/names";
import { builderSettings, buildPools, type ClusterQueue, quotasOf, requestedAtOnce } from "../kit/builds";
import { amount } from "../../settings/scalars";
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
  [TYPES.configMap, TYPES.nodePool, TYPES.clusterQueue],
  (stack) => {
    // What the queue doesn't admit takes no node.
    const admitted = Math.min(
      ...stack.all<ClusterQueue>(TYPES.clusterQueue).flatMap(({ props }) => {
        const { cpu } = quotasOf(props);
        return cpu === undefined ? [] : [amount(cpu)];
      }),
    );
    return builderSettings(stack).flatMap(({ settings }) =>
      buildPools(stack, BUILD_NODE_KEY).flatMap(({ urn, props }) => {
        const quota = props.metadata?.annotations?.[VCPU_QUOTA];
        const requested = requestedAtOnce(settings, "cpu");
        const [what, needed] =
          requested <= admitted
            ? [`${settings["KANIKO_JOB_LIMIT"] ?? ""} builds request`, requested]
            : ["the build queue admits", admitted];
        return quota !== undefined && needed > Number(quota)
          ? [{ urn, message: `${what} ${needed} CPU, and EC2's quota is ${quota} vCPU; have it raised.` }]
          : [];
      }),
    );
  },
);
