import type { FunctionStatus } from "../../contract/function/status";

export type Condition = NonNullable<FunctionStatus["conditions"]>[number];
export type ConditionType =
  | "SourceReady"
  | "BuildReady"
  | "DeployReady"
  | "ServiceReady"
  | "SpecHonoured"
  | "NamespaceListed"
  | "Refreshed";

/** What is said of one aspect. */
export interface Said {
  status: Condition["status"];
  reason: string;
  message: string;
}

const MOST_MESSAGE = 8_000;

/** The conditions with one of them said anew. The time is that of the last change of its status, as the API's conventions have it. */
export function withCondition(
  conditions: readonly Condition[],
  type: ConditionType,
  { status, reason, message }: Said,
  generation: number,
  now: Date,
): Condition[] {
  const before = conditions.find((condition) => condition.type === type);
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now.toISOString();
  const said: Condition = {
    type,
    status,
    reason,
    message: message.slice(0, MOST_MESSAGE),
    lastTransitionTime,
    observedGeneration: generation,
  };
  return before === undefined
    ? [...conditions, said]
    : conditions.map((condition) => (condition === before ? said : condition));
}

/** Those that are new or say something else than before. */
export const changed = (before: readonly Condition[], after: readonly Condition[]): Condition[] =>
  after.filter((condition) => {
    const old = before.find(({ type }) => type === condition.type);
    return old?.status !== condition.status || old.reason !== condition.reason;
  });
