import { buckets, histogramQuantile, increase, sum } from "../promql";
import { below, heatmap, type Row, timeseries } from "../panels";
import { TARGETS } from "../targets";
import { inNamespace } from "../variables";

const EACH_SERIES =
  "That is one figure for each replica of the builder and each label value, and percentiles can't be averaged; here the buckets are summed `by (le)` first, which gives the platform's one figure. `$window` is 5m unless chosen otherwise.";

const quantiles = [0.5, 0.95, 0.99] as const;

/** How long developers wait for a build, and callers for a cold function. */
export const speedRow = (): Row => ({
  title: "Speed",
  panels: [
    timeseries({
      id: 1,
      title: "Build duration over time (p50, p95, p99)",
      description:
        "From a build's admission to its digest verified, without the wait in the queue; builds that succeeded. Good: p95 below the line at 60 s, p50 below 30 s. A gap is a window without a build.",
      specified: {
        queries: quantiles.map(
          (quantile) => `histogram_quantile(${quantile.toFixed(2)}, rate(build_duration_seconds_bucket[5m]))`,
        ),
        reason: EACH_SERIES,
      },
      runbook: "build-slow",
      unit: "s",
      width: 8,
      queries: quantiles.map((quantile) => ({
        legend: `p${quantile * 100}`,
        expr: histogramQuantile(quantile, "build_duration_seconds", "$window", inNamespace),
      })),
      thresholds: below(TARGETS.buildP95),
    }),
    heatmap({
      id: 2,
      title: "Cold start latency distribution",
      description:
        "Cold starts by how long they took: from a revision's first pod to its being ready, with no other ready. The stronger the colour, the more in the window. Good: nothing above 3 s. A second band is often the image's first pull on a node.",
      unit: "s",
      width: 8,
      queries: [
        {
          legend: "{{le}}",
          expr: sum(increase(buckets("function_cold_start_duration_seconds", inNamespace), "$window"), "le"),
        },
      ],
    }),
    timeseries({
      id: 12,
      title: "Cold start latency (p50, p95)",
      description: "Good: p95 below the line at 3 s. Functions that are kept alive have none.",
      specified: {
        queries: ["histogram_quantile(0.95, rate(function_cold_start_duration_seconds_bucket[5m]))"],
        reason: EACH_SERIES,
      },
      runbook: "cold-start-slow",
      unit: "s",
      width: 8,
      queries: ([0.5, 0.95] as const).map((quantile) => ({
        legend: `p${quantile * 100}`,
        expr: histogramQuantile(quantile, "function_cold_start_duration_seconds", "$window", inNamespace),
      })),
      thresholds: below(TARGETS.coldStartP95),
    }),
  ],
});
