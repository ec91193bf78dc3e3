import { seconds } from "../../settings/scalars";
import { builderSettings } from "../kit/builds";
import { expires, lifecycleRules, purposeOf, type Repository } from "../kit/ecr";
import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

const DAY = 86_400;

export const cacheOutlivesTtl = stackPolicy(
  {
    name: "cache-outlives-ttl",
    severity: "medium",
    description: "Cached layers are kept at least as long as Kaniko asks for them.",
    remediation:
      "Leave imageRepositories.cacheExpiryDays out, so that it follows cacheTTL, or raise it: layers that go before are built again.",
  },
  [TYPES.configMap, TYPES.repository, TYPES.lifecyclePolicy, TYPES.creationTemplate],
  (stack) => {
    const caches = stack
      .all<Repository>(TYPES.repository)
      .filter((repository) => purposeOf(repository) === "cache");
    const policies = [
      ...stack
        .all<Repository>(TYPES.creationTemplate)
        .filter((template) => purposeOf(template) === "cache")
        .map(({ urn, props }) => ({ urn, policy: props.lifecyclePolicy })),
      ...stack
        .all<{ repository: string; policy: string }>(TYPES.lifecyclePolicy)
        .filter(({ props, madeFrom }) =>
          caches.some((cache) => madeFrom.includes(cache.urn) || cache.props.name === props.repository),
        )
        .map(({ urn, props }) => ({ urn, policy: props.policy })),
    ];
    return builderSettings(stack).flatMap(({ settings }) => {
      const ttl = settings["KANIKO_CACHE_TTL"] ?? "0";
      return policies.flatMap(({ urn, policy }) =>
        lifecycleRules(policy ?? "")
          .filter((rule) => expires(rule) && rule.selection?.countType === "sinceImagePushed")
          .filter(({ selection }) => (selection?.countNumber ?? 0) * DAY < seconds(ttl))
          .map(({ selection }) => ({
            urn,
            message: `layers expire after ${selection?.countNumber ?? 0} days, before cacheTTL ${ttl}; keep them as long.`,
          })),
      );
    });
  },
);
