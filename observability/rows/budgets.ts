import { budgetLeft, times } from "../promql";
import { lines, type Panel, type Row, stat, timeseries } from "../panels";
import type { Runbook } from "../runbooks";
import { errorRatio, SERVICE_LEVEL_NAMES, serviceLevels, type ServiceLevelName } from "../serviceLevels";
import { inNamespace, throughGateway } from "../variables";

const levels = serviceLevels({ builder: inNamespace, gateway: throughGateway });

const TITLES: Record<ServiceLevelName, { title: string; legend: string; runbook: Runbook }> = {
  build_success: {
    title: "Budget left: builds succeed",
    legend: "builds succeed",
    runbook: "builds-failing",
  },
  build_time: { title: "Budget left: builds in 60 s", legend: "builds in 60 s", runbook: "build-slow" },
  cold_start: { title: "Budget left: starts in 3 s", legend: "starts in 3 s", runbook: "cold-start-slow" },
  availability: {
    title: "Budget left: functions answer",
    legend: "functions answer",
    runbook: "functions-unavailable",
  },
};

const left = (name: ServiceLevelName, index: number): Panel =>
  stat({
    id: 111 + index,
    title: TITLES[name].title,
    description: `The promise: ${levels[name].promise}. What is left of the error budget that the time shown has, as a share of it. Good: above 0; below, the promise was broken.`,
    runbook: TITLES[name].runbook,
    unit: "percentunit",
    width: 3,
    queries: [
      { legend: "left", expr: budgetLeft(errorRatio(levels[name], "$__range"), levels[name].budget) },
    ],
    thresholds: [
      { value: null, color: "red" },
      { value: 0, color: "orange" },
      { value: 0.25, color: "green" },
    ],
  });

/** What is left of the error budgets, and how fast they are used. */
export const budgetsRow = (): Row => ({
  title: "Error budgets",
  panels: [
    ...SERVICE_LEVEL_NAMES.map(left),
    timeseries({
      id: 71,
      title: "Burn rate over an hour",
      description:
        "How many times as fast as it lasts each error budget is used. At 1 it lasts exactly; at 14.4 (the line) two per cent of a month's are gone in an hour, and someone is called. Good: below 1.",
      runbook: "builds-failing",
      unit: "short",
      width: 12,
      queries: SERVICE_LEVEL_NAMES.map((name) => ({
        legend: TITLES[name].legend,
        expr: times(`(${errorRatio(levels[name], "1h")})`, 1 / levels[name].budget),
      })),
      thresholds: lines({ value: 1, color: "orange" }, { value: 14.4, color: "red" }),
    }),
  ],
});
