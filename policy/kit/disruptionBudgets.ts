import { type Labels, podTemplate, selects, type Workload } from "./pods";
import type { Stack, StackResource } from "./stackPolicy";
import { TYPES } from "./types";

export interface DisruptionBudget {
  spec: {
    selector?: { matchLabels?: Labels };
    maxUnavailable?: number | string;
    minAvailable?: number | string;
  };
}

/** The budgets for the pods of a Deployment. */
export const budgetsOf = (
  stack: Stack,
  { type, props }: StackResource<Partial<Workload>>,
): StackResource<Partial<DisruptionBudget>>[] =>
  stack
    .all<DisruptionBudget>(TYPES.pdb)
    .filter((budget) =>
      selects(budget.props.spec?.selector, podTemplate(type, props).metadata?.labels ?? {}),
    );
