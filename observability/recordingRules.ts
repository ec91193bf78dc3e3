import { BUILD_NAMESPACE, KANIKO_CONTAINER } from "../contract/names";
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
  type Vector,
} from "./promql";
import type { RuleGroup } from "./rule";

/** 0 / 0 and the quantile of nothing are NaN: an hour without builds records no sample instead of one that means nothing. */
const whereAny = (vector: Vector<never>): Vector<never> => `${vector} >= 0`;

/** Ends of a build that lie with the platform. */
export const PLATFORM_FAULTS = ["platform_error", "timed_out"] as const;
/** What they are a share of: a user's own error or cancellation says nothing of the platform. */
const OF_THE_PLATFORM = ["succeeded", ...PLATFORM_FAULTS] as const;

/**
 * The figures of SRE-002's targets over the last hour, one series each, for alerts and whoever else asks for them.
 * An hour holds some 85 builds in production (2,040 a day); shorter windows make a percentile of a handful.
 */
const RECORDED = {
  "platform:build_duration_seconds:p50_1h": whereAny(histogramQuantile(0.5, "build_duration_seconds", "1h")),
  "platform:build_duration_seconds:p95_1h": whereAny(histogramQuantile(0.95, "build_duration_seconds", "1h")),
  // Of faults, not of successes: where nothing has ever succeeded there is nothing to divide, and an alert would be silent.
  "platform:builds_total:fault_ratio_1h": whereAny(
    ratio(
      sum(rate(counter("builds_total", { result: PLATFORM_FAULTS }), "1h")),
      sum(rate(counter("builds_total", { result: OF_THE_PLATFORM }), "1h")),
    ),
  ),
  "platform:function_cold_start_duration_seconds:p95_1h": whereAny(
    histogramQuantile(0.95, "function_cold_start_duration_seconds", "1h"),
  ),
  "platform:kaniko_cache_hits_total:ratio_1h": whereAny(
    ratio(
      sum(rate(counter("kaniko_cache_hits_total"), "1h")),
      sum(rate(counter("kaniko_cache_requests_total"), "1h")),
    ),
  ),
  // The peak of each build of the hour, also of those that have ended, and the 95th percentile of these: one odd build is no trend.
  "platform:build_memory_working_set_bytes:p95_peak_1h": quantileOfSeries(
    0.95,
    max(
      maxOverTime(
        gauge("container_memory_working_set_bytes", {
          namespace: BUILD_NAMESPACE,
          container: KANIKO_CONTAINER,
        }),
        "1h",
      ),
      "pod",
    ),
  ),
} as const satisfies Record<`platform:${string}:${string}`, Vector<never>>;

export type RecordedName = keyof typeof RECORDED;

/** A recorded series, by its name. */
export const recorded = (name: RecordedName): Vector<never> => name;

export const recordingRules = (): RuleGroup[] => [
  {
    name: "knative-lambda.targets",
    rules: Object.entries(RECORDED).map(([record, expr]) => ({ record, expr })),
  },
];
