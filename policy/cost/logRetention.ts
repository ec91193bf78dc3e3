import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

export const logRetention = resourcePolicy<{ retentionInDays: number }, { most: number }>(
  {
    name: "log-retention",
    severity: "medium",
    description: "Logs are kept for a time, not for ever.",
    remediation: "Set cluster.logRetentionDays.",
    config: { most: { description: "Most days.", default: 400 } },
  },
  [TYPES.logGroup],
  ({ props: { retentionInDays: days = 0 } }, { most }) =>
    days === 0
      ? ["retentionInDays is not set, so that logs are kept for ever; set it."]
      : days > most
        ? [`retentionInDays ${days} is above ${most}; lower it.`]
        : [],
);
