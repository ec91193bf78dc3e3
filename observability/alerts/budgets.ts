import { and, compare, or, type Vector } from "../promql";
import { type RatioWindow, recordedErrorRatio } from "../recordingRules";
import type { AlertingRule, Severity } from "../rule";
import type { Runbook } from "../runbooks";
import { brokenIn, eventsIn, SERVICE_LEVELS, type ServiceLevelName } from "../serviceLevels";
import { alert } from "./alert";

/** A burn rate, in budgets of 30 days: over a window that shows that it matters, and a short one that shows that it goes on. */
interface Burn {
  long: RatioWindow;
  short: RatioWindow;
  factor: number;
}

/** Google's Site Reliability Workbook, chapter 5: 2 % of the budget in an hour, 5 % in six. */
const FAST: readonly Burn[] = [
  { long: "1h", short: "5m", factor: 14.4 },
  { long: "6h", short: "30m", factor: 6 },
];
/** And 10 % in a day, or in three. */
const SLOW: readonly Burn[] = [
  { long: "1d", short: "2h", factor: 3 },
  { long: "3d", short: "6h", factor: 1 },
];

/** Broken promises on which an alert may rest: fewer are chance. */
const FEWEST_BROKEN = 3;

/** Free of the digits that binary fractions leave behind. */
const exact = (value: number): number => Number(value.toPrecision(12));

/** Fewest events in the long window for a burn rate to mean something: of as many, three broken promises are the share that it asks for. */
const enough = (budget: number, factor: number): number =>
  Math.ceil(exact(FEWEST_BROKEN / (budget * factor)));

/** The error ratio of the long window, where both windows burn the budget so fast and the long one has events enough. */
function burns(level: ServiceLevelName, { long, short, factor }: Burn): Vector<never> {
  const { budget } = SERVICE_LEVELS[level];
  const share = exact(budget * factor);
  return and(
    and(
      compare(recordedErrorRatio(level, long), ">", share),
      compare(recordedErrorRatio(level, short), ">", share),
    ),
    compare(eventsIn(SERVICE_LEVELS[level], long), ">=", enough(budget, factor)),
  );
}

const anyOf = ([first, ...others]: readonly Vector<never>[]): Vector<never> =>
  others.reduce((all: Vector<never>, each) => or(all, each), first ?? "");

interface BudgetArgs {
  /** In the alerts' names. */
  name: string;
  runbook: Runbook;
  /** Whether the budget's end calls someone at night. */
  fast: Severity;
  slow: Severity;
}

const BUDGETS: Record<ServiceLevelName, BudgetArgs> = {
  build_success: { name: "BuildSuccess", runbook: "builds-failing", fast: "critical", slow: "warning" },
  build_time: { name: "BuildTime", runbook: "build-slow", fast: "warning", slow: "info" },
  cold_start: { name: "ColdStart", runbook: "cold-start-slow", fast: "warning", slow: "info" },
  availability: { name: "Availability", runbook: "functions-unavailable", fast: "critical", slow: "warning" },
};

/** The two alerts of a service level's error budget. They are for systems with traffic: without it both are silent. */
export function budgetAlerts(level: ServiceLevelName, runbooks: string): AlertingRule[] {
  const { name, runbook, fast, slow } = BUDGETS[level];
  const { events, promise } = SERVICE_LEVELS[level];
  const summary = `{{ $value | humanizePercentage }} of ${events} break the promise that ${promise}.`;
  return [
    alert(
      `${name}BudgetBurnsFast`,
      {
        expr: anyOf(FAST.map((burn) => burns(level, burn))),
        for: "2m",
        severity: fast,
        summary,
        description:
          "The error budget of 30 days is gone within five days, or within two: over the last hour and five minutes it was used 14.4 times as fast as it lasts, or over six hours and thirty minutes 6 times.",
        runbook,
      },
      runbooks,
    ),
    alert(
      `${name}BudgetBurnsSlowly`,
      {
        expr: anyOf(SLOW.map((burn) => burns(level, burn))),
        for: "15m",
        severity: slow,
        summary,
        description:
          "The error budget of 30 days will not last: over the last day and two hours it was used 3 times as fast as it lasts, or over three days and six hours just as fast.",
        runbook,
      },
      runbooks,
    ),
  ];
}

/** Broken promises of the last hour, where it holds too few events for a burn rate. */
export const fewButBroken = (level: ServiceLevelName): Vector<never> => {
  const { budget } = SERVICE_LEVELS[level];
  return and(
    compare(brokenIn(SERVICE_LEVELS[level], "1h"), ">=", FEWEST_BROKEN),
    compare(eventsIn(SERVICE_LEVELS[level], "1h"), "<", enough(budget, FAST[0]?.factor ?? 1)),
  );
};
