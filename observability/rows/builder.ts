import { BUILDER, SYSTEM_NAMESPACE } from "../../contract/names";
import type { DashboardArgs } from "../dashboardArgs";
import { counter, gauge, increase, max, rate, ratio, sum } from "../promql";
import { lines, type Row, timeseries } from "../panels";
import { inEnvironment } from "../variables";

/** Containers of the builder's replicas, without their pause containers. */
const ofBuilder = {
  ...inEnvironment,
  namespace: SYSTEM_NAMESPACE,
  pod: { matches: `${BUILDER}-.+` },
  container: { not: "" },
} as const;

const ofAutoscaler = {
  ...inEnvironment,
  namespace: SYSTEM_NAMESPACE,
  horizontalpodautoscaler: BUILDER,
} as const;
const SILENT_SECONDS = 180;

/** The builder itself: whether it has the replicas that it needs, and hears and is heard. */
export const builderRow = ({ targetCPU }: Pick<DashboardArgs, "targetCPU">): Row => ({
  title: "Builder",
  panels: [
    timeseries({
      id: 25,
      title: "CPU of the builder",
      description: `Share of their request that the builder's replicas use. ${
        targetCPU === undefined
          ? "No autoscaler is set. Good: below 100 %."
          : `The line is the HPA's target, ${targetCPU} %: it adds replicas above and takes some away below. Good: around or below the line.`
      }`,
      unit: "percentunit",
      width: 8,
      reachesTo: 1,
      queries: [
        {
          legend: "of the request",
          expr: ratio(
            sum(rate(counter("container_cpu_usage_seconds_total", ofBuilder), "$window")),
            sum(gauge("kube_pod_container_resource_requests", { ...ofBuilder, resource: "cpu" })),
          ),
        },
      ],
      thresholds: lines(...(targetCPU === undefined ? [] : [{ value: targetCPU / 100, color: "orange" }])),
    }),
    timeseries({
      id: 61,
      title: "Replicas of the builder",
      description: `Replicas that there are, that the HPA wants, and the most that it may. ${
        targetCPU === undefined
          ? "No autoscaler is set: empty."
          : "Good: wanted and there are one line, below the most."
      }`,
      runbook: "builder-down",
      unit: "short",
      width: 8,
      queries: [
        {
          legend: "there are",
          expr: max(gauge("kube_horizontalpodautoscaler_status_current_replicas", ofAutoscaler)),
        },
        {
          legend: "wanted",
          expr: max(gauge("kube_horizontalpodautoscaler_status_desired_replicas", ofAutoscaler)),
        },
        { legend: "most", expr: max(gauge("kube_horizontalpodautoscaler_spec_max_replicas", ofAutoscaler)) },
      ],
    }),
    timeseries({
      id: 62,
      title: "Silence of the API server",
      description:
        "Longest time since a replica last heard of the API server, by what it watches. Good: below a minute, as the server ends each watch by then. From the line at 3 min on the replica is not ready.",
      runbook: "watch-silent",
      unit: "s",
      width: 8,
      reachesTo: SILENT_SECONDS,
      queries: [
        { legend: "{{resource}}", expr: max(gauge("watch_silent_seconds", inEnvironment), "resource") },
      ],
      thresholds: lines({ value: SILENT_SECONDS, color: "red" }),
    }),
    timeseries({
      id: 63,
      title: "Registry throttling",
      description:
        "Answers in the window by which a registry asked for patience: to the builder, or in builds, each counted once. Good: none.",
      runbook: "registry-throttled",
      unit: "short",
      width: 12,
      queries: [
        {
          legend: "seen by {{seen_by}}",
          expr: sum(increase(counter("registry_throttled_total", inEnvironment), "$window"), "seen_by"),
        },
      ],
    }),
    timeseries({
      id: 64,
      title: "Functions built anew",
      description:
        "Functions since the builder's templates were raised: still on an image of earlier ones, built anew (or being so), and failed at it. Good: nothing but zeros, or past becoming refreshed. From three failures on that are more than a fifth, no more are built anew.",
      runbook: "templates-fail",
      unit: "short",
      width: 12,
      queries: [
        {
          legend: "{{standing}}",
          expr: max(gauge("functions_by_refresh", inEnvironment), "standing"),
        },
      ],
    }),
  ],
});
