import { amount } from "../../settings/scalars";
import { type ConfigMap, SETTINGS_MAP, settingsIn } from "../kit/builderEnvironment";
import { resourcePolicy } from "../kit/resourcePolicy";

interface Bounds {
  leastCpu: string;
  leastMemory: string;
  mostCpu: string;
  mostMemory: string;
}

export const kanikoResources = resourcePolicy<ConfigMap, Bounds>(
  {
    name: "kaniko-resources",
    severity: "medium",
    description: "A build's requests and limits lie within bounds, and no request is above its limit.",
    remediation:
      "Change builderService.kaniko.resources. Below the least a build of SRE-002's size is killed or crawls; above the most one build fills a node.",
    config: {
      leastCpu: { description: "Least request of CPU.", default: "250m" },
      leastMemory: { description: "Least request of memory.", default: "512Mi" },
      mostCpu: { description: "Highest limit of CPU.", default: "8" },
      mostMemory: { description: "Highest limit of memory.", default: "16Gi" },
    },
  },
  SETTINGS_MAP,
  ({ props }, { leastCpu, leastMemory, mostCpu, mostMemory }) => {
    const settings = settingsIn(props);
    if (settings === undefined) return [];
    return (
      [
        ["CPU", leastCpu, mostCpu],
        ["MEMORY", leastMemory, mostMemory],
      ] as const
    ).flatMap(([resource, least, most]) => {
      const request = settings[`KANIKO_REQUESTS_${resource}`] ?? "0";
      const limit = settings[`KANIKO_LIMITS_${resource}`] ?? "0";
      return [
        ...(amount(request) < amount(least)
          ? [`KANIKO_REQUESTS_${resource} ${request} is below ${least}; raise it.`]
          : []),
        ...(amount(limit) > amount(most)
          ? [`KANIKO_LIMITS_${resource} ${limit} is above ${most}; lower it.`]
          : []),
        ...(amount(request) > amount(limit)
          ? [`KANIKO_REQUESTS_${resource} ${request} is above the limit of ${limit}; lower it.`]
          : []),
      ];
    });
  },
);
