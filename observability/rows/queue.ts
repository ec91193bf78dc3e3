import { gauge, histogramQuantile, max, ratio, sum } from "../promql";
import { lines, type Row, timeseries } from "../panels";
import { inNamespace, ofQueue } from "../variables";

/** How long builds wait, and for what. */
export const queueRow = (): Row => ({
  title: "Build queue",
  panels: [
    timeseries({
      id: 41,
      title: "Queue depth",
      description:
        "Builds that wait for admission, of the namespaces chosen; and of all, as Kueue counts them: those that are next, and those that can't be let in until something changes. Good: falls back to 0; below the line at 500. Nothing but inadmissible ones means that a build requests more than there is.",
      runbook: "queue-stuck",
      unit: "short",
      width: 8,
      queries: [
        { legend: "waiting", expr: sum(gauge("builds_queued", inNamespace)) },
        {
          legend: "{{status}} (Kueue)",
          // Each replica of Kueue says the same figure: a sum would count it twice.
          expr: max(gauge("kueue_pending_workloads", ofQueue), "status"),
        },
      ],
      thresholds: lines({ value: 500, color: "red" }),
    }),
    timeseries({
      id: 42,
      title: "Wait in the queue (p50, p95)",
      description:
        "From a build's Job created to its admission; not part of the build's duration. Good: p95 of some seconds outside a spike. A spike of 300 builds drains within 8 minutes at the limit of production, so that the last wait as long.",
      runbook: "job-limit-saturated",
      unit: "s",
      width: 8,
      queries: ([0.5, 0.95] as const).map((quantile) => ({
        legend: `p${quantile * 100}`,
        expr: histogramQuantile(quantile, "build_queue_wait_seconds", "$window", inNamespace),
      })),
    }),
    timeseries({
      id: 43,
      title: "Quota in use",
      description:
        "Share of the builds' quota that is held, by resource. The one that reaches 100 % first is what bounds the builds; `pods` is kanikoJobLimit. Good: pods reach it before CPU, memory or disk do.",
      runbook: "job-limit-saturated",
      unit: "percentunit",
      width: 8,
      reachesTo: 1,
      queries: [
        {
          legend: "{{resource}}",
          expr: ratio(
            max(gauge("kueue_cluster_queue_resource_usage", ofQueue), "resource"),
            max(gauge("kueue_cluster_queue_nominal_quota", ofQueue), "resource"),
          ),
        },
      ],
      thresholds: lines({ value: 0.95, color: "red" }),
    }),
  ],
});
