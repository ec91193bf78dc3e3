import { BUILD_NAMESPACE } from "../../contract/names";
import type { DashboardArgs } from "../dashboardArgs";
import { counter, gauge, max, rate, ratio, sum } from "../promql";
import { above, lines, type Row, timeseries } from "../panels";
import { TARGETS } from "../targets";
import { inEnvironment, inNamespace, ofQueue } from "../variables";

const ofDependencies = { ...inNamespace, instruction: "RUN" } as const;

/** What makes builds fast, and how many run at once. */
export const buildsRow = ({ kanikoJobLimit }: Pick<DashboardArgs, "kanikoJobLimit">): Row => ({
  title: "Builds",
  panels: [
    timeseries({
      id: 3,
      title: "Cache hit rate",
      description:
        "Share of cacheable instructions served from Kaniko's cache, counted over all of a build's, also those that Kaniko did not look up after a first miss. Good: above the line at 70 %. RUN alone shows the dependencies' layers: a COPY of changed code can never hit.",
      specified: {
        queries: ["sum(rate(kaniko_cache_hits_total[5m])) /", "sum(rate(kaniko_cache_requests_total[5m]))"],
        reason:
          "The same here, for the namespaces chosen. Its other form, without the sums, gives a rate for each replica. `$window` is 5m unless chosen otherwise.",
      },
      runbook: "cache-hit-rate-low",
      unit: "percentunit",
      width: 12,
      reachesTo: 1,
      queries: [
        {
          legend: "all instructions",
          expr: ratio(
            sum(rate(counter("kaniko_cache_hits_total", inNamespace), "$window")),
            sum(rate(counter("kaniko_cache_requests_total", inNamespace), "$window")),
          ),
        },
        {
          legend: "RUN (dependencies)",
          expr: ratio(
            sum(rate(counter("kaniko_cache_hits_total", ofDependencies), "$window")),
            sum(rate(counter("kaniko_cache_requests_total", ofDependencies), "$window")),
          ),
        },
      ],
      thresholds: above(TARGETS.cacheHitRatio),
    }),
    timeseries({
      id: 4,
      title: "Concurrent builds",
      description: `Running and waiting builds of the namespaces chosen; beside them, of all namespaces, the Jobs with a pod (what \`kubectl get jobs -n ${BUILD_NAMESPACE}\` counts as running) and the builds that hold quota. The line is kanikoJobLimit, ${kanikoJobLimit}. Good: waiting falls back to 0. Waiting below the limit means that quota of CPU, memory or disk is used up; quota held above the Jobs with a pod, that pods are not created.`,
      runbook: "job-limit-saturated",
      unit: "short",
      width: 12,
      reachesTo: kanikoJobLimit,
      queries: [
        { legend: "running", expr: sum(gauge("builds_running", inNamespace)) },
        { legend: "waiting", expr: sum(gauge("builds_queued", inNamespace)) },
        {
          legend: "Jobs with a pod",
          expr: sum(
            gauge("kube_job_status_active", {
              ...inEnvironment,
              namespace: BUILD_NAMESPACE,
              job_name: { matches: "build-.+" },
            }),
          ),
        },
        {
          legend: "quota held",
          // Each replica of Kueue says the same figure: a sum would count it twice.
          expr: max(gauge("kueue_admitted_active_workloads", ofQueue)),
        },
      ],
      thresholds: lines({ value: kanikoJobLimit, color: "red" }),
    }),
  ],
});
