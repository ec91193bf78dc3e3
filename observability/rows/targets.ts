import {
  counter,
  gauge,
  histogramQuantile,
  max,
  maxOverTime,
  quantileOfSeries,
  rate,
  ratio,
  sum,
} from "../promql";
import { above, below, type Row, stat } from "../panels";
import { TARGETS } from "../targets";
import { inNamespace, ofBuild } from "../variables";

/** SRE-002's table of targets, each figure over the whole time shown. */
export const targetsRow = (): Row => ({
  title: "Targets of SRE-002, over the time shown",
  panels: [
    stat({
      id: 101,
      title: "Build duration, p50",
      description:
        "Median of the builds that succeeded. Good: below 30 s; SRE-002 began at 45 s and reached 28 s.",
      unit: "s",
      width: 4,
      queries: [
        { legend: "p50", expr: histogramQuantile(0.5, "build_duration_seconds", "$__range", inNamespace) },
      ],
      thresholds: below(TARGETS.buildP50),
    }),
    stat({
      id: 102,
      title: "Build duration, p95",
      description:
        "19 of 20 builds took at most this long. Good: below 60 s; SRE-002 began at 90 s and reached 52 s.",
      unit: "s",
      width: 4,
      queries: [
        { legend: "p95", expr: histogramQuantile(0.95, "build_duration_seconds", "$__range", inNamespace) },
      ],
      thresholds: below(TARGETS.buildP95),
    }),
    stat({
      id: 103,
      title: "Cold start, p95",
      description:
        "19 of 20 cold starts took at most this long. Good: below 3 s; SRE-002 began at 5 s and reached 2.8 s.",
      unit: "s",
      width: 4,
      queries: [
        {
          legend: "p95",
          expr: histogramQuantile(0.95, "function_cold_start_duration_seconds", "$__range", inNamespace),
        },
      ],
      thresholds: below(TARGETS.coldStartP95),
    }),
    stat({
      id: 104,
      title: "Cache hit rate",
      description:
        "Share of cacheable instructions that came from Kaniko's cache. Good: above 70 %; SRE-002 reached 75 %.",
      unit: "percentunit",
      width: 4,
      queries: [
        {
          legend: "hit rate",
          expr: ratio(
            sum(rate(counter("kaniko_cache_hits_total", inNamespace), "$__range")),
            sum(rate(counter("kaniko_cache_requests_total", inNamespace), "$__range")),
          ),
        },
      ],
      thresholds: above(TARGETS.cacheHitRatio),
    }),
    stat({
      id: 105,
      title: "Memory of a build, p95 of peaks",
      description:
        "19 of 20 builds never used more than this at a time, as sampled. Good: below 1.5Gi; SRE-002 began at 1.8Gi and reached 1.2Gi.",
      unit: "bytes",
      width: 4,
      queries: [
        {
          legend: "p95 of peaks",
          expr: quantileOfSeries(
            0.95,
            max(maxOverTime(gauge("container_memory_working_set_bytes", ofBuild), "$__range"), "pod"),
          ),
        },
      ],
      thresholds: below(TARGETS.buildMemory),
    }),
    stat({
      id: 106,
      title: "Image size, p95",
      description:
        "19 of 20 images that were built unpack to at most this. Good: below 400 MB; SRE-002 began at 800 MB and reached 320 MB.",
      unit: "decbytes",
      width: 4,
      queries: [
        { legend: "p95", expr: histogramQuantile(0.95, "image_size_bytes", "$__range", inNamespace) },
      ],
      thresholds: below(TARGETS.imageSize),
    }),
  ],
});
