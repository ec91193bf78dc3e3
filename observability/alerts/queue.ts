import { CLUSTER_QUEUE } from "../../contract/names";
import { and, compare, counter, gauge, increase, max, or, ratio, sum } from "../promql";
import type { AlertingRule } from "../rule";
import { alert } from "./alert";

const waiting = sum(gauge("builds_queued"));
const someWait = compare(waiting, ">", 0);
const ofQueue = { cluster_queue: CLUSTER_QUEUE } as const;
// Each replica of Kueue says the same gauges: their maximum is the figure.
const use = max(gauge("kueue_cluster_queue_resource_usage", ofQueue), "resource");
const quota = max(gauge("kueue_cluster_queue_nominal_quota", ofQueue), "resource");

/** Alerts on the way from a build wanted to a build admitted. */
export const queueAlerts = (runbooks: string): AlertingRule[] => [
  alert(
    "QueueStuck",
    {
      expr: or(
        and(someWait, compare(sum(gauge("builds_running")), "==", 0)),
        // Also where an old build runs on. Of a Kueue that nobody scrapes nothing is said.
        and(
          someWait,
          compare(sum(increase(counter("kueue_admitted_workloads_total", ofQueue), "15m")), "==", 0),
        ),
      ),
      for: "10m",
      severity: "critical",
      summary: "{{ $value | humanize }} builds wait, and the queue lets none of them in.",
      description:
        "For ten minutes builds have waited while none ran, or for a quarter of an hour none was admitted. New code does not go live; functions that run are untouched.",
      runbook: "queue-stuck",
    },
    runbooks,
  ),
  alert(
    "QueueLong",
    {
      expr: compare(waiting, ">", 500),
      for: "5m",
      severity: "warning",
      summary: "{{ $value | humanize }} builds wait for their turn; 500 is the most that is expected.",
      description:
        "A spike of 300 builds drains within 8 minutes at the limit of production. So many wait longer than their authors will.",
      runbook: "job-limit-saturated",
    },
    runbooks,
  ),
  alert(
    "JobLimitSaturated",
    {
      expr: and(compare(max(ratio(use, quota)), ">=", 0.95), someWait),
      for: "15m",
      severity: "warning",
      summary: "{{ $value | humanizePercentage }} of the builds' quota is in use, and builds wait.",
      description:
        "For a quarter of an hour kanikoJobLimit, or the CPU, memory or disk that goes with it, has been used up while builds waited. They take longer to begin; nothing is broken.",
      runbook: "job-limit-saturated",
    },
    runbooks,
  ),
];
