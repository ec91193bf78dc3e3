import type { RuleGroup } from "./rule";
import { SERVICE_LEVEL_NAMES } from "./serviceLevels";
import { budgetAlerts } from "./alerts/budgets";
import { platformAlerts } from "./alerts/platform";
import { queueAlerts } from "./alerts/queue";
import { buildAlerts, functionAlerts } from "./alerts/targets";

/**
 * All alerts. None has anything to compare on an idle system, and none turns missing data into a value.
 * @param runbooks Address below which `docs/runbooks` is served; "" where there is none
 */
export const alerts = (runbooks = ""): RuleGroup[] => [
  { name: "knative-lambda.builds", rules: buildAlerts(runbooks) },
  { name: "knative-lambda.functions", rules: functionAlerts(runbooks) },
  { name: "knative-lambda.queue", rules: queueAlerts(runbooks) },
  { name: "knative-lambda.platform", rules: platformAlerts(runbooks) },
  {
    name: "knative-lambda.error-budgets",
    rules: SERVICE_LEVEL_NAMES.flatMap((level) => budgetAlerts(level, runbooks)),
  },
];
